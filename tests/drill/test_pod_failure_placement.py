"""The simulation of the scheduler: where pods go, and what is left without a node or a zone."""

from dataclasses import replace
from typing import Any

from ekp.drill.instances import instance_type
from ekp.drill.pod_failure import losses, nodes
from ekp.drill.pod_failure.nodes import Group, Zone
from ekp.drill.pod_failure.placement import Placement
from ekp.drill.pod_failure.quantities import Room
from ekp.drill.pod_failure.scheduler import place
from ekp.drill.pod_failure.workload import PER_NODE, Role, Spread, Topology, Workload

ZONES = tuple(
    Zone(f"az{number}", f"region{letter}") for number, letter in ((1, "a"), (2, "b"), (3, "c"))
)
TAINT = {"key": "only", "value": "shards", "effect": "NoSchedule"}
WEB = Workload(
    kind="Deployment",
    namespace="shop",
    name="web",
    role=Role.SERVES,
    by="Deployment shop/web",
    setting="",
    replicas=3,
    requests=Room(100, 128),
)
EVENLY = (Spread(Topology.ZONE), Spread(Topology.NODE))
STRICTLY = (Spread(Topology.ZONE, hard=True),)


def group(**more: Any) -> Group:
    """Return a group of nodes over three zones, with some of it changed."""
    found: dict[str, Any] = {
        "name": "general",
        "by": "group",
        "instance": instance_type("m7i.xlarge"),
        "zones": ZONES,
        "min_size": 6,
        "max_size": 9,
        "labels": {},
        "taints": (),
        **more,
    }
    return Group(**found)


def placed(*workloads: Workload, groups: tuple[Group, ...] = ()) -> Placement:
    """Return where the pods of workloads run."""
    every = list(groups or (group(),))
    return place(every, nodes.first(every), list(workloads))


def test_nodes_are_even_over_zones() -> None:
    assert [node.zone.id for node in nodes.first([group()])] == ["az1", "az2", "az3"] * 2


def test_pods_are_spread_over_zones_and_nodes_where_there_is_room() -> None:
    found = placed(replace(WEB, replicas=6, spreads=EVENLY))

    assert found.zones(WEB) == {"az1": 2, "az2": 2, "az3": 2}
    assert losses.node_lost(found, WEB).left == 5
    assert losses.zone_lost(found, WEB).left == 4


def test_pods_that_nothing_holds_apart_are_taken_to_be_together() -> None:
    found = placed(WEB)

    assert losses.node_lost(found, WEB).left == 0


def test_pods_apart_by_node_alone_may_share_a_zone() -> None:
    found = placed(replace(WEB, replicas=2, apart=frozenset({Topology.NODE})))

    assert losses.node_lost(found, WEB).left == 1
    assert losses.zone_lost(found, WEB).left == 0


def test_a_soft_spread_gives_way_to_room_and_a_hard_one_waits() -> None:
    one_zone = group(zones=ZONES[:1], min_size=1, max_size=1)
    many = replace(WEB, requests=Room(1000, 128), spreads=EVENLY)
    assert placed(many, groups=(one_zone,)).zones(WEB) == {"az1": 3}
    beside = (one_zone, group(name="other", zones=ZONES[1:2], min_size=1, max_size=1))
    hard = placed(
        replace(WEB, replicas=9, requests=Room(1900, 128), spreads=STRICTLY), groups=beside
    )
    assert hard.zones(WEB) == {"az1": 2, "az2": 2}
    assert len(hard.waiting) == 5


def test_a_hard_spread_never_gives_a_zone_two_more_than_another() -> None:
    tainted = group(name="tainted", zones=ZONES[2:], min_size=1, taints=(TAINT,))
    two = group(zones=ZONES[:2], min_size=2, max_size=2)

    waits = placed(replace(WEB, spreads=STRICTLY), groups=(two, tainted))
    honors = (replace(STRICTLY[0], honors_taints=True),)

    assert len(waits.waiting) == 1
    assert not placed(replace(WEB, spreads=honors), groups=(two, tainted)).waiting


def test_selectors_and_taints_decide_which_nodes_take_a_pod() -> None:
    shards = group(name="shards", labels={"for": "shards"}, taints=(TAINT,))
    every = (group(), shards)
    tolerant = replace(
        WEB,
        tolerations=({"key": "only", "operator": "Equal", "value": "shards"},),
        node_selector={"for": "shards"},
        spreads=EVENLY,
    )

    assert {node.group.name for node in placed(WEB, groups=every).pods.values()} == {"general"}
    assert {node.group.name for node in placed(tolerant, groups=every).pods.values()} == {"shards"}
    assert placed(replace(tolerant, tolerations=()), groups=every).waiting


def test_required_affinity_decides_too() -> None:
    arm = group(name="arm", labels={"kubernetes.io/arch": "arm64"})
    term = {
        "matchExpressions": [
            {"key": "kubernetes.io/arch", "operator": "In", "values": ["arm64"]},
            {"key": "gpu", "operator": "DoesNotExist"},
        ]
    }

    found = placed(replace(WEB, node_terms=(term,)), groups=(group(), arm))

    assert {node.group.name for node in found.pods.values()} == {"arm"}


def test_a_full_cluster_grows_as_far_as_it_may() -> None:
    small = group(min_size=1, max_size=2)
    found = placed(replace(WEB, requests=Room(3000, 128)), groups=(small,))

    assert len(found.started) == 1
    assert len(found.waiting) == 1


def test_daemons_take_room_on_every_node() -> None:
    agent = replace(WEB, kind=PER_NODE, name="agent", replicas=0, requests=Room(3900, 64))

    assert len(placed(WEB, agent).waiting) == 3


def test_pods_of_high_priority_come_first() -> None:
    small = group(min_size=1, max_size=1)
    first = replace(WEB, name="zz", priority=10, replicas=1, requests=Room(3900, 64))

    found = placed(replace(WEB, replicas=1), first, groups=(small,))

    assert [pod.workload.name for pod in found.waiting] == ["web"]


def test_pods_of_a_lost_zone_start_elsewhere_unless_their_volume_is_there() -> None:
    kept = replace(WEB, name="store", kind="StatefulSet", spreads=STRICTLY, volume=True)
    every = [group(min_size=3, max_size=3)]
    workloads = [replace(WEB, spreads=EVENLY), kept]
    found = place(every, nodes.first(every), workloads)

    again = losses.recovered(every, found, workloads, ZONES[0])

    assert (again.nodes_lost, again.pods_lost) == (1, 2)
    assert [pod.workload.name for pod in again.bound] == ["store"]
    assert again.without_room == ()
