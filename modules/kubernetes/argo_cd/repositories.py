"""The Secrets with which Argo CD fetches private repositories: their places, never their values."""

import hashlib
from collections.abc import Mapping, Sequence

from ...core.bootstrap_secrets import BootstrapSecret
from ...core.fleet import Delivered
from . import NAMESPACE

LABELS: Mapping[str, str] = {"argocd.argoproj.io/secret-type": "repository"}


def repository_secrets(delivered: Sequence[Delivered]) -> list[BootstrapSecret]:
    """Return one Secret for each private repository, in the order of their addresses.

    Source: Argo CD 3.4, operator manual, declarative setup, "Repositories".
    """
    repositories = {
        repository.url
        for one in delivered
        for tenancy in one.tenancies
        if (repository := tenancy.tenant.repository or one.delivery.repository).private
    }
    return [_secret(url) for url in sorted(repositories)]


def _secret(url: str) -> BootstrapSecret:
    https = url.startswith("https://")
    keys = ("username", "password") if https else ("sshPrivateKey",)
    digest = hashlib.sha256(url.encode()).hexdigest()[:8]
    return BootstrapSecret(
        namespace=NAMESPACE,
        name=f"repository-{digest}",
        keys=("type", "url", *keys),
        purpose=f"fetching {url}: type is git, url is this address, and the rest is "
        f"{'an account' if https else 'a deploy key'} that may read and not write",
        labels=LABELS,
        blocks=False,
    )
