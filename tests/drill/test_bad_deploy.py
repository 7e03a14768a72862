"""A bad version is sent away before many meet it, and the drill says so where it would not be.

Prometheus itself evaluates the queries: it is started once, with the series of production's
deploys, and asked by every test whose deploys are the same.
"""

import copy
import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from modules.core.delivery import BlueGreen
from modules.core.services import Protocol
from modules.core.site import Site
from modules.kubernetes.service_objects import service_objects

import pytest

from ekp.configured.environment import Configured
from ekp.drill import prometheus
from ekp.drill.bad_deploy.drill import before, judge, run
from ekp.drill.bad_deploy.subject import subjects
from ekp.drill.bad_deploy.trial import deploys_of, samples
from ekp.drill.place import Place
from ekp.drill.prometheus import PrometheusError, QueryError, Server, serving
from ekp.drill.report import Check, Drill, Outcome
from tests.support.shop import service

PROGRAM = prometheus.found()
needed = pytest.mark.skipif(
    PROGRAM is None, reason="no prometheus: `apt-get install prometheus`, which CI does"
)
STATIC = Place()
Edit = Callable[[dict[str, Any]], object]


@pytest.fixture(scope="session")
def server(prod: Configured) -> Iterator[Server]:
    """Prometheus with what production's deploys would have left there."""
    assert PROGRAM is not None
    with serving(PROGRAM, samples(deploys_of(subjects(prod.services)))) as running:
        yield running


def judged(configured: Configured, server: Server, *names: str) -> Drill:
    """Return the drill on series of production: queries and conditions may differ, steps not."""
    found = subjects(configured.services)
    deploys = [one for one in deploys_of(found) if not names or one[0].name in names]
    return judge(configured, before(configured, found), deploys, server)


def with_services(prod: Configured, objects: Iterable[Mapping[str, Any]]) -> Configured:
    """Return production with other objects in Git; what is read of its stacks is kept."""
    return Configured(prod.environment, prod.reader, tuple(objects))


def edited(prod: Configured, kind: str, name: str, edit: Edit) -> Configured:
    """Return production with one object changed."""

    objects: list[Any] = copy.deepcopy(list(prod.services))
    (chosen,) = (one for one in objects if (one["kind"], one["metadata"]["name"]) == (kind, name))
    edit(chosen)
    return with_services(prod, objects)


def canary(edit: Edit) -> Edit:
    return lambda found: edit(found["spec"]["strategy"]["canary"])


def metric(name: str, edit: Edit) -> Edit:
    def change(template: dict[str, Any]) -> None:
        (chosen,) = (one for one in template["spec"]["metrics"] if one["name"] == name)
        edit(chosen)

    return change


def query(name: str, old: str, new: str) -> Edit:
    def change(found: dict[str, Any]) -> None:
        provider = found["provider"]["prometheus"]
        assert old in provider["query"]
        provider["query"] = provider["query"].replace(old, new)

    return metric(name, change)


def bad(drill: Drill) -> list[Check]:
    return [check for check in drill.checks if check.outcome is Outcome.FAILED]


def says(drill: Drill, *words: str) -> bool:
    """Whether one failed check says all of some words."""
    texts = [f"{one.must} {one.observed} {' '.join(one.by)} {one.remedy}" for one in bad(drill)]
    return any(all(word in text for word in words) for text in texts)


def rows(drill: Drill, service: str) -> Mapping[str, Mapping[str, str]]:
    (table,) = (one for one in drill.tables if service in one.title)
    return {row[0]: dict(zip(table.columns, row, strict=True)) for row in table.rows}


@needed
@pytest.mark.requirement("R28")
def test_a_bad_version_is_sent_away_in_two_minutes_at_its_first_share(
    prod: Configured, server: Server
) -> None:
    drill = judged(prod, server)

    assert bad(drill) == []
    assert drill.outcome is Outcome.PASSED
    for name, share, after in (("catalog", "5%", "120 s"), ("checkout", "10%", "720 s")):
        found = rows(drill, name)
        for deploy in ("all requests fail", "1 in 20 fails", "1 in 20 is slow", "no pod answers"):
            told = found[deploy]
            assert (told["ending"], told["after"], told["at share"]) == ("aborted", after, share)
    weights = [one.observed for one in drill.checks if one.must.startswith("An abort gives all")]
    assert len(weights) == 2
    assert all("weights after: stable 100, canary 0" in one for one in weights)


