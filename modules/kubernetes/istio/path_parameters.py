"""Paths with parameters (``/a;b``): refused, since policies and Java read them differently."""

from typing import Any

from ...core.mesh import MESH_ROOT
from ..manifest import Manifest
from .http_filters import put_first

PATH_PARAMETERS = "path-parameters"
"""Name of the object, and of the policy that stands in logs beside the refusal."""
FILTER = "ekp.path_parameters"
"""The filter's name in proxies; not Istio's own, which AuthorizationPolicies are in."""
# Encoded too: a framework that decodes first, or twice, finds the parameter then. The one that
# refuses both by itself is Spring Security, "HttpFirewall", StrictHttpFirewall.
_PARAMETER = ".*(;|%3[Bb]).*"
_RBAC = "envoy.extensions.filters.http.rbac.v3.RBAC"


def refuse_path_parameters() -> list[Manifest]:
    """Return the filter by which every proxy answers 403 to a path with ``;``, encoded or not.

    RFC 3986 lets segments of a path end in parameters. Servlet containers take them off before
    they resolve dots and find the application; Istio's normalization knows none. So
    ``/shop/public/..;/admin`` is under ``/shop/public/`` to a policy and ``/shop/admin`` to Tomcat,
    and ``/shop/admin;x`` is no path that a rule for ``/shop/admin`` names. A query may have
    ``;``: Envoy compares the path without it (``envoy.type.matcher.v3.PathMatcher``).

    It holds for gateways and for what comes in to pods, not for what goes out to others. Filters
    of the root namespace are put in before those of a proxy's own, and each is put first: so the
    rate limits and the removal of forged headers come before it, tokens and policies after it.
    Source: istio 1.30, ``pilot/pkg/model/push_context.go``, ``EnvoyFilters``.

    No tool of the platform has ``;`` in the paths of its own pages or API; in Vault, a secret whose
    name has one is out of reach over the gateway.
    """
    patches = [_patch(context) for context in ("GATEWAY", "SIDECAR_INBOUND")]
    return [
        Manifest(
            api_version="networking.istio.io/v1alpha3",
            kind="EnvoyFilter",
            name=PATH_PARAMETERS,
            namespace=MESH_ROOT,
            fields={"spec": {"configPatches": patches}},
        )
    ]


def _patch(context: str) -> dict[str, Any]:
    path = {"safe_regex": {"regex": _PARAMETER}}
    policy = {"permissions": [{"url_path": {"path": path}}], "principals": [{"any": True}]}
    config = {
        "@type": f"type.googleapis.com/{_RBAC}",
        "rules": {"action": "DENY", "policies": {PATH_PARAMETERS: policy}},
    }
    return put_first(context, FILTER, config)
