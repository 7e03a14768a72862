"""The walk over the graph."""

import threading

import pytest

from ekp.runner import graph

CHAIN = {"network": (), "cluster": ("network",), "platform": ("cluster",), "edge": ()}


def test_a_node_starts_only_after_all_it_depends_on() -> None:
    order: list[str] = []

    graph.walk(CHAIN, order.append, parallelism=4, failed=lambda _: False)

    assert order.index("network") < order.index("cluster") < order.index("platform")


def test_independent_nodes_run_at_the_same_time() -> None:
    together = threading.Barrier(3, timeout=10)

    outcomes = graph.walk(
        {"a": (), "b": (), "c": ()},
        lambda _: together.wait(),
        parallelism=3,
        failed=lambda _: False,
    )

    assert all(isinstance(one, graph.Done) for one in outcomes.values())


def test_no_more_nodes_run_at_once_than_parallelism_allows() -> None:
    running, most, lock = 0, 0, threading.Lock()
    pair = threading.Barrier(2, timeout=10)

    def work(_node: str) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        pair.wait()
        with lock:
            running -= 1

    graph.walk(dict.fromkeys("abcdef", ()), work, parallelism=2, failed=lambda _: False)

    assert most == 2


def test_a_failure_stops_only_what_depends_on_it_and_is_named() -> None:
    outcomes = graph.walk(
        CHAIN, lambda node: node, parallelism=1, failed=lambda node: node == "network"
    )

    assert outcomes == {
        "network": graph.Done("network"),
        "cluster": graph.Skipped(("network",)),
        "platform": graph.Skipped(("network",)),
        "edge": graph.Done("edge"),
    }


def test_nothing_new_starts_once_the_run_is_to_stop() -> None:
    done: list[str] = []

    outcomes = graph.walk(
        CHAIN, done.append, parallelism=1, failed=lambda _: False, stop=lambda: bool(done)
    )

    assert len(done) == 1
    assert list(outcomes.values()).count(graph.NotStarted()) == 3


def test_reversed_every_node_comes_before_what_it_depends_on() -> None:
    order: list[str] = []

    graph.walk(graph.reverse(CHAIN), order.append, parallelism=1, failed=lambda _: False)

    assert order.index("platform") < order.index("cluster") < order.index("network")


def test_a_node_left_out_still_orders_its_neighbours() -> None:
    assert graph.restrict(CHAIN, {"network", "platform"}) == {
        "network": (),
        "platform": ("network",),
    }


def test_a_circle_is_refused() -> None:
    with pytest.raises(ValueError, match=r"circle: a, b"):
        graph.walk({"a": ("b",), "b": ("a",)}, str, parallelism=1, failed=lambda _: False)


def test_an_exception_waits_for_the_work_of_others() -> None:
    begun, ended = threading.Event(), threading.Event()

    def work(node: str) -> None:
        if node == "bad":
            assert begun.wait(10)
            raise OSError("broken")
        begun.set()
        ended.set()

    with pytest.raises(OSError, match="broken"):
        graph.walk({"bad": (), "good": ()}, work, parallelism=2, failed=lambda _: False)

    assert ended.is_set()
