"""A whole environment as a picture: its layers by region, and what flows between them."""

from collections.abc import Iterator, Mapping, Sequence

from ekp.charts.releases import Release
from ekp.configured.reading import Reader, resources
from ekp.configured.reading import every as every_of
from ekp.gate.reports.wording import number
from ekp.runner import stacks as stacks_of
from ekp.runner.stacks import Stack

from . import hub, region, workloads
from .front import USERS, front
from .picture import Box, Edge, Flow, Kind, Node, Picture

# From the way in down to what all stands on; layers of other names come last.
ORDER = (
    "edge",
    "break-glass",
    "ingress",
    "tenants",
    "management",
    "platform",
    "cluster",
    "network",
)
GLOBAL = "global"


def draw(every: Mapping[str, Stack], environment: str) -> Picture:
    """Return the picture of an environment.

    Args:
        every: all synthesized stacks; those of other environments tell who looks after clusters.
        environment: the one to draw.

    Raises:
        UnknownEnvironmentError: no stack belongs to it.
    """
    chosen = list(stacks_of.of_environment(every, environment).values())
    reader = Reader(every)
    before = front(reader, chosen)
    entered = region.entrances(reader, chosen)
    nodes: dict[str, list[Node]] = {id_: list(found) for id_, found in before.nodes.items()}
    edges = [*before.edges, *region.to_entrances(reader, chosen, entered)]
    for stack in chosen:
        found, ways = _layer(reader, stack, chosen, entered)
        nodes.setdefault(stack.id, []).extend(found)
        edges += ways
    shown = {stack.id: stack for stack in chosen if nodes.get(stack.id)}
    regions = {stack.id: _region(stack.region) for stack in chosen}
    others, links = hub.beyond(environment, hub.links(every), regions)
    return Picture(
        environment=environment,
        title=f"Environment {environment}",
        nodes=(USERS,),
        boxes=(*_accounts(reader, chosen, nodes), *others),
        edges=(*edges, *links, *_contracts(reader, shown)),
    )


def _layer(
    reader: Reader,
    stack: Stack,
    chosen: Sequence[Stack],
    entered: Mapping[str, Sequence[tuple[Release, Node]]],
) -> tuple[list[Node], list[Edge]]:
    """Return what a stack holds, told by its resources; layers are not asked for by name."""
    own = entered.get(stack.id, ())
    found = [
        *region.ingress(reader, stack),
        *(node for _, node in own),
        *region.cluster(stack),
        *region.network(stack),
        *workloads.tenants(reader, stack),
        *workloads.tools(reader, stack),
        *workloads.charts(stack, (release for release, _ in own)),
        *_break_glass(stack, chosen),
    ]
    near = [
        one for other in chosen if other.region == stack.region for one in entered.get(other.id, ())
    ]
    used, uses = workloads.uses(reader, stack, found)
    below = [
        Edge(node.name, chart.name, Flow.ORDER)
        for _, node in own[-1:]
        for chart in found
        if chart.columns
    ]
    return [*found, *used], [*workloads.to_tenants(reader, stack, found, near), *uses, *below]


def _break_glass(stack: Stack, chosen: Sequence[Stack]) -> Iterator[Node]:
    roles = {str(one.body["name"]) for one in resources(stack, "aws_iam_role")}
    entered = [
        entry
        for entry in every_of(chosen, "aws_eks_access_entry")
        if str(entry.body["principal_arn"]).rpartition("/")[2] in roles
    ]
    for user in resources(stack, "aws_iam_user"):
        lines = (str(user.body["name"]), f"may enter {number(len(entered), 'cluster')}")
        yield Node(f"user {user.body['name']}", Kind.PEOPLE, "Emergency user", lines)


def _accounts(
    reader: Reader, chosen: Sequence[Stack], nodes: Mapping[str, Sequence[Node]]
) -> Iterator[Box]:
    for account in sorted({stack.account for stack in chosen}):
        here = [stack for stack in chosen if stack.account == account]
        regions = sorted({stack.region for stack in here}, key=lambda one: (one != GLOBAL, one))
        yield Box(
            f"account {account}",
            f"AWS account {account}",
            boxes=tuple(
                Box(_region(one), one, boxes=tuple(_layers(reader, one, here, nodes)))
                for one in regions
            ),
        )


def _layers(
    reader: Reader, place: str, here: Sequence[Stack], nodes: Mapping[str, Sequence[Node]]
) -> Iterator[Box]:
    for stack in sorted(here, key=lambda one: _rank(one.layer)):
        if stack.region == place and nodes.get(stack.id):
            read = [one.layer for one in reader.reads(stack).values()]
            note = f"reads {', '.join(sorted(read, key=_rank))}" if read else ""
            several = tuple(nodes[stack.id])
            yield Box(_box(stack), stack.layer, note, several, level=stack.region == GLOBAL)


def _rank(layer: str) -> int:
    return ORDER.index(layer) if layer in ORDER else len(ORDER)


def _contracts(reader: Reader, shown: Mapping[str, Stack]) -> Iterator[Edge]:
    """Yield who reads what of whom; what is read through another layer anyhow is left to notes."""
    reads = {
        id_: {one.id for one in reader.reads(stack).values()} & shown.keys()
        for id_, stack in shown.items()
    }

    def behind(id_: str) -> set[str]:
        return {id_}.union(*(behind(one) for one in reads.get(id_, ())))

    for reading, several in reads.items():
        for one in sorted(several):
            through_others = set().union(*(behind(other) for other in several - {one}))
            if one not in through_others:
                upward = _rank(shown[one].layer) > _rank(shown[reading].layer)
                ends = _box(shown[one]), _box(shown[reading])
                yield Edge(*ends, Flow.CONTRACT, upward=upward)


def _region(name: str) -> str:
    return f"region {name}"


def _box(stack: Stack) -> str:
    return f"layer {stack.id}"
