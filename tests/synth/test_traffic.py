"""`ekp traffic` tells of the synthesized stacks who serves what, and what a move would change."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from modules.core.origin_records import Policy, Share
from modules.stacks.edge import Front
from modules.stacks.ingress import IngressConfig

import pytest
from cdktf import App
from typer.testing import CliRunner, Result

from ekp.cli import app as command_line
from ekp.commands import traffic as commands
from ekp.commands.console import err, out
from ekp.commands.workspace import Workspace
from ekp.runner import stacks
from ekp.runner.errors import NotSynthesizedError, UnknownEnvironmentError
from ekp.traffic.report import Traffic, traffic
from ekp.traffic.shift import RefusedShiftError, edited
from environments import load
from environments.schema import Environment
from tests.support import edge_settings

TODAY = date(2026, 11, 21)
ORIGIN = "origin.prod.ekp.example"


@pytest.fixture(scope="module")
def environments() -> Mapping[str, Environment]:
    return load(TODAY)[0]


@pytest.fixture(autouse=True)
def project(outdir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EKP_TODAY", "2026-11-21")
    monkeypatch.setattr(commands, "workspace", lambda: Workspace(outdir.parent))
    for console in (out, err):
        monkeypatch.setattr(console, "width", 250)


def ekp(*arguments: str) -> Result:
    return CliRunner().invoke(command_line, ["traffic", *arguments])


def of(outdir: Path, environment: str) -> Traffic:
    return traffic(stacks.of_environment(stacks.load(outdir), environment).values(), environment)


def made(tmp_path: Path, policy: Policy, shares: Mapping[str, Share]) -> Traffic:
    """Return the traffic of regions that share an environment's users by a policy."""
    found: dict[str, stacks.Stack] = {}
    for number, (region, share) in enumerate(shares.items()):
        app = App(outdir=str(tmp_path / str(number)))
        edge_settings.ingress_stack(
            app,
            edge_settings.edge(policy=policy),
            IngressConfig(share=share),
            region=region,
        )
        app.synth()
        found |= stacks.load(tmp_path / str(number))
    return traffic(found.values(), "prod")


def answers(found: Traffic) -> dict[tuple[str, str], str]:
    records = found.to_json()["records"]
    return {
        (one["name"], one["region"]): one["share"]
        for one in records
        if one["leads"] != "distribution"
    }


def test_production_s_users_meet_cloudfront_and_then_the_nearest_region(outdir: Path) -> None:
    found = of(outdir, "prod")

    assert answers(found) == {
        (ORIGIN, "eu-west-1"): "users nearest to eu-west-1",
        (ORIGIN, "us-east-1"): "users nearest to us-east-1",
    }
    assert {one.name: one.answered_by for one in found.hosts} == {
        "api.prod.ekp.example": "the wildcard's records",
        "prod.ekp.example": "distribution ekp-prod-global-edge",
        "*.prod.ekp.example": "distribution ekp-prod-global-edge",
    }
    assert found.out == []


def test_a_shard_s_host_goes_to_the_shard_and_all_others_to_the_gateway(outdir: Path) -> None:
    served = {one.name: one.served_by for one in of(outdir, "prod").hosts}

    assert served["api.prod.ekp.example"] == {
        "eu-west-1": "ekp-prod-euw1-api, HTTP port 80",
        "us-east-1": "ekp-prod-use1-api, HTTP port 80",
    }
    assert served["*.prod.ekp.example"] == {
        "eu-west-1": "ekp-prod-euw1-gateway-tls, HTTPS port 443",
        "us-east-1": "ekp-prod-use1-gateway-tls, HTTPS port 443",
    }


def test_a_region_leaves_the_answers_by_its_own_gateway_s_alarm(outdir: Path) -> None:
    for record in of(outdir, "prod").regional:
        assert record.health is not None
        assert record.health.alarm_region == record.region
        short = {"eu-west-1": "euw1", "us-east-1": "use1"}[record.region]
        assert record.health.alarm == f"ekp-prod-{short}-gateway-healthy"
        assert record.health.line == "out while fewer than 1 targets are healthy for 2 min"
        assert record.health.without_figures == "Unhealthy"


def test_cloudfront_s_paths_stand_in_the_order_that_counts(outdir: Path) -> None:
    (distribution,) = of(outdir, "prod").distributions

    assert [(one.paths, one.cached) for one in distribution.behaviors] == [
        ("/_ekp/*", True),
        ("/static/*", True),
        ("*", False),
    ]
    pages, static, rest = (one.origin for one in distribution.behaviors)
    assert "last-resort" in pages
    assert (static, rest) == (ORIGIN, ORIGIN)
    assert distribution.last_resort == [502, 503, 504]