@needed
def test_a_healthy_version_gets_everything_after_all_its_pauses(
    prod: Configured, server: Server
) -> None:
    drill = judged(prod, server)

    for name, after in (("catalog", "900 s"), ("checkout", "1500 s")):
        healthy = rows(drill, name)["healthy"]
        assert (healthy["ending"], healthy["after"]) == ("promoted", after)
        assert healthy["p99-latency"] != "-"


@needed
def test_no_user_meets_a_version_that_testers_found_bad(prod: Configured, server: Server) -> None:
    found = rows(judged(prod, server), "checkout")["all fail, testers send some"]

    assert (found["ending"], found["at share"]) == ("aborted", "0%")
    assert found["bad answers until then"] == "0.00%"


@needed
def test_a_version_without_requests_goes_on_and_it_is_said_that_nothing_was_measured(
    prod: Configured, server: Server
) -> None:
    drill = judged(prod, server)

    found = rows(drill, "catalog")["nobody sends anything"]
    assert (found["ending"], found["success-rate"]) == ("promoted", "-")
    (few,) = (one for one in drill.checks if "no or few requests shop/catalog" in one.must)
    assert "42 measurements undecided, its AnalysisRun ends Successful" in few.observed


@needed
def test_that_nobody_reaches_the_old_version_is_a_weak_spot_with_the_way_out(
    prod: Configured, server: Server
) -> None:
    drill = judged(prod, server)

    weak = [one for one in drill.checks if one.outcome is Outcome.NOTED]
    assert len(weak) == 2
    assert all("no answer of the old one's pods" in one.must for one in weak)
    assert "no pod of the old version answers: aborted after 120 s at 5%" in weak[0].observed
    assert all("promote --full" in one.remedy for one in weak)


@needed
def test_callers_that_were_asked_about_the_new_version_alone_would_be_no_weak_spot(
    prod: Configured, server: Server
) -> None:
    def blind(found: dict[str, Any]) -> None:
        metrics = found["spec"]["metrics"]
        found["spec"]["metrics"] = [one for one in metrics if one["name"] != "mesh-errors"]

    drill = judged(edited(prod, "AnalysisTemplate", "catalog", blind), server, "catalog")

    assert says(drill, "whose pods callers do not reach", "no pod answers: promoted")
    assert not any(one.outcome is Outcome.NOTED for one in drill.checks)
    assert not says(drill, "A good version of shop/catalog comes in")


@needed
@pytest.mark.parametrize(
    ("name", "edit", "words"),
    [
        (
            "success-rate",
            lambda one: one.update(
                successCondition="len(result) > 0 && result[0] >= 0.5",
                failureCondition="len(result) > 0 && result[0] < 0.5",
            ),
            ("1 in 20 fails: promoted", "AnalysisTemplate shop/catalog", "tighten the conditions"),
        ),
        (
            "p99-latency",
            lambda one: one.update(failureCondition="len(result) > 0 && result[0] > 60000"),
            ("A slow version of shop/catalog", "promoted"),
        ),
        (
            "mesh-errors",
            lambda one: one.update(failureCondition="len(result) > 0 && result[0] > 0.5"),
            ("whose pods callers do not reach", "no pod answers: promoted"),
        ),
        (
            "pods-measured",
            lambda one: one.update(successCondition="true"),
            ("that nobody measures is sent away", "its pods are no targets: promoted"),
        ),
        (
            "pods-measured",
            lambda one: one.update(successCondition="true"),
            ("Having measured nothing is no success", "pods-measured is successful"),
        ),
        (
            "success-rate",
            lambda one: one.update(failureLimit=1000),
            ("all requests fail: promoted", "failureLimit"),
        ),
        (
            "success-rate",
            lambda one: one.update(failureLimit=4),
            ("gone within 180 s", "300 s after users met it"),
        ),
        (
            "success-rate",
            lambda one: one.pop("inconclusiveLimit"),
            ("With no or few requests", "nobody sends anything: waits for a person after 60 s"),
        ),
        (
            "success-rate",
            lambda one: one.update(failureCondition="len(result) > 0 && result[0] < 0.99999"),
            ("A healthy version of shop/catalog gets all requests", "aborted"),
        ),
    ],
)
def test_a_measure_that_judges_otherwise_fails_the_drill(
    prod: Configured, server: Server, name: str, edit: Edit, words: tuple[str, ...]
) -> None:
    drill = judged(
        edited(prod, "AnalysisTemplate", "catalog", metric(name, edit)), server, "catalog"
    )

    assert says(drill, *words), bad(drill)
    assert not any("checkout" in check.must for check in bad(drill))


