"""What holds for every stack of every environment."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from modules.core.regions import SHORT_REGIONS
from modules.stacks.break_glass import BreakGlassContract
from modules.stacks.cluster import ClusterContract
from modules.stacks.edge import EdgeContract
from modules.stacks.ingress import IngressContract
from modules.stacks.management import ManagementContract
from modules.stacks.network import NetworkContract
from modules.stacks.platform import PlatformContract
from modules.stacks.tenants import TenantsContract

import pytest
from cdktf import App

import main
from ekp.synth import synth
from environments import load, validate
from environments.schema import RegionSettings
from tests.support.settings import written
from tests.support.synth import Synth, document, ref

TODAY = date(2026, 11, 21)
SECRET = re.compile(r"secret|password|token|private.?key|credential|AKIA|BEGIN ", re.IGNORECASE)
# Whose names are inside something that is named already.
NAMED_INSIDE = {
    "aws_iam_role_policy": "its role",
    "aws_eks_addon": "its cluster",
    "aws_glue_catalog_table": "its database",
    "helm_release": "its namespace",
}
# Whose services take no hyphen.
NAMED_WITHOUT_HYPHENS = ("aws_route53_key_signing_key", "aws_glue_catalog_database")
# Whose names are the world's: domains.
NAMED_BY_DNS = ("aws_route53_record", "aws_route53_zone")

NAMES = ("name", "name_prefix", "node_group_name_prefix")


def place(stack_id: str) -> tuple[str, str, str]:
    """Return environment, region and layer of a stack id."""
    environment, _, rest = stack_id.partition("-")
    if rest in ("break-glass", "edge"):
        return environment, "global", rest
    region, _, layer = rest.rpartition("-")
    return environment, region, layer


def home(region: str) -> str:
    """Return where AWS keeps what a stack makes."""
    return "us-east-1" if region == "global" else region


def strings(value: Any) -> Iterator[str]:
    """Yield every text inside a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


@pytest.mark.requirement("R32")
@pytest.mark.requirement("R46")
def test_every_environment_has_an_edge_and_every_region_its_layers(
    stacks: Mapping[str, Synth],
) -> None:
    edges = {f"{environment}-edge" for environment in ("dev", "qa", "prod", "management")}
    assert set(stacks) == edges | {
        f"{place}-{layer}"
        for place in (
            "dev-eu-west-1",
            "qa-eu-west-1",
            "prod-eu-west-1",
            "prod-us-east-1",
            "management-eu-west-1",
        )
        for layer in ("network", "cluster", "ingress", "platform", "tenants")
    } | {"management-eu-west-1-management", "prod-break-glass"}


def test_every_stack_says_what_it_is(stacks: Mapping[str, Synth]) -> None:
    for stack_id, plan in stacks.items():
        facts = plan.json["//"]["ekp"]
        assert (facts["environment"], facts["region"], facts["layer"]) == place(stack_id)
        assert list(facts["contract"]) == sorted(plan.outputs)


@pytest.mark.requirement("R23")
def test_every_state_is_encrypted_locked_and_nobody_else_s(stacks: Mapping[str, Synth]) -> None:
    for stack_id, plan in stacks.items():
        environment, region, layer = place(stack_id)
        assert plan.backend["key"] == f"{environment}/{region}/{layer}.tfstate"
        assert plan.backend["encrypt"] is True
        assert plan.backend["use_lockfile"] is True
    assert len({plan.backend["key"] for plan in stacks.values()}) == len(stacks)


@pytest.mark.requirement("R32")
def test_every_provider_is_pinned_to_its_environment_s_account_and_role(
    stacks: Mapping[str, Synth],
) -> None:
    environments = load(TODAY)[0]

    for stack_id, plan in stacks.items():
        name, region, _ = place(stack_id)
        account = environments[name].account_id
        assert plan.provider["allowed_account_ids"] == [account]
        assert plan.provider["assume_role"] == [{"role_arn": environments[name].deploy_role_arn}]
        assert environments[name].deploy_role_arn.split(":")[4] == account
        assert plan.provider["region"] == home(region)