def test_a_load_balancer_s_rules_stand_in_the_order_that_counts(outdir: Path) -> None:
    for balancer in of(outdir, "prod").balancers:
        assert [one.priority for one in balancer.rules] == [101, 50000, None]
        assert [list(one.headers) for one in balancer.rules] == [
            ["x-origin-verify"],
            ["x-origin-verify"],
            [],
        ]
        assert balancer.rules[-1].to == "403 Forbidden"
        assert [one.partition("-")[0] for one in balancer.open_to] == ["pl"]


def test_the_hub_is_met_directly_from_listed_networks(outdir: Path) -> None:
    found = of(outdir, "management")

    assert found.to_json()["way_in"] == "direct"
    assert found.distributions == []
    assert answers(found) == {
        ("management.ekp.example", "eu-west-1"): "all: the only region",
        ("*.management.ekp.example", "eu-west-1"): "all: the only region",
    }
    assert {one.answered_by for one in found.hosts} == {"the regions"}
    (balancer,) = found.balancers
    assert [one.partition(" ")[0] for one in balancer.open_to] == [
        "198.51.100.0/24",
        "203.0.113.16/30",
        "203.0.113.32/30",
    ]


def test_weights_become_percents_of_their_sum(tmp_path: Path) -> None:
    found = made(
        tmp_path, Policy.WEIGHTED, {"eu-west-1": Share(weight=90), "us-east-1": Share(weight=30)}
    )

    assert answers(found) == {
        (ORIGIN, "eu-west-1"): "75 % (weight 90 of 120)",
        (ORIGIN, "us-east-1"): "25 % (weight 30 of 120)",
    }


def test_a_region_that_does_not_serve_is_out(tmp_path: Path) -> None:
    found = made(
        tmp_path, Policy.LATENCY, {"eu-west-1": Share(), "us-east-1": Share(serving=False)}
    )

    assert found.out == ["us-east-1"]
    assert answers(found) == {(ORIGIN, "eu-west-1"): "all: the only region"}


def test_a_tree_s_branches_are_names_of_their_own(tmp_path: Path) -> None:
    canary = Share(weight=10, canary_of="eu-west-1")
    found = made(tmp_path, Policy.TREE, {"eu-west-1": Share(weight=90), "us-east-1": canary})

    assert answers(found) == {
        (ORIGIN, "eu-west-1"): "all: the only region",
        (f"eu-west-1.{ORIGIN}", "eu-west-1"): "90 % (weight 90 of 100)",
        (f"eu-west-1.{ORIGIN}", "us-east-1"): "10 % (weight 10 of 100)",
    }
    assert found.out == []


def test_a_distribution_that_reaches_into_the_vpc_is_found_in_its_region(tmp_path: Path) -> None:
    app = App(outdir=str(tmp_path / "inside"))
    edge_settings.ingress_stack(app, edge_settings.edge(front=Front.VPC_ORIGIN))
    app.synth()
    found = traffic(stacks.load(tmp_path / "inside").values(), "prod")

    (distribution,) = found.distributions
    assert distribution.region == "eu-west-1"
    assert distribution.behaviors[-1].origin == "ekp-prod-euw1-alb"
    assert (found.regional, found.out) == ([], [])


def test_the_command_shows_hosts_regions_and_what_it_does_not_know() -> None:
    shown = ekp("prod").stdout

    for part in (
        "api.prod.ekp.example",
        "users nearest to eu-west-1",
        "ekp-prod-use1-gateway-healthy in us-east-1",
        "not what is measured",
        "Argo Rollouts sets them in the clusters",
    ):
        assert part in shown


def test_an_environment_may_follow_the_word_itself() -> None:
    alone, named = ekp("prod", "--json"), ekp("show", "prod", "--json")

    assert (alone.exit_code, named.exit_code) == (0, 0)
    assert json.loads(alone.stdout) == json.loads(named.stdout)
    assert json.loads(alone.stdout)["regions"] == ["eu-west-1", "us-east-1"]


def test_help_shows_both_forms() -> None:
    shown = " ".join(ekp("--help").stdout.replace("│", " ").split())

    assert "ekp traffic prod" in shown
    assert "ekp traffic shift prod --region us-east-1 --weight 20" in shown
    assert "Example: ekp traffic shift prod" in ekp("shift", "--help").stdout


