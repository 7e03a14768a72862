"""The plan of an upgrade: its order, and what must be mended or known before."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from modules.addons.cluster_autoscaler import IMAGES
from modules.addons.karpenter_nodes import KarpenterConfig
from modules.core.chart_compatibility import COMPATIBILITY, Compatibility
from modules.core.config import deferred_validation
from modules.core.eks_addons import VERSIONS, Addon
from modules.stacks.cluster import ClusterConfig

import pytest

from ekp.upgrade.cluster import clusters
from ekp.upgrade.findings import Weight
from ekp.upgrade.gate import CHECK, known_minors
from ekp.upgrade.plan import IllegalUpgradeError, UpgradePlan, upgrade_plan
from ekp.upgrade.steps import Phase
from environments import load, validate
from environments.schema import Environment
from tests.support.settings import written

TODAY = date(2026, 11, 21)
Environments = Mapping[str, Environment]


@pytest.fixture(scope="module")
def environments() -> Environments:
    return load(TODAY)[0]


def plan(
    environments: Environments,
    name: str = "dev",
    target: str = "1.36",
    *,
    gate_minors: tuple[str, ...] | None = None,
    exceptions: Path = Path("no-such-file.yaml"),
) -> UpgradePlan:
    return upgrade_plan(
        environments, name, target, today=TODAY, gate_minors=gate_minors, exceptions=exceptions
    )


def at(environments: Environments, versions: Mapping[str, str], name: str = "prod") -> Environments:
    """Return the environments with other minors in the regions of one."""
    return with_regions(
        environments, {region: {"eks": {"version": v}} for region, v in versions.items()}, name
    )


def with_regions(
    environments: Environments, changes: Mapping[str, dict[str, Any]], name: str
) -> Environments:
    """Return the environments with other settings of clusters in the regions of one."""
    regions = dict(environments[name].regions)
    for region, parts in changes.items():
        cluster = regions[region].cluster
        update = {
            part: getattr(cluster, part).model_copy(update=values) for part, values in parts.items()
        }
        regions[region] = regions[region].model_copy(
            update={"cluster": cluster.model_copy(update=update)}
        )
    changed = environments[name].model_copy(update={"regions": regions})
    return {**environments, name: changed}


def said(found: UpgradePlan, weight: Weight) -> dict[str, str]:
    return {one.subject: one.message for one in found.regions[0].findings if one.weight is weight}


def test_environments_go_as_they_are_written_and_the_hub_last(environments: Environments) -> None:
    backwards = dict(reversed(list(environments.items())))

    assert plan(environments).order == ["dev", "qa", "prod", "management"]
    assert plan(backwards).order == ["prod", "qa", "dev", "management"]


def test_environments_before_that_are_older_are_named(environments: Environments) -> None:
    assert plan(environments, "dev").behind == {}
    assert plan(environments, "prod").behind == {"dev": "1.35", "qa": "1.35"}
    upgraded = at(environments, {"eu-west-1": "1.36"}, "dev")
    assert plan(upgraded, "prod").behind == {"qa": "1.35"}


def test_regions_go_as_the_waves_say(environments: Environments) -> None:
    assert list(environments["prod"].regions) == ["eu-west-1", "us-east-1"]
    regions = [one.cluster.region for one in plan(environments, "prod").regions]
    assert regions == ["us-east-1", "eu-west-1"]


def test_steps_of_a_cluster_stand_in_the_only_order_that_is_legal(
    environments: Environments,
) -> None:
    steps = plan(environments).regions[0].steps

    deploy = [one.what.split()[:2] for one in steps if one.phase is Phase.DEPLOY]
    assert deploy == [
        ["control", "plane"],
        ["add-ons", "vpc-cni"],
        ["node", "group"],
        ["add-ons", "coredns"],
        ["charts:", "cluster-autoscaler's"],
    ]
    assert "kube-proxy" in steps[[one.phase for one in steps].index(Phase.DEPLOY) + 1].what
    phases = [one.phase for one in steps]
    assert phases == sorted(
        phases, key=[Phase.LOOK, Phase.CHANGE, Phase.DEPLOY, Phase.VERIFY].index
    )


def test_a_step_names_the_setting_and_what_is_written_there(environments: Environments) -> None:
    first, second = plan(environments, "prod").regions

    for region in (first, second):
        (edit,) = (one for one in region.steps if one.value == '"1.36"')
        assert edit.setting == f"prod.regions[{region.cluster.region}].cluster.eks.version"
        assert edit.how == f'{edit.setting} = "1.36"'
    commands = [one.how for one in first.steps]
    assert commands.index("ekp plan prod") < commands.index("ekp deploy prod")


def test_the_region_s_users_are_led_away_and_back_where_another_can_serve(
    environments: Environments,
) -> None:
    for region in plan(environments, "prod").regions:
        moves = [one for one in region.steps if one.phase is Phase.TRAFFIC]
        assert [one.value for one in moves] == ["False", "True"]
        assert {one.setting for one in moves} == {
            f"prod.regions[{region.cluster.region}].ingress.share.serving"
        }
        places = [region.steps.index(one) for one in moves]
        deploys = [n for n, one in enumerate(region.steps) if one.phase is Phase.DEPLOY]
        assert places[0] < min(deploys) < max(deploys) < places[1]
    alone = plan(environments, "dev").regions[0].steps
    assert [one for one in alone if one.phase is Phase.TRAFFIC] == []


def test_a_region_that_runs_the_target_is_left_alone(environments: Environments) -> None:
    found = plan(at(environments, {"us-east-1": "1.36"}), "prod")

    assert found.done == {"us-east-1": "1.36"}
    assert [one.cluster.region for one in found.regions] == ["eu-west-1"]


def test_there_is_nothing_to_do_where_all_run_the_target(environments: Environments) -> None:
    found = plan(environments, "dev", "1.35")

    assert (found.regions, found.done, found.refused) == ([], {"eu-west-1": "1.35"}, False)


def test_regions_may_run_different_minors_for_a_while(environments: Environments) -> None:
    changed = at(environments, {"us-east-1": "1.36"})

    # It raises where the settings are wrong.
    validate(tuple(changed.values()), TODAY)


def test_settings_that_regions_share_are_copied_with_another_minor() -> None:
    with deferred_validation():
        shared = written("prod").regions["eu-west-1"].cluster
        own = shared.model_copy(update={"eks": shared.eks.model_copy(update={"version": "1.36"})})

    found = ClusterConfig.model_validate(own)
    assert (found.eks.version, shared.eks.version) == ("1.36", "1.35")
    assert found.node_groups.keys() == shared.node_groups.keys()


def test_nodes_that_eks_adds_meanwhile_are_counted(environments: Environments) -> None:
    general, ingress = clusters(environments["prod"])[0].node_groups

    # 33 % of 30 is more than two in each of three zones, 33 % of 12 is less.
    assert general.line(3).endswith("at most 33 % of them away at once, up to 10 more meanwhile")
    assert ingress.line(3).endswith("up to 6 more meanwhile")


def test_every_region_that_would_skip_a_minor_is_named(environments: Environments) -> None:
    with pytest.raises(IllegalUpgradeError) as error:
        plan(at(environments, {"eu-west-1": "1.34", "us-east-1": "1.33"}), "prod")

    assert [one.partition(" = ")[0] for one in error.value.problems] == [
        "prod.regions[us-east-1].cluster.eks.version",
        "prod.regions[eu-west-1].cluster.eks.version",
    ]


def test_a_region_ahead_does_not_keep_another_from_its_step(environments: Environments) -> None:
    mixed = at(environments, {"eu-west-1": "1.34", "us-east-1": "1.36"})

    found = plan(mixed, "prod", "1.35")
    assert [one.cluster.region for one in found.regions] == ["eu-west-1"]
    assert found.done == {"us-east-1": "1.36"}


def test_no_cluster_is_taken_back(environments: Environments) -> None:
    with pytest.raises(IllegalUpgradeError, match=r"1\.34 is older"):
        plan(environments, "dev", "1.34")


def test_a_chart_that_refuses_the_minor_leaves_no_steps(
    environments: Environments, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(COMPATIBILITY, dict)
    source = "kubeVersion, as somebody read it"
    monkeypatch.setitem(COMPATIBILITY, "cert-manager", Compatibility(source, below="1.36"))

    found = plan(environments)
    (refusal,) = (one for one in found.regions[0].findings if one.weight is Weight.REFUSES)
    assert found.refused
    assert found.regions[0].steps == ()
    assert (refusal.subject, refusal.source) == ("cert-manager v1.21.1", source)
    assert "is for Kubernetes before 1.36, the cluster runs 1.36" in refusal.message
    assert "modules/addons/charts.py" in refusal.remedy
    # The hub's own: a chart that is not installed here refuses nothing here.
    monkeypatch.setitem(COMPATIBILITY, "cert-manager", Compatibility(source))
    monkeypatch.setitem(COMPATIBILITY, "rancher", Compatibility(source, below="1.36"))
    assert not plan(environments).refused
    assert plan(environments, "management").refused
    assert "its chart is not for 1.36" in str(said(plan(environments), Weight.WARNS))


def test_who_looks_after_a_cluster_is_asked_before(environments: Environments) -> None:
    def asks(name: str) -> list[str]:
        steps = plan(environments, name).regions[0].steps
        return [one.how for one in steps if "the hub's Rancher" in one.what]

    assert asks("dev") == ["release notes of Rancher v2.15.0"]
    # The hub's own minor is held to the chart's kubeVersion.
    assert asks("management") == []


def test_a_chart_that_is_not_tested_on_the_minor_is_a_warning(environments: Environments) -> None:
    hub = plan(environments, "management")

    assert not hub.refused
    assert said(hub, Weight.WARNS)["argo-cd 10.1.1"] == (
        "Its makers test it on 1.32 to 1.35, not on 1.36."
    )
    assert (
        "It looks after this cluster"
        in said(plan(environments), Weight.WARNS)["argo-cd 10.1.1 on the hub"]
    )


def test_add_ons_that_would_stay_as_they_are_are_named_and_written_down_first(
    environments: Environments, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = "vpc-cni, kube-proxy, coredns, aws-ebs-csi-driver"
    found = plan(environments)
    assert f"add-ons {names}" in said(found, Weight.WARNS)
    first = next(one for one in found.regions[0].steps if one.phase is Phase.CHANGE)
    assert first.what == f"name versions of {names}"

    assert isinstance(VERSIONS, dict)
    row = dict.fromkeys(Addon, "v1.22.0-eksbuild.1") | {Addon.KUBE_PROXY: "v1.36.0-eksbuild.1"}
    monkeypatch.setitem(VERSIONS, "1.36", row)
    known = plan(environments)
    assert f"add-ons {names}" not in said(known, Weight.WARNS)
    shown = " ".join(one.what for one in known.regions[0].steps)
    assert "name versions" not in shown
    assert "kube-proxy v1.36.0-eksbuild.1" in shown


@pytest.mark.parametrize(
    ("pins", "subject"),
    [
        ({Addon.KUBE_PROXY: "v1.37.0-eksbuild.1"}, "kube-proxy"),
        ({Addon.KUBE_PROXY: "v1.32.0-eksbuild.1"}, "kube-proxy"),
    ],
)
def test_a_pinned_add_on_that_does_not_fit_the_minor_refuses(
    environments: Environments, pins: dict[Addon, str], subject: str
) -> None:
    pinned = with_regions(environments, {"eu-west-1": {"addons": {"versions": pins}}}, "dev")

    assert list(said(plan(pinned), Weight.REFUSES)) == [subject]


def test_a_vpc_cni_two_minors_on_refuses(
    environments: Environments, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(VERSIONS, dict)
    row = dict.fromkeys(Addon) | {Addon.VPC_CNI: "v1.23.0-eksbuild.1"}
    monkeypatch.setitem(VERSIONS, "1.36", row)

    assert "2 minors" in said(plan(environments), Weight.REFUSES)["vpc-cni"]


def test_a_minor_without_facts_of_its_own_refuses(
    environments: Environments, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(VERSIONS, dict)
    assert isinstance(IMAGES, dict)
    monkeypatch.delitem(VERSIONS, "1.36")
    monkeypatch.delitem(IMAGES, "1.36")

    assert set(said(plan(environments), Weight.REFUSES)) == {
        "EKS add-ons",
        "cluster-autoscaler 9.59.0",
    }


@pytest.mark.parametrize(
    ("alias", "weight"),
    [
        # 1.36 came to EKS on 2026-06-02.
        ("al2023@v20260601", Weight.REFUSES),
        ("al2023@v20260602", None),
        ("bottlerocket@v1.50.0", Weight.WARNS),
    ],
)
def test_karpenter_s_image_is_no_older_than_the_minor(
    environments: Environments, alias: str, weight: Weight | None
) -> None:
    region = environments["dev"].regions["eu-west-1"]
    platform = region.platform.model_copy(update={"karpenter": KarpenterConfig(ami_alias=alias)})
    regions = {"eu-west-1": region.model_copy(update={"platform": platform})}
    changed = {
        **environments,
        "dev": environments["dev"].model_copy(update={"regions": regions}),
    }

    found = plan(changed)
    weights = [one.weight for one in found.regions[0].findings if alias in one.subject]
    assert weights == ([weight] if weight else [])
    if not found.refused:
        shown = [one.what for one in found.regions[0].steps if one.phase is Phase.DEPLOY]
        assert shown[-1].startswith(f"Karpenter replaces its nodes by {alias}")


def test_the_policy_gate_s_own_list_is_asked(environments: Environments, tmp_path: Path) -> None:
    subject = f"policy gate, {CHECK}"
    entry = tmp_path / "exceptions.yaml"

    def asked(known: tuple[str, ...] | None) -> bool:
        found = plan(environments, gate_minors=known, exceptions=entry)
        gated = [one for one in found.regions[0].steps if "policy gate" in one.what]
        assert bool(gated) is (subject in said(found, Weight.WARNS))
        return bool(gated)

    def write(expires: str) -> None:
        entry.write_text(
            f"exceptions:\n  - check: {CHECK}\n    path: '*-cluster/eks/Resource'\n"
            "    environments: [dev]\n    reason: The pinned checkov does not know it yet.\n"
            f"    owner: platform\n    expires: {expires}\n"
        )

    assert asked(("1.34", "1.35"))
    assert not asked(("1.35", "1.36"))
    assert not asked(None)
    write("2026-11-21")
    assert not asked(("1.34", "1.35"))
    write("2026-11-20")
    assert asked(("1.34", "1.35"))


def test_checkov_s_list_holds_minors() -> None:
    known = known_minors()

    assert known is not None
    assert "1.35" in known


def test_a_cluster_in_extended_support_is_described_with_what_was_chosen(
    environments: Environments,
) -> None:
    found = clusters(environments["dev"])[0]

    assert (found.name, found.version) == ("ekp-dev-euw1-eks", "1.35")
    assert (found.support, found.zones) == ("STANDARD", 2)
    assert [one.name for one in found.node_groups] == ["general"]
    assert replace(found, region="x").version_setting == "dev.regions[x].cluster.eks.version"


def test_the_plan_as_plain_values_has_all_of_it(environments: Environments) -> None:
    found = plan(environments, "prod").to_json()

    assert (found["target"], found["refused"]) == ("1.36", False)
    assert found["support"]["standard_days_left"] == 254
    first = found["regions"][0]
    assert (first["region"], first["version"]) == ("us-east-1", "1.35")
    assert [one["number"] for one in first["steps"]] == list(range(1, len(first["steps"]) + 1))