@needed
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            query("success-rate", 'reporter="destination"', 'reporter="server"'),
            ("Every measure of shop/catalog", "no value of success-rate"),
        ),
        (
            query("success-rate", "destination_canonical_service", "destination_service_label"),
            ("name metrics and labels", "success-rate: the label destination_service_label"),
        ),
        (
            query("success-rate", "istio_requests_total", "istio_request_total"),
            ("name metrics and labels", "the metric istio_request_total"),
        ),
        (
            # Without the version the old one's good answers hide the new one's errors.
            query("success-rate", ',pod=~"catalog-{{args.hash}}-.*"', ""),
            ("answers with errors is sent away", "errors are 1.5 budgets: promoted"),
        ),
        (
            query("pods-measured", "sum(up{", "(up{"),
            ("A query of shop/catalog gives one value", "several values of pods-measured"),
        ),
        (
            query("success-rate", "{{args.hash}}", "{{args.version}}"),
            ("nobody says what {{args.version}} is",),
        ),
    ],
)
def test_a_query_that_asks_for_something_else_fails_the_drill(
    prod: Configured, server: Server, change: Edit, words: tuple[str, ...]
) -> None:
    drill = judged(edited(prod, "AnalysisTemplate", "catalog", change), server, "catalog")

    assert says(drill, *words), bad(drill)


@needed
def test_without_an_analysis_every_bad_version_is_promoted(
    prod: Configured, server: Server
) -> None:
    without = edited(prod, "Rollout", "catalog", canary(lambda found: found.pop("analysis")))

    drill = judged(without, server, "catalog")

    assert says(drill, "shop/catalog is measured", "no analysis", "canary.analysis")
    assert says(drill, "answers with errors", "all requests fail: promoted after 900 s")