def test_mistakes_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    unknown = ekp("prdo").exception
    assert isinstance(unknown, UnknownEnvironmentError)
    assert "Did you mean prod?" in unknown.remedy
    assert isinstance(
        ekp("shift", "prdo", "--region=us-east-1", "--weight=1").exception, UnknownEnvironmentError
    )
    assert ekp("shift", "prod", "--region=us-east-1", "--weight=256").exit_code == 2
    assert ekp("shift", "prod", "--region=us-east-1", "--weight=-1").exit_code == 2
    refused = ekp("shift", "dev", "--region=eu-west-1", "--weight=1")
    assert refused.exit_code == 2
    assert "dev has one region" in refused.stderr
    monkeypatch.setattr(commands, "workspace", lambda: Workspace(tmp_path))
    assert isinstance(ekp("prod").exception, NotSynthesizedError)


def with_shares(prod: Environment, policy: Policy, shares: Mapping[str, Share]) -> Environment:
    regions = dict(prod.regions)
    for region, share in shares.items():
        ingress = regions[region].ingress.model_copy(update={"share": share})
        regions[region] = regions[region].model_copy(update={"ingress": ingress})
    edge = prod.edge.model_copy(update={"policy": policy})
    return prod.model_copy(update={"edge": edge, "regions": regions})


def test_a_shift_edits_the_policy_once_and_the_weight(
    environments: Mapping[str, Environment],
) -> None:
    prod = environments["prod"]
    changed, edits = edited(prod, "us-east-1", 20)

    assert [(one.setting, one.before, one.after) for one in edits] == [
        ("prod.edge.policy", "latency", "weighted"),
        ("prod.regions[us-east-1].ingress.share.weight", "100", "20"),
    ]
    assert prod.edge.policy is Policy.LATENCY
    again, fewer = edited(changed, "us-east-1", 40)
    assert [one.setting for one in fewer] == ["prod.regions[us-east-1].ingress.share.weight"]
    assert again.regions["eu-west-1"] == prod.regions["eu-west-1"]
    assert edited(again, "us-east-1", 40)[1] == []


@pytest.mark.parametrize(
    ("policy", "shares", "region", "said"),
    [
        (Policy.LATENCY, {}, "mars", "mars is no region of prod; use one of eu-west-1, us-east-1"),
        (
            Policy.WEIGHTED,
            {"eu-west-1": Share(weight=0)},
            "us-east-1",
            "all have weight 0, which Route53 takes as equal weights",
        ),
        (
            Policy.WEIGHTED,
            {"us-east-1": Share(serving=False)},
            "us-east-1",
            "no record leads there for a weight to count in",
        ),
        (
            Policy.FAILOVER,
            {"us-east-1": Share(standby=True)},
            "us-east-1",
            "weights decide nothing",
        ),
    ],
)
def test_a_shift_that_would_do_something_else_is_refused(
    environments: Mapping[str, Environment],
    policy: Policy,
    shares: Mapping[str, Share],
    region: str,
    said: str,
) -> None:
    with pytest.raises(RefusedShiftError, match=said):
        edited(with_shares(environments["prod"], policy, shares), region, 0)


def test_a_shift_shows_its_plan_and_changes_nothing(outdir: Path) -> None:
    before = {file: file.read_bytes() for file in outdir.rglob("*.json")}
    done = ekp("shift", "prod", "--region=us-east-1", "--weight=20", "--json")

    assert done.exit_code == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["stacks"] == [
        {
            "stack": f"prod-{region}-ingress",
            "add": ["records/origin-weighted"],
            "change": [],
            "destroy": ["records/origin-latency"],
        }
        for region in ("eu-west-1", "us-east-1")
    ]
    assert {one["region"]: one["share"] for one in found["after"]} == {
        "eu-west-1": "83.3 % (weight 100 of 120)",
        "us-east-1": "16.7 % (weight 20 of 120)",
    }
    policy, grows = found["warnings"]
    assert policy.startswith("The routing policy changes, and users see errors meanwhile.")
    assert found["interrupts"] is True
    # The way that interrupts nobody stands before the one that does.
    assert "share.serving = False" in found["steps"][0]
    assert "at once again" in found["steps"][-2]
    assert grows.startswith("eu-west-1 takes 83.3 % of all users")
    assert before == {file: file.read_bytes() for file in outdir.rglob("*.json")}