def test_every_role_is_bounded_where_the_environment_says_so(stacks: Mapping[str, Synth]) -> None:
    environments = load(TODAY)[0]
    bounded = 0

    for stack_id, plan in stacks.items():
        boundary = environments[place(stack_id)[0]].permissions_boundary_arn
        for role in plan.all("aws_iam_role").values():
            assert role.get("permissions_boundary") == boundary
            bounded += boundary is not None
    # Two regions of prod and the hub: the flow logs' role, and five or four of a cluster.
    assert bounded >= 15


READS: Mapping[str, tuple[str, ...]] = {
    "break-glass": (),
    "edge": (),
    "network": (),
    "cluster": ("network",),
    "ingress": ("cluster", "edge", "network"),
    "platform": ("cluster", "network"),
    "management": ("cluster", "platform"),
    "tenants": ("cluster", "ingress"),
}


def test_a_plan_looks_nothing_up_but_the_contracts_its_layer_reads(
    stacks: Mapping[str, Synth],
) -> None:
    for stack_id, plan in stacks.items():
        environment, region, layer = place(stack_id)
        assert list(plan.data) == (["terraform_remote_state"] if READS[layer] else [])
        found = plan.data.get("terraform_remote_state", {})
        assert tuple(sorted(found)) == READS[layer]
        for name, state in found.items():
            where = "global" if name == "edge" else region
            assert state["config"]["key"] == f"{environment}/{where}/{name}.tfstate"
            assert state["config"]["bucket"] == plan.backend["bucket"]


def test_every_name_begins_with_environment_and_region(stacks: Mapping[str, Synth]) -> None:
    wrong = []
    seen = 0
    for stack_id, plan in stacks.items():
        environment, region, _ = place(stack_id)
        prefix = f"ekp-{environment}-{SHORT_REGIONS.get(region, region)}-"
        for address, found in plan.resources().items():
            kind = address.split(".")[0]
            names = [found[key] for key in NAMES if key in found]
            for name in [*names, found.get("tags", {}).get("Name")]:
                if name is None or (name in names and kind in (*NAMED_INSIDE, *NAMED_BY_DNS)):
                    continue
                seen += 1
                own = re.sub(
                    r"^(alias/|/aws/(eks|vpc|route53|containerinsights)/|aws-waf-logs-)", "", name
                )
                own = own.replace("_", "-") if kind in NAMED_WITHOUT_HYPHENS else own
                if not own.startswith(prefix):
                    wrong.append((stack_id, address, name))
    assert wrong == []
    assert seen > 200


def test_no_two_resources_of_an_account_share_a_global_name(stacks: Mapping[str, Synth]) -> None:
    names = [
        (place(stack_id)[0], role["name"])
        for stack_id, plan in stacks.items()
        for role in plan.all("aws_iam_role").values()
    ]

    assert len(names) == len(set(names))


def test_no_resource_is_called_after_an_environment_a_region_or_an_account(
    stacks: Mapping[str, Synth],
) -> None:
    for stack_id, plan in stacks.items():
        environment, region, _ = place(stack_id)
        account = plan.provider["allowed_account_ids"][0]
        for address in plan.addresses:
            # What the hub keeps of another cluster is called after that one.
            if "rancher-registration_" in address and environment == "management":
                continue
            # A zone is an identity of its own, euw1-az1; a region alone is not.
            assert not [part for part in (environment, region, account) if part in address]


def test_no_output_looks_like_a_secret(stacks: Mapping[str, Synth]) -> None:
    values = [
        text
        for plan in stacks.values()
        for name, value in plan.outputs.items()
        for text in (name, *strings(value))
    ]

    assert len(values) > 100
    assert [text for text in values if SECRET.search(text)] == []


