"""Admission policies: what Git holds of services stays inside their own namespace."""

from ..manifest import Manifest
from .identities import identities
from .injection import proxied, templates
from .measurements import analyses, rules
from .pod_secrets import pod_secrets
from .policy import SERVICES_LABEL
from .secrets import vault_auths, vault_others, vault_secrets
from .telemetry import dashboards, monitors
from .traffic import addresses, destination_rules, rollouts, virtual_services

__all__ = ["SERVICES_LABEL", "service_admission"]


def service_admission(domain: str) -> list[Manifest]:
    """Return the policies for namespaces of services, each followed by its binding.

    They hold where the namespace has ``SERVICES_LABEL``, for whoever writes there, at every CREATE
    and UPDATE. What is there already stays until it is written again.

    Args:
        domain: the environment's domain, under which are the hosts of its users.
    """
    policies = (
        rollouts(),
        virtual_services(domain),
        destination_rules(),
        addresses(),
        templates(),
        proxied(),
        identities(),
        vault_secrets(),
        vault_auths(),
        vault_others(),
        pod_secrets(),
        analyses(),
        rules(),
        dashboards(),
        monitors(),
    )
    return [manifest for policy in policies for manifest in policy.manifests()]
