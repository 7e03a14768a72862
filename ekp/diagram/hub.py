"""Who looks after whose clusters: the hub's roles, and the roles in clusters that trust them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ekp.configured.reading import Reader, document, resources
from ekp.evaluate.blocks import entries
from ekp.runner.stacks import Stack

from .picture import Box, Edge, Flow, Kind, Node


@dataclass(frozen=True)
class Link:
    """The stack with the hub's roles, and a cluster's stack that trusts them."""

    hub: Stack
    spoke: Stack


def links(every: Mapping[str, Stack]) -> list[Link]:
    """Return who looks after whom, among the stacks of all environments."""
    by_arn = {
        f"arn:aws:iam::{stack.account}:role/{role.body['name']}": stack
        for stack in every.values()
        for role in resources(stack, "aws_iam_role")
        if "name" in role.body
    }
    found = {
        (hub.id, stack.id): Link(hub, stack)
        for stack in every.values()
        if stack.resources.get("aws_eks_cluster")
        for arn in _trusted(stack)
        if (hub := by_arn.get(arn)) is not None and hub.environment != stack.environment
    }
    return list(found.values())


def _trusted(stack: Stack) -> Iterator[str]:
    """Yield the roles that may take on a role of the cluster's access entries."""
    for entry in resources(stack, "aws_eks_access_entry"):
        role = Reader({}).referred(stack, entry.body["principal_arn"])
        if role is None:
            continue
        for statement in document(role.body["assume_role_policy"])["Statement"]:
            condition = statement.get("Condition", {}).get("ArnEquals", {})
            yield from map(str, entries(condition.get("aws:PrincipalArn")))


def beyond(
    environment: str, found: Iterable[Link], regions: Mapping[str, str]
) -> tuple[Sequence[Box], Sequence[Edge]]:
    """Return the other end of each link of an environment, in boxes by and the edges.

    Args:
        environment: the one that is drawn.
        found: who looks after whom.
        regions: the box of each of its stacks' region, by the stack's id.
    """
    boxes: dict[str, dict[str, Node]] = {}
    edges: list[Edge] = []
    for link in found:
        if environment == link.spoke.environment:
            node = Node(
                f"hub {link.hub.environment} {link.hub.region}",
                Kind.OUTSIDE,
                f"Hub: {link.hub.environment}",
                (link.hub.region, *_tools(link.hub), "looks after the clusters"),
            )
            boxes.setdefault(link.hub.account, {})[node.name] = node
            head = regions[link.spoke.id]
            edges.append(Edge(node.name, head, Flow.ACCESS, upward=True))
        elif environment == link.hub.environment:
            version = next(iter(resources(link.spoke, "aws_eks_cluster"))).body["version"]
            node = Node(
                f"cluster {link.spoke.environment} {link.spoke.region}",
                Kind.OUTSIDE,
                f"{link.spoke.environment} {link.spoke.region}",
                (f"EKS {version}",),
            )
            boxes.setdefault(link.spoke.account, {})[node.name] = node
            edges.append(Edge(regions[link.hub.id], node.name, Flow.ACCESS))
    return (
        [
            Box(f"account {number}", f"AWS account {number}", nodes=tuple(nodes.values()))
            for number, nodes in boxes.items()
        ],
        edges,
    )


def _tools(hub: Stack) -> tuple[str, ...]:
    releases = hub.resources.get("helm_release", {}).values()
    names = sorted(str(one["chart"]) for one in releases if "repository" in one)
    return (", ".join(names),) if names else ()