def test_contracts_are_published_in_full(stacks: Mapping[str, Synth]) -> None:
    contracts: dict[str, type] = {
        "break-glass": BreakGlassContract,
        "edge": EdgeContract,
        "network": NetworkContract,
        "cluster": ClusterContract,
        "ingress": IngressContract,
        "platform": PlatformContract,
        "management": ManagementContract,
        "tenants": TenantsContract,
    }

    for stack_id, plan in stacks.items():
        assert set(plan.outputs) == set(contracts[place(stack_id)[2]].__annotations__)


def test_every_log_group_is_encrypted_and_expires(stacks: Mapping[str, Synth]) -> None:
    groups = [g for plan in stacks.values() for g in plan.all("aws_cloudwatch_log_group").values()]
    layers = Counter(place(stack_id)[2] for stack_id in stacks)

    # Each has one: edges that serve users one more for their web ACL, platforms two; the hub's and
    # the guardrails' layers none.
    without = layers["management"] + layers["tenants"] + layers["break-glass"]
    assert len(groups) == len(stacks) + 3 + layers["platform"] - without
    assert all(re.fullmatch(r"\$\{aws_kms_key\.\S+\.arn\}", g["kms_key_id"]) for g in groups)
    assert all(g["retention_in_days"] >= 30 for g in groups)


def test_every_key_of_logs_admits_the_logs_service_of_its_region_for_its_own_group(
    stacks: Mapping[str, Synth],
) -> None:
    for stack_id, plan in stacks.items():
        region = home(place(stack_id)[1])
        account = plan.provider["allowed_account_ids"][0]
        for group in plan.all("aws_cloudwatch_log_group").values():
            address = group["kms_key_id"].removeprefix("${").removesuffix(".arn}")
            (_, logs) = document(plan.resources()[address]["policy"])["Statement"]
            assert logs["Principal"] == {"Service": f"logs.{region}.amazonaws.com"}
            assert list(logs["Condition"]["ArnEquals"].values()) == [
                f"arn:aws:logs:{region}:{account}:log-group:{group['name']}"
            ]


@pytest.mark.requirement("R23")
def test_the_address_of_the_key_of_the_secrets_never_changes_or_the_cluster_is_lost(
    stacks: Mapping[str, Synth],
) -> None:
    # EKS never takes another key, and nothing reads the secrets of a key that was deleted. Another
    # address deletes the key: do not change this line, and let `move_from_id` keep what it names.
    address = "aws_kms_key.eks_secrets-key_646F0BF2"
    clusters = {i: plan for i, plan in stacks.items() if i.endswith("-cluster")}

    assert len(clusters) == 5
    for stack_id, plan in clusters.items():
        assert plan.address("aws_kms_key", "eks/secrets-key") == address, stack_id
        assert plan.one("aws_eks_cluster")["encryption_config"] == {
            "provider": {"key_arn": ref(address, "arn")},
            "resources": ["secrets"],
        }


def test_every_control_plane_stands_in_as_many_zones_as_the_settings_say(
    stacks: Mapping[str, Synth],
) -> None:
    environments = load(TODAY)[0]
    found = {}
    for stack_id, plan in stacks.items():
        environment, region, layer = place(stack_id)
        if layer == "cluster":
            eks = environments[environment].regions[region].cluster.eks
            found[stack_id] = eks.control_plane_zones
            assert plan.one("aws_eks_cluster")["vpc_config"]["subnet_ids"] == (
                "${slice(data.terraform_remote_state.network.outputs.isolated_subnet_ids, 0, "
                f"{eks.control_plane_zones})}}"
            )

    assert found == {
        "dev-eu-west-1-cluster": 2,
        "qa-eu-west-1-cluster": 3,
        "prod-eu-west-1-cluster": 3,
        "prod-us-east-1-cluster": 3,
        "management-eu-west-1-cluster": 3,
    }


