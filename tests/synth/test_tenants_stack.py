"""The guardrails of every cluster, as its layer writes them down."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from modules.core.hosts import AdminTool
from modules.core.mesh import GATEWAY, shard_service
from modules.kubernetes.argo_cd.project import RENDERED_KINDS
from modules.kubernetes.service_objects import service_objects

import pytest
from cdktf import App

import main
from environments import load
from environments.schema import Environment
from tests.support.core_kinds import core_mistakes
from tests.support.custom_resources import mistakes
from tests.support.releases import after, named, objects, values
from tests.support.synth import Synth
from tests.support.tenants import with_services
from tests.support.two_tenants import BILLING

from .conftest import TODAY
from .test_every_stack import stack_of

TENANTS = (
    "dev-eu-west-1-tenants",
    "qa-eu-west-1-tenants",
    "prod-eu-west-1-tenants",
    "prod-us-east-1-tenants",
    "management-eu-west-1-tenants",
)
Object = Mapping[str, Any]
# The job that makes Vault what the tenants say mounts what each of them says.
LISTS = {
    ("batch", "CronJob", "vault", "vault-configure"),
    ("batch", "Job", "vault", "vault-configure"),
    # What a tenant's services may do in Vault, and how they are.
    ("", "ConfigMap", "vault", "vault-configure-tenant-shop"),
    ("", "ConfigMap", "shop", "tenant-overview"),
}


@pytest.fixture(scope="module")
def environments() -> Mapping[str, Environment]:
    return load(TODAY)[0]


def guardrails(plan: Synth) -> list[Object]:
    """Return the objects of all bundles of a stack."""
    bundles = [r for r in plan.all("helm_release").values() if not r.get("repository")]
    return [one for release in bundles for one in objects(release)]


def rendered(environment: Environment) -> list[Object]:
    """Return what Git holds of an environment's services."""
    site = environment.site()
    return [m.as_dict() for s in environment.services for m in service_objects(s, site)]


def key(one: Object) -> tuple[str, str, str, str]:
    """Return what tells an object from all others of its cluster."""
    metadata = one["metadata"]
    group = str(one["apiVersion"]).rpartition("/")[0]
    return group, one["kind"], metadata.get("namespace", ""), metadata["name"]


def kinds(found: Sequence[Object], kind: str) -> list[Object]:
    return [one for one in found if one["kind"] == kind]


@pytest.mark.parametrize("stack_id", TENANTS)
def test_every_guardrail_is_valid_against_its_definition(
    stacks: Mapping[str, Synth], tmp_path: Path, stack_id: str
) -> None:
    found = guardrails(stacks[stack_id])

    assert len(found) > 5
    assert core_mistakes(found) == []
    # What Terraform fills in is text like any other.
    assert mistakes(found, tmp_path) == []


@pytest.mark.parametrize("name", ["dev", "qa", "prod"])
def test_everything_that_git_holds_is_valid_against_its_definition(
    environments: Mapping[str, Environment], tmp_path: Path, name: str
) -> None:
    found = rendered(environments[name])

    assert len(found) > 20
    assert core_mistakes(found) == []
    assert mistakes(found, tmp_path) == []


@pytest.mark.parametrize("stack_id", TENANTS)
def test_no_object_is_in_two_releases_or_in_git_and_terraform(
    stacks: Mapping[str, Synth], environments: Mapping[str, Environment], stack_id: str
) -> None:
    name = stack_id.partition("-")[0]
    own = [key(one) for one in [*guardrails(stacks[stack_id]), *rendered(environments[name])]]
    own += [key(one) for one in guardrails(stacks[stack_id.replace("-tenants", "-platform")])]

    assert sorted(one for one in set(own) if own.count(one) > 1) == []


@pytest.mark.requirement("R37")
def test_git_may_hold_what_is_rendered_and_nothing_that_guards(
    environments: Mapping[str, Environment],
) -> None:
    found = {
        ("" if "/" not in str(one["apiVersion"]) else key(one)[0], one["kind"])
        for name in ("dev", "qa", "prod")
        for one in rendered(environments[name])
    }

    assert found <= set(RENDERED_KINDS)
    guards = {"NetworkPolicy", "AuthorizationPolicy", "EnvoyFilter", "Gateway", "Sidecar"}
    assert guards.isdisjoint(kind for _, kind in RENDERED_KINDS)


@pytest.mark.requirement("R13")
@pytest.mark.parametrize("stack_id", TENANTS)
def test_every_cluster_asks_for_mtls_and_refuses_what_no_policy_names(
    stacks: Mapping[str, Synth], stack_id: str
) -> None:
    mesh = objects(named(stacks[stack_id], "mesh"))

    (peers,) = kinds(mesh, "PeerAuthentication")
    (policy,) = kinds(mesh, "AuthorizationPolicy")
    assert (peers["metadata"]["namespace"], peers["spec"]) == (
        "istio-system",
        {"mtls": {"mode": "STRICT"}},
    )
    assert (policy["metadata"]["namespace"], policy["spec"]) == ("istio-system", {})


