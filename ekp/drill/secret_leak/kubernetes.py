"""Credentials in clusters: tokens of service accounts, certificates, Secrets that people make."""

from collections.abc import Iterator, Mapping
from typing import Any

from ekp.cluster.bootstrap import secrets_of
from ekp.configured.environment import Configured
from ekp.configured.reading import of_kind
from ekp.drill.report import Check, holds, skipped
from ekp.evaluate.request import named
from ekp.gate.reports.wording import number

from .credential import DAY, Credential
from .vault_read import seconds_of

# What cert-manager gives where nothing is said. Source: cert-manager documentation, "Certificate
# resource", duration.
_CERTIFICATE = 90 * DAY
_WORKLOADS = ("Rollout", "Deployment", "StatefulSet", "DaemonSet")


def credentials(configured: Configured) -> Iterator[Credential]:
    """Yield keys of certificates, and the Secrets that people make."""
    for region in configured.regions:
        for one in of_kind(configured.bundled(region), "Certificate"):
            yield _key(region, one)
    for stack in configured.stacks:
        for secret in secrets_of(stack):
            yield Credential(
                kind="Secret that people make",
                name=secret.place,
                region=stack.region,
                seconds=None,
                ends=f"people: `ekp secrets {configured.environment}` has the command",
                by=f"{stack.id} Secret {secret.place}",
            )


def checks(configured: Configured) -> Iterator[Check]:
    """Yield what must hold in clusters."""
    yield _mounted(configured)


def _key(region: str, one: Mapping[str, Any]) -> Credential:
    spec = one["spec"]
    always = (spec.get("privateKey") or {}).get("rotationPolicy") == "Always"
    return Credential(
        kind="private key of a certificate",
        name=f"{one['metadata'].get('namespace')}/{spec['secretName']}",
        region=region,
        seconds=(seconds_of(spec.get("duration")) or _CERTIFICATE) if always else None,
        ends="cert-manager makes a new key with each certificate; at once: delete the Secret"
        if always
        else "people: a renewed certificate has the same key; delete the Secret",
        by=f"{named(one)} spec.privateKey",
    )


def _mounted(configured: Configured) -> Check:
    must = "Pods of services have no token of the API server, so that none leaks with them."
    accounts = list(of_kind(configured.services, "ServiceAccount"))
    pods = [one for one in configured.services if one.get("kind") in _WORKLOADS]
    if not pods:
        return skipped(must, "There are no services.", remedy="Nothing to do.")
    bad = [
        f"{named(one)} automountServiceAccountToken"
        for one in accounts
        if one.get("automountServiceAccountToken") is not False
    ]
    bad += [
        f"{named(one)} spec.template.spec.automountServiceAccountToken"
        for one in pods
        if one["spec"]["template"]["spec"].get("automountServiceAccountToken") is not False
    ]
    bad += [
        f"{named(one)} spec.template.spec.volumes.{volume['name']}"
        for one in pods
        for volume in one["spec"]["template"]["spec"].get("volumes") or ()
        if _of_api_server(volume)
    ]
    return holds(
        not bad,
        must,
        f"Mounted by {', '.join(bad)}."
        if bad
        else f"{number(len(pods), 'workload')} and {number(len(accounts), 'ServiceAccount')} mount "
        "none; a token for "
        "Vault is asked for by the Vault Secrets Operator, not by the pod.",
        bad or [named(one) for one in (*accounts, *pods)],
        remedy="Render the services anew: `ekp services render`.",
    )


def _of_api_server(volume: Mapping[str, Any]) -> bool:
    """Tell whether a volume has a token that names no audience: then it is the API server's.

    Source: Kubernetes documentation, "Projected Volumes", serviceAccountToken.
    """
    sources = (volume.get("projected") or {}).get("sources") or ()
    tokens = (one["serviceAccountToken"] for one in sources if one.get("serviceAccountToken"))
    return any(not one.get("audience") for one in tokens)