def test_every_group_of_nodes_joins_by_an_entry_of_its_own(stacks: Mapping[str, Synth]) -> None:
    groups = 0
    for plan in stacks.values():
        for path, group in plan.all("aws_eks_node_group").items():
            entry = plan.all("aws_eks_access_entry")[f"{path}/access-entry"]
            assert (entry["type"], entry["principal_arn"]) == ("EC2_LINUX", group["node_role_arn"])
            groups += 1
    assert groups == 7


def test_no_trust_policy_admits_everyone(stacks: Mapping[str, Synth]) -> None:
    principals = [
        principal
        for plan in stacks.values()
        for role in plan.all("aws_iam_role").values()
        for statement in document(role["assume_role_policy"])["Statement"]
        for principal in statement["Principal"].values()
    ]

    assert len(principals) > 20
    assert [p for p in principals if "*" in p] == []


@pytest.mark.requirement("R22")
def test_no_cluster_has_a_public_endpoint(stacks: Mapping[str, Synth]) -> None:
    clusters = {i: p.one("aws_eks_cluster") for i, p in stacks.items() if i.endswith("-cluster")}

    assert len(clusters) == 5
    assert [i for i, c in clusters.items() if c["vpc_config"]["endpoint_public_access"]] == []


@pytest.mark.requirement("R41")
@pytest.mark.parametrize(
    "stack_id",
    [
        "dev-eu-west-1-cluster",
        "qa-eu-west-1-cluster",
        "prod-eu-west-1-cluster",
        "prod-us-east-1-cluster",
        "management-eu-west-1-cluster",
    ],
)
def test_people_sign_in_to_the_cluster_through_entra_id(
    stacks: Mapping[str, Synth], stack_id: str
) -> None:
    oidc = stacks[stack_id].one("aws_eks_identity_provider_config")["oidc"]

    assert oidc["issuer_url"].startswith("https://login.microsoftonline.com/")
    assert (oidc["groups_claim"], oidc["groups_prefix"]) == ("groups", "entra:")


@pytest.mark.requirement("R23")
def test_two_synths_are_byte_for_byte_the_same(
    outdir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EKP_TODAY", TODAY.isoformat())
    synth(tmp_path / "again")

    first = {p.relative_to(outdir): p.read_bytes() for p in outdir.rglob("*") if p.is_file()}
    again = {
        p.relative_to(tmp_path / "again"): p.read_bytes()
        for p in (tmp_path / "again").rglob("*")
        if p.is_file()
    }
    assert len(first) > 10
    assert first == again


def test_nothing_of_this_machine_is_in_what_is_written(outdir: Path) -> None:
    texts = [p.read_text(encoding="utf-8") for p in outdir.rglob("*") if p.is_file()]
    traces = [str(Path(main.__file__).parent), str(outdir.parent), str(Path.home()) + "/"]

    assert len(texts) > 10
    assert [trace for trace in traces for text in texts if trace in text] == []


@pytest.mark.requirement("R23")
def test_a_region_added_changes_nothing_in_the_first(tmp_path: Path) -> None:
    (one,) = validate((written("prod"),), TODAY)[0].values()
    (other,) = validate(
        (written("prod", region="us-east-1", vpc={"cidr": IPv4Network("10.1.0.0/16")}),), TODAY
    )[0].values()
    regions: dict[str, RegionSettings] = {**other.regions, **one.regions}
    both = one.model_copy(update={"regions": regions})
    before, after = App(outdir=str(tmp_path / "before")), App(outdir=str(tmp_path / "after"))

    main.build(before, one)
    main.build(after, both)

    for layer in ("network", "cluster", "ingress", "platform", "tenants"):
        stack_id = f"prod-eu-west-1-{layer}"
        assert Synth(stack_of(after, stack_id)).json == Synth(stack_of(before, stack_id)).json
    assert Synth(stack_of(after, "prod-edge")).json == Synth(stack_of(before, "prod-edge")).json
    assert len(after.node.children) == len(before.node.children) + 5


def stack_of(app: App, stack_id: str) -> Any:
    """Return a stack of an app."""
    return app.node.find_child(stack_id)