@pytest.mark.requirement("R35")
@pytest.mark.parametrize("stack_id", TENANTS)
def test_what_the_platform_needs_is_allowed_with_its_charts_and_all_else_refused_after_them(
    stacks: Mapping[str, Synth], tmp_path: Path, stack_id: str
) -> None:
    platform = stacks[stack_id.replace("-tenants", "-platform")]
    allowed = objects(named(platform, "network-policies"))
    (denied,) = objects(named(stacks[stack_id], "default-deny"))

    assert mistakes(allowed, tmp_path) == []
    assert len(allowed) > 100
    assert {rule["action"] for o in allowed for rule in _rules(o)} == {"Allow"}
    assert {rule["action"] for rule in _rules(denied)} == {"Deny"}
    assert denied["spec"]["order"] > max(one["spec"]["order"] for one in allowed)
    assert "calico-status" in after(platform, "network-policies")


def _rules(policy: Object) -> list[Object]:
    return [*policy["spec"].get("ingress", []), *policy["spec"].get("egress", [])]


@pytest.mark.requirement("R39")
@pytest.mark.parametrize("stack_id", TENANTS)
def test_the_mesh_reports_to_whom_its_control_plane_knows(
    stacks: Mapping[str, Synth], environments: Mapping[str, Environment], stack_id: str
) -> None:
    name, region = stack_id.removesuffix("-tenants").split("-", 1)
    mesh = objects(named(stacks[stack_id], "mesh"))
    platform = stacks[f"{name}-{region}-platform"]
    known = values(named(platform, "istiod"))["meshConfig"]["extensionProviders"]
    spec = next(o["spec"] for o in kinds(mesh, "Telemetry") if "tracing" in o["spec"])

    assert spec["tracing"] == [
        {
            "providers": [{"name": provider["name"]} for provider in known],
            "randomSamplingPercentage": (
                environments[name].regions[region].platform.mesh.trace_sampling
            ),
        }
    ]


@pytest.mark.requirement("R14")
@pytest.mark.parametrize("stack_id", TENANTS)
def test_every_gateway_is_registered_in_the_target_group_of_its_region(
    stacks: Mapping[str, Synth], stack_id: str
) -> None:
    (binding,) = kinds(objects(named(stacks[stack_id], "gateway")), "TargetGroupBinding")

    assert binding["spec"]["serviceRef"] == {"name": GATEWAY, "port": 443}
    assert binding["spec"]["targetGroupARN"] == (
        "${data.terraform_remote_state.ingress.outputs.gateway_target_group_arn}"
    )
    assert "networking" not in binding["spec"]


@pytest.mark.requirement("R38")
@pytest.mark.parametrize("region", ["eu-west-1", "us-east-1"])
def test_every_shard_is_registered_in_its_own_target_group(
    stacks: Mapping[str, Synth], environments: Mapping[str, Environment], region: str
) -> None:
    plan = stacks[f"prod-{region}-tenants"]
    shards = list(environments["prod"].edge.shards)

    assert shards == ["api"]
    for number, shard in enumerate(shards):
        (binding,) = objects(named(plan, f"shard-{shard}"))
        assert binding["spec"]["serviceRef"] == {"name": shard_service(shard), "port": 80}
        assert binding["spec"]["targetGroupARN"] == (
            "${element(data.terraform_remote_state.ingress.outputs.shard_target_group_arns, "
            f"{number})}}"
        )


@pytest.mark.parametrize("stack_id", TENANTS)
def test_nothing_is_registered_or_runs_before_what_guards_it(
    stacks: Mapping[str, Synth], stack_id: str
) -> None:
    plan = stacks[stack_id]
    guarded = [
        release["name"]
        for release in plan.all("helm_release").values()
        if release["name"].startswith(("gateway", "shard-", "tenant-", "admin-hosts"))
    ]

    assert "gateway" in guarded
    assert all({"mesh", "default-deny", "admission"} <= after(plan, name) for name in guarded)


@pytest.mark.requirement("R20")
def test_the_hub_brings_every_environment_s_services_in_its_own_way(
    stacks: Mapping[str, Synth],
) -> None:
    found = objects(named(stacks["management-eu-west-1-tenants"], "delivery-shop"))
    sets = {one["metadata"]["name"]: one["spec"] for one in kinds(found, "ApplicationSet")}
    steps = sets["prod-shop"]["strategy"]["rollingSync"]["steps"]

    assert sorted(sets) == ["dev-shop", "prod-shop", "qa-shop"]
    assert [step["matchExpressions"][0]["values"] for step in steps] == [
        ["us-east-1"],
        ["eu-west-1"],
    ]
    for name in ("dev-shop", "qa-shop"):
        assert "strategy" not in sets[name]
        automated = sets[name]["template"]["spec"]["syncPolicy"]["automated"]
        assert (automated["prune"], automated["selfHeal"]) == (True, True)
    assert [one["metadata"]["name"] for one in kinds(found, "AppProject")] == [
        "dev-shop",
        "qa-shop",
        "prod-shop",
    ]