@pytest.mark.parametrize(
    ("kind", "name", "edit", "words"),
    [
        (
            "Rollout",
            "catalog",
            canary(lambda found: found.pop("analysis")),
            ("shop/catalog is measured", "no analysis"),
        ),
        (
            "Rollout",
            "catalog",
            canary(lambda found: found["analysis"].update(templates=[{"templateName": "gone"}])),
            ("AnalysisTemplate shop/gone, which is not there", "InvalidSpec"),
        ),
        (
            "Rollout",
            "catalog",
            canary(lambda found: found["analysis"].update(args=[])),
            ("nobody says what {{args.hash}} is",),
        ),
        (
            "Rollout",
            "catalog",
            canary(lambda found: found["analysis"].update(dryRun=[{"metricName": ".*"}])),
            ("shop/catalog is measured", "dryRun"),
        ),
        (
            "Rollout",
            "catalog",
            canary(lambda found: found.update(steps=[{"setWeight": 100}])),
            ("ended before it has all", "Rollout shop/catalog strategy", "longer pauses"),
        ),
        (
            "Rollout",
            "catalog",
            canary(lambda f: f.update(steps=[{"setWeight": 100}, {"pause": {"duration": 900}}])),
            ("ended before it has all", "when it has 100%"),
        ),
        (
            "Rollout",
            "catalog",
            canary(lambda found: found["steps"].insert(0, {"setWeight": 100})),
            ("is measured while it comes in", "two without a pause"),
        ),
        (
            "Rollout",
            "catalog",
            canary(lambda found: found["analysis"].update(startingStep=5)),
            ("ended before it has all", "measured from 600 s on"),
        ),
        (
            "AnalysisTemplate",
            "catalog",
            metric("success-rate", lambda one: one.update(failureLimit=1000)),
            ("ended before it has all", "60060 s"),
        ),
        (
            "Rollout",
            "catalog",
            canary(lambda found: found.pop("trafficRouting")),
            ("can go back", "trafficRouting", "no share of requests can be set"),
        ),
        (
            "Rollout",
            "catalog",
            canary(lambda found: found.update(dynamicStableScale=True)),
            ("can go back", "dynamicStableScale"),
        ),
        (
            "Rollout",
            "catalog",
            lambda found: found["spec"].pop("progressDeadlineAbort"),
            ("do not become ready is given up", "progressDeadlineAbort"),
        ),
        (
            "VirtualService",
            "catalog-versions",
            lambda found: found["metadata"].update(name="other"),
            ("can go back", "VirtualService shop/catalog-versions is not there"),
        ),
        (
            "VirtualService",
            "catalog-versions",
            lambda found: found["spec"]["http"].append(found["spec"]["http"][0]),
            ("can go back", "2 routes"),
        ),
        (
            "VirtualService",
            "checkout-versions",
            lambda found: found["spec"]["http"][0].update(name="main"),
            ("can go back", "a named route never gets its weights"),
        ),
        (
            "VirtualService",
            "catalog-versions",
            lambda found: found["spec"]["http"][0]["route"].pop(),
            ("can go back", "no route leads to subset canary"),
        ),
        (
            "DestinationRule",
            "catalog",
            lambda found: found["spec"]["subsets"].pop(),
            ("can go back", "DestinationRule shop/catalog has no subset canary"),
        ),
        (
            "PodMonitor",
            "catalog",
            lambda found: found["spec"]["selector"].update(matchLabels={"app": "other"}),
            ("name metrics and labels", "scraped by no PodMonitor"),
        ),
        (
            "AnalysisTemplate",
            "catalog",
            metric(
                "success-rate", lambda m: m["provider"]["prometheus"].update(address="http://p")
            ),
            ("may ask Prometheus in eu-west-1", "it asks http://p;"),
        ),
    ],
)
def test_what_is_taken_out_fails_the_drill_even_without_prometheus(
    prod: Configured, kind: str, name: str, edit: Edit, words: tuple[str, ...]
) -> None:
    assert says(run(edited(prod, kind, name, edit), STATIC), *words)


def test_a_workload_that_no_rollout_brings_in_fails_the_drill(prod: Configured) -> None:
    plain = {"kind": "Deployment", "metadata": {"namespace": "shop", "name": "old"}}

    drill = run(with_services(prod, [*prod.services, plain]), STATIC)

    assert says(drill, "comes in by a Rollout", "Deployment shop/old")


def test_a_network_that_keeps_argo_rollouts_from_prometheus_fails_the_drill(
    prod: Configured,
) -> None:
    deny = {
        "apiVersion": "projectcalico.org/v3",
        "kind": "GlobalNetworkPolicy",
        "metadata": {"name": "deny-prometheus"},
        "spec": {
            "order": 1,
            "selector": "app.kubernetes.io/name == 'prometheus'",
            "types": ["Ingress"],
            "ingress": [{"action": "Deny"}],
        },
    }

    drill = run(with_services(prod, [*prod.services, deny]), STATIC)

    assert says(drill, "may ask Prometheus in eu-west-1", "deny-prometheus")


def test_without_prometheus_the_drill_says_what_to_install(prod: Configured) -> None:
    drill = run(prod, STATIC)

    (check,) = (one for one in drill.checks if one.outcome is Outcome.SKIPPED)
    assert "Debian's package prometheus" in check.remedy
    assert drill.outcome is Outcome.PASSED
    assert drill.tables == ()


