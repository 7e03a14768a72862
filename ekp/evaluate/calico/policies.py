"""What policies of Calico and Kubernetes say of a connection, and which of them said it.

Source: projectcalico/calico, felix/rules/endpoints.go (tiers, end of a tier, profiles),
felix/rules/static.go (a node reaches its own pods).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..request import Decision, Object, Unsupported, named
from .endpoints import NAMESPACE, Connection, Endpoint
from .rules import matches
from .tiers import Policy, Tier, read


@dataclass(frozen=True, slots=True)
class Policies:
    """All policies of a cluster, read once."""

    tiers: tuple[Tier, ...]

    @classmethod
    def of(cls, objects: Iterable[Object]) -> "Policies":
        """Read the policies among objects of any kind.

        Raises:
            Unsupported: an object would change what is let through and is not evaluated.
        """
        return cls(read(objects))

    def network(
        self, source: Endpoint, target: Endpoint, port: int, protocol: str = "TCP"
    ) -> Decision:
        """Decide on a connection: what leaves its source, then what enters its target.

        Args:
            source: Who opens it.
            target: Who is to accept it.
            port: The pod's own port, not a Service's.
            protocol: ``TCP``, ``UDP`` or ``SCTP``.

        Raises:
            Unsupported: the answer hangs on something that is not evaluated.
        """
        connection = Connection(source=source, target=target, port=port, protocol=protocol)
        if source.own_node:
            # "We don't currently police host -> endpoint": felix/rules/static.go.
            return Decision(
                allowed=True, by="Calico", why=f"{connection}: a node reaches its own pods"
            )
        decisions = [
            self._decide(direction, end.labels, connection)
            for direction, end in (("Egress", source), ("Ingress", target))
            if end.labels is not None
        ]
        for decision in decisions:
            if not decision.allowed:
                return decision
        return Decision(
            allowed=True,
            by="; ".join(each.by for each in decisions) or "Calico",
            why="; ".join(each.why for each in decisions) or f"{connection}: neither is a pod",
        )

    def _decide(
        self, direction: str, labels: Mapping[str, str], connection: Connection
    ) -> Decision:
        """Decide on one side of a connection, that of the pod with the labels."""
        why = "no policy selects it"
        for tier in self.tiers:
            governing = [
                policy
                for policy in tier.policies
                if direction in policy.types and policy.selects(labels)
            ]
            if governing:
                if found := _decided(tier, governing, direction, connection):
                    return found
                why = "every tier that selects it passes it on"
        # Every namespace is a profile that allows all: conversion.go, NamespaceToProfile.
        return Decision(
            allowed=True,
            by=f"Profile kns.{labels[NAMESPACE]}",
            why=f"{direction} of {connection}: {why}",
        )


def network(
    objects: Iterable[Object],
    source: Endpoint,
    target: Endpoint,
    port: int,
    protocol: str = "TCP",
) -> Decision:
    """Decide on one connection; ``Policies.network`` reads the objects once for many."""
    return Policies.of(objects).network(source, target, port, protocol)


def _decided(
    tier: Tier, governing: list[Policy], direction: str, connection: Connection
) -> Decision | None:
    """Return what a tier decides; None: it passes the connection on."""
    side = direction.lower()
    for policy in governing:
        for number, rule in enumerate(policy.spec.get(side) or ()):
            where = rule.get("place", f"{side}[{number}]")
            plain = {key: value for key, value in rule.items() if key != "place"}
            action = plain.get("action")
            if action not in ("Allow", "Deny", "Pass", "Log"):
                raise Unsupported(policy.source, where, f"there is no action {action!r}")
            if action == "Log" or not matches(policy.source, where, plain, connection):
                continue
            if action == "Pass":
                return None
            by = f"{named(policy.source)} {where}"
            return Decision(action == "Allow", by, f"{direction} of {connection}: {action}")
    if tier.passes:
        return None
    names = ", ".join(named(policy.source) for policy in governing)
    return Decision(
        allowed=False,
        by=f"Tier {tier.name}",
        why=f"{direction} of {connection}: no rule of {names} matches",
    )