def test_only_the_hub_holds_what_argo_cd_is_told(stacks: Mapping[str, Synth]) -> None:
    with_delivery = [
        stack_id
        for stack_id in TENANTS
        if any(
            r["name"].startswith("delivery") for r in stacks[stack_id].all("helm_release").values()
        )
    ]

    assert with_delivery == ["management-eu-west-1-tenants"]


def test_every_tool_with_a_host_has_a_way_to_it(
    stacks: Mapping[str, Synth], environments: Mapping[str, Environment]
) -> None:
    seen: set[AdminTool] = set()
    for stack_id in TENANTS:
        name, region = stack_id.removesuffix("-tenants").split("-", 1)
        admin = environments[name].regions[region].platform.admin_hosts
        seen |= set(admin)
        routes = {
            host: route["spec"]["http"][0]["route"][0]["destination"]["host"]
            for route in kinds(guardrails(stacks[stack_id]), "VirtualService")
            for host in route["spec"]["hosts"]
        }
        assert set(routes) == set(admin.values())
    assert seen == {AdminTool.ARGO_CD, AdminTool.GRAFANA, AdminTool.KUBECOST, AdminTool.RANCHER}


def others(
    found: Mapping[tuple[str, str, str, str], Object],
    beside: Mapping[tuple[str, str, str, str], Object],
) -> dict[tuple[str, str, str, str], Object]:
    """Return the objects that both have and that list nothing."""
    return {name: one for name, one in found.items() if name in beside and name not in LISTS}


def built(environment: Environment, folder: Path) -> dict[tuple[str, str, str, str], Object]:
    """Return guardrails and rendered objects of an environment's first region."""
    app = App(outdir=str(folder))
    main.build(app, environment)
    region = next(iter(environment.regions))
    layers = [
        Synth(stack_of(app, f"{environment.name}-{region}-{layer}"))
        for layer in ("platform", "tenants")
    ]
    found = [one for plan in layers for one in guardrails(plan)]
    return {key(one): one for one in [*found, *rendered(environment)]}


@pytest.mark.requirement("R44")
def test_a_service_added_changes_its_own_objects_alone(
    environments: Mapping[str, Environment], tmp_path: Path
) -> None:
    prod = environments["prod"]
    catalog, _ = prod.services
    search = catalog.model_copy(
        update={
            "name": "search",
            "routes": (catalog.routes[0].model_copy(update={"host": "search"}),),
            "callers": (),
        }
    )
    more = with_services(prod, (*prod.services, search))

    less = with_services(prod, prod.services)
    before, now = built(less, tmp_path / "before"), built(more, tmp_path / "now")

    assert before.keys() <= now.keys()
    assert others(now, before) == others(before, now)
    added = {name[3] for name in now.keys() - before.keys()}
    assert added
    assert [name for name in added if "search" not in name] == []


def test_a_service_that_goes_takes_its_own_objects_alone(
    environments: Mapping[str, Environment], tmp_path: Path
) -> None:
    prod = environments["prod"]
    catalog, _ = prod.services
    alone = catalog.model_copy(update={"callers": ()})
    both = with_services(prod, (alone, prod.services[1].model_copy(update={"calls": ()})))
    fewer = with_services(prod, (alone,))

    before, now = built(both, tmp_path / "before"), built(fewer, tmp_path / "now")

    assert now.keys() <= before.keys()
    assert others(before, now) == others(now, before)
    assert [name for name in before.keys() - now.keys() if "checkout" not in name[3]] == []


def test_a_tenant_that_goes_takes_all_and_only_its_own_and_leaves_closed_namespaces(
    environments: Mapping[str, Environment], tmp_path: Path
) -> None:
    shop = environments["prod"]
    both = shop.model_copy(update={"tenants": (*shop.tenants, BILLING)})

    with_it, without = built(both, tmp_path / "both"), built(shop, tmp_path / "shop")

    assert without.keys() <= with_it.keys()
    assert others(with_it, without) == others(without, with_it)
    # What lists the tenants differs in their names alone.
    lists = [name for name in LISTS & without.keys() if "shop" not in " ".join(name)]
    assert len(lists) == 2
    for name in lists:
        assert "billing" in str(with_it[name])
        assert "billing" not in str(without[name])
    gone = [name for name in with_it if name not in without]
    assert len(gone) > 20
    assert [
        name for name in gone if not {"billing"} & set(re.split("[^a-z]", " ".join(name)))
    ] == []
    assert [name for name in without if "billing" in " ".join(name)] == []
    # Nothing lets anyone in any more: what is left is refused by the mesh's and Calico's defaults.
    kept = with_it["", "Namespace", "", "billing"]["metadata"]["annotations"]
    assert kept["helm.sh/resource-policy"] == "keep"