def test_an_environment_without_services_has_nothing_to_deploy(prod: Configured) -> None:
    drill = run(with_services(prod, []), STATIC)

    assert drill.outcome is Outcome.SKIPPED


@needed
@pytest.mark.parametrize(
    ("settings", "share"),
    [({"strategy": BlueGreen()}, "100%"), ({"protocol": Protocol.GRPC}, "5%")],
    ids=["blue-green", "gRPC"],
)
def test_other_strategies_and_protocols_are_sent_away_too(
    prod: Configured, settings: dict[str, Any], share: str
) -> None:
    site = Site(domain="example.org")
    objects = [one.as_dict() for one in service_objects(service(routes=(), **settings), site)]

    drill = run(with_services(prod, objects), Place(prometheus=PROGRAM))

    assert bad(drill) == []
    found = rows(drill, "shop/cart")
    assert found["healthy"]["ending"] == "promoted"
    assert (found["all requests fail"]["after"], found["all requests fail"]["at share"]) == (
        "120 s",
        share,
    )


@needed
def test_prometheus_is_gone_when_what_asked_it_fails() -> None:
    assert PROGRAM is not None
    ports: list[int] = []

    def ask() -> None:
        with serving(PROGRAM, ["a 7 1767225600\n"]) as running:
            ports.append(running.port)
            assert running.ask("a", 1_767_225_630.0) == (7.0,)
            assert running.ask("scalar(a)", 1_767_225_630.0) == 7.0
            assert running.ask("b", 1_767_225_630.0) == ()
            running.ask("sum(", 0.0)

    with pytest.raises(QueryError, match="parse error"):
        ask()
    with socket.socket() as asking:
        assert asking.connect_ex(("127.0.0.1", *ports)) != 0


# Says what it has started, and waits until somebody ends it. Whoever runs the tests may ignore
# signals, as shells do for what runs in the background: a person at a terminal does not.
WAITING = """
import signal, sys
from ekp.drill import prometheus
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
with prometheus.serving(sys.argv[1], []) as server:
    print(server.port, flush=True)
    sys.stdin.read()
"""


@needed
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_prometheus_and_its_folder_are_gone_when_ekp_is_ended(
    ending: signal.Signals, tmp_path: Path
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WAITING, str(PROGRAM)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        text=True,
    ) as waiting:
        assert waiting.stdout is not None
        port = int(waiting.stdout.readline())
        assert list(tmp_path.iterdir()) != []
        waiting.send_signal(ending)
        status = waiting.wait(timeout=60)

    assert status in (128 + ending, -ending)
    assert list(tmp_path.iterdir()) == []
    with socket.socket() as asking:
        assert asking.connect_ex(("127.0.0.1", port)) != 0


@needed
def test_another_drill_s_prometheus_on_the_port_is_not_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert PROGRAM is not None
    with serving(PROGRAM, ["a 7 1767225600\n"]) as other:
        monkeypatch.setattr(prometheus, "_free_port", lambda: other.port)
        with pytest.raises(PrometheusError, match="address already in use"), serving(PROGRAM, []):
            pass


def test_a_prometheus_that_goes_away_is_no_finding_about_the_service(prod: Configured) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        gone = Server(port, http.client.HTTPConnection("127.0.0.1", port))

        with pytest.raises(PrometheusError, match="answers no more"):
            judged(prod, gone, "catalog")


@needed
def test_what_is_wrong_with_prometheus_is_said(tmp_path: Path) -> None:
    assert PROGRAM is not None
    broken = tmp_path / "prometheus"
    broken.write_text("#!/bin/sh\necho out of order >&2\nexit 1\n", encoding="utf-8")
    broken.chmod(0o755)

    with pytest.raises(PrometheusError, match="out of order"), serving(str(broken), []):
        pass
    with pytest.raises(PrometheusError, match="takes no samples"), serving(PROGRAM, ["a\n"]):
        pass
