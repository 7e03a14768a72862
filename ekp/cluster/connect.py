"""A cluster's Kubernetes API: signed in, bounded in time, its errors in words."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import urllib3
from kubernetes.client.api_client import ApiClient
from kubernetes.client.configuration import Configuration
from kubernetes.client.exceptions import ApiException

from . import kinds
from .answers import refused, unanswered
from .contract import Cluster
from .kinds import ACCESS_REVIEW, Kind, Object
from .token import Tokens

PAGE = 500  # objects of one answer; a list of all pods of a large cluster is tens of megabytes
MULTIPLE_CHOICES, NOT_FOUND, CONFLICT = 300, 404, 409
PASSING = (429, 500, 502, 503, 504)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long one call may take, and how often it is made when the API does not answer."""

    connect_seconds: float = 10.0
    read_seconds: float = 30.0
    retries: int = 2
    backoff_seconds: float = 1.0


class Api:
    """The calls that are made to one cluster. Used from several threads."""

    def __init__(
        self,
        cluster: Cluster,
        *,
        token: Callable[[], str] | None = None,
        timeouts: Timeouts | None = None,
    ) -> None:
        limits = timeouts or Timeouts()
        self.cluster = cluster
        self._token = token or Tokens(cluster).current
        self._timeout = (limits.connect_seconds, limits.read_seconds)
        configuration = Configuration(host=cluster.endpoint, ca_cert_data=cluster.authority)
        configuration.retries = urllib3.Retry(
            total=limits.retries,
            redirect=False,  # the API sends nobody elsewhere; a portal on the way does
            # Every call of this class may be made twice: a second delete finds nothing.
            allowed_methods=None,
            status_forcelist=PASSING,
            raise_on_status=False,
            respect_retry_after_header=False,
            backoff_factor=limits.backoff_seconds,
        )
        self._client = ApiClient(configuration)

    def may(self, verb: str, kind: Kind) -> bool:
        """Whether the role may do that everywhere in the cluster."""
        asked = {"verb": verb, "group": kind.group, "resource": kind.plural}
        body = {
            "apiVersion": f"{ACCESS_REVIEW.group}/{ACCESS_REVIEW.version}",
            "kind": ACCESS_REVIEW.name,
            "spec": {"resourceAttributes": asked},
        }
        answer = self._call("POST", ACCESS_REVIEW.path(), body=body)
        return bool(answer and answer.get("status", {}).get("allowed"))

    def all(self, kind: Kind) -> list[Object]:
        """Every object of a kind, in all namespaces; none where the kind is not installed."""
        return list(self._pages(kind))

    def _pages(self, kind: Kind) -> Iterator[Object]:
        following = ""
        while True:
            asked = {"limit": str(PAGE)} | ({"continue": following} if following else {})
            page = self._call("GET", f"{kind.path()}?{urlencode(asked)}") or {}
            yield from page.get("items") or ()
            following = (page.get("metadata") or {}).get("continue") or ""
            if not following:
                return

    def find(self, kind: Kind, namespace: str, name: str) -> Object | None:
        """One object, if it is there."""
        found: Object | None = self._call("GET", kind.path(namespace, name))
        return found

    def patch(self, kind: Kind, body: Object, change: Mapping[str, Any]) -> None:
        """Merge a change into an object; one that is gone stays gone."""
        self._call(
            "PATCH",
            kind.path(*kinds.where(body)),
            body=change,
            content="application/merge-patch+json",
        )

    def delete(self, kind: Kind, body: Object) -> None:
        """Ask for this very object to be deleted; what depends on it follows.

        An object of the same name that was made since stays: it was not looked at.
        """
        options = {
            "propagationPolicy": "Background",
            "preconditions": {"uid": kinds.uid(body)},
        }
        self._call("DELETE", kind.path(*kinds.where(body)), body=options)

    def _call(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        content: str = "application/json",
    ) -> Any:
        """Make one call; None where there is nothing at the path, or not what was to be deleted.

        Raises:
            ClusterError: it cannot be made, or the API refuses it.
        """
        headers = {
            "Accept": "application/json",
            "Authorization": f"Bearer {self._token()}",
            "Content-Type": content,
        }
        try:
            answer: Any = self._client.call_api(
                method,
                self.cluster.endpoint + path,
                headers,
                body,
                _request_timeout=self._timeout,
            )
            text: bytes = answer.read()
        except (urllib3.exceptions.HTTPError, ApiException, OSError) as error:
            raise unanswered(self.cluster, error) from None
        if answer.status == NOT_FOUND or (method == "DELETE" and answer.status == CONFLICT):
            return None
        what = f"{method} {path.partition('?')[0]}"
        if answer.status >= MULTIPLE_CHOICES:
            raise refused(self.cluster, answer.status, what, text)
        try:
            return json.loads(text)
        except ValueError:
            raise refused(self.cluster, answer.status, what, text) from None
