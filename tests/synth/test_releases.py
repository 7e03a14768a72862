"""What holds for every Helm release of every environment."""

import shutil
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modules.addons.charts import CHARTS
from modules.core import helm_size
from modules.core.charts import Chart
from modules.kubernetes import helm

import pytest
import yaml

import main
from ekp.charts import releases as chart_releases
from ekp.charts.check import check
from ekp.runner import stacks as synthesized
from ekp.runner.stacks import Stack
from tests.support.chart_values import CHARTS as FOLDERS
from tests.support.chart_values import complaints
from tests.support.literal_secrets import secrets
from tests.support.release_roles import strange_roles
from tests.support.release_rules import Installed, installed, out_of_order
from tests.support.releases import documents
from tests.support.synth import Synth, document

from .conftest import TODAY

VALUES = Path(helm.VALUES)
Releases = Mapping[str, list[Installed]]
by_folder = pytest.mark.parametrize("chart", CHARTS, ids=[chart.folder for chart in CHARTS])


@pytest.fixture(scope="session")
def releases(stacks: Mapping[str, Synth]) -> Releases:
    """Every release of every stack."""
    found = {id_: installed(plan) for id_, plan in stacks.items()}
    return {id_: every for id_, every in found.items() if every}


def pin_of(release: Installed) -> Chart | None:
    """Return the pin that a release is of."""
    body = release.body
    return next(
        (
            pin
            for pin in CHARTS
            if (pin.repository, pin.name, pin.version)
            == (body.get("repository"), body["chart"], body.get("version"))
        ),
        None,
    )


def earlier(known: Mapping[str, Stack], id_: str) -> set[str]:
    """Return every stack that is applied before one, also by way of another."""
    direct = known[id_].depends_on
    return {*direct, *(far for near in direct for far in earlier(known, near))}


def test_every_cluster_has_a_platform(releases: Releases, stacks: Mapping[str, Synth]) -> None:
    clusters = {id_.removesuffix("-cluster") for id_ in stacks if id_.endswith("-cluster")}

    assert {id_.removesuffix("-platform") for id_ in releases if id_.endswith("-platform")} == (
        clusters
    )


def test_every_release_of_a_chart_is_a_pin(releases: Releases) -> None:
    charts = [r for every in releases.values() for r in every if r.chart]

    assert charts
    assert [r.label for r in charts if pin_of(r) is None] == []


def test_every_pin_is_installed_somewhere_but_for_the_autoscaler_nobody_chose(
    releases: Releases,
) -> None:
    used = {pin_of(r) for every in releases.values() for r in every if r.chart}
    unused = {pin.folder for pin in CHARTS} - {pin.folder for pin in used if pin}

    assert unused <= {"karpenter", "karpenter-crd"} or unused == {"cluster-autoscaler"}


@by_folder
def test_every_chart_has_a_values_file_of_its_own_keys(chart: Chart, tmp_path: Path) -> None:
    text = (VALUES / f"{chart.folder}.yaml").read_text(encoding="utf-8")

    assert complaints(chart.folder, {chart.folder: yaml.safe_load(text) or {}}, tmp_path) == []


def test_no_values_file_is_of_a_chart_that_is_not_pinned() -> None:
    assert {file.stem for file in VALUES.glob("*.yaml")} == {chart.folder for chart in CHARTS}


@by_folder
def test_the_merged_values_of_every_release_are_of_its_chart_s_keys(
    chart: Chart, releases: Releases, tmp_path: Path
) -> None:
    merged = {
        f"{id_}--{release.body['name']}": release.values
        for id_, every in releases.items()
        for release in every
        if release.chart and pin_of(release) == chart
    }

    assert complaints(chart.folder, merged, tmp_path) == []


def test_the_values_of_every_release_fit_its_chart_and_its_schema(outdir: Path) -> None:
    if not FOLDERS.is_dir():
        pytest.skip(f"the charts are not at hand: {FOLDERS} is missing")
    every = chart_releases.of(synthesized.load(outdir).values())

    assert [f"{c.stack}: {c.release}: {c.message}" for c in check(every, FOLDERS)] == []


def test_every_role_that_is_annotated_trusts_that_very_service_account(
    stacks: Mapping[str, Synth],
) -> None:
    defaults: dict[str, Any] = {}
    for pin in CHARTS:
        file = FOLDERS / pin.folder / "values.yaml"
        if file.is_file():
            defaults[pin.name] = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    if not defaults:
        pytest.skip(f"the charts, which name service accounts, are not at hand: no {FOLDERS}")

    wrong = {id_: strange_roles(plan, defaults) for id_, plan in stacks.items()}

    assert {id_: found for id_, found in wrong.items() if found} == {}


def test_every_pod_identity_is_of_the_pair_that_its_role_trusts(
    stacks: Mapping[str, Synth],
) -> None:
    seen = 0
    for plan in stacks.values():
        roles = plan.resources()
        for found in plan.all("aws_eks_pod_identity_association").values():
            role = roles[found["role_arn"].removeprefix("${").removesuffix(".arn}")]
            (statement,) = document(role["assume_role_policy"])["Statement"]
            tags = statement["Condition"]["StringEquals"]
            assert tags["aws:RequestTag/kubernetes-namespace"] == found["namespace"]
            assert tags["aws:RequestTag/kubernetes-service-account"] == found["service_account"]
            seen += 1
    assert seen > 5


def test_no_release_comes_before_what_it_needs(outdir: Path, stacks: Mapping[str, Synth]) -> None:
    known = synthesized.load(outdir)
    wrong = {
        id_: out_of_order(plan, earlier=[stacks[other] for other in sorted(earlier(known, id_))])
        for id_, plan in stacks.items()
    }

    assert {id_: found for id_, found in wrong.items() if found} == {}


def test_no_two_releases_of_a_cluster_share_a_namespace_and_a_name(releases: Releases) -> None:
    labels: dict[str, list[str]] = defaultdict(list)
    for id_, every in releases.items():
        labels[id_.rpartition("-")[0]] += [release.label for release in every]

    for found in labels.values():
        assert sorted(found) == sorted(set(found))


def test_no_object_is_in_two_releases_of_a_cluster_for_helm_refuses_what_another_owns(
    releases: Releases,
) -> None:
    owners: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for id_, every in releases.items():
        for release in every:
            for made in release.objects:
                at = made["metadata"]
                what = (made["kind"], at.get("namespace", ""), at["name"])
                owners[(id_.rpartition("-")[0], *what)].append(f"{id_}: {release.label}")

    assert {what: who for what, who in owners.items() if len(who) > 1} == {}


def test_no_release_is_more_than_its_secret_holds(releases: Releases) -> None:
    too_big, seen = {}, 0
    for id_, every in releases.items():
        for release in every:
            values = "\n".join(release.body["values"])
            if pin := pin_of(release):
                size = helm_size.estimate(values, manifest="", chart=pin.stored_bytes or 0)
                limit = helm_size.CHART_LIMIT
            else:
                size, limit = helm_size.estimate(values), helm_size.SYNTH_LIMIT
            seen += 1
            if size > limit:
                too_big[f"{id_}: {release.label}"] = size

    assert seen
    assert too_big == {}


def test_what_is_measured_of_a_chart_is_more_than_what_its_releases_set(
    releases: Releases,
) -> None:
    stale = {
        f"{id_}: {release.label}"
        for id_, every in releases.items()
        for release in every
        if (pin := pin_of(release)) and pin.stored_bytes is not None
        if helm_size.estimate("\n".join(release.body["values"]), manifest="") > pin.stored_bytes
    }

    assert stale == set(), "measure the charts again, see modules/core/charts.py"


def test_no_release_carries_a_secret(releases: Releases) -> None:
    found = [
        f"{id_}: {release.label}: {path}"
        for id_, every in releases.items()
        for release in every
        for text in documents(release.body)
        for path in secrets(text)
    ]

    assert found == []


def test_no_stack_carries_a_secret(stacks: Mapping[str, Synth]) -> None:
    found = [
        f"{id_}: {address}{path}"
        for id_, plan in stacks.items()
        for address, body in plan.resources().items()
        if not address.startswith("helm_release.")
        for path in secrets(dict(body))
    ]

    assert found == []


@pytest.mark.parametrize("folder", ["metrics-server", "istiod"])
def test_changing_one_chart_s_value_touches_that_chart_s_releases_alone(
    folder: str, releases: Releases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "helm-values"
    shutil.copytree(VALUES, copy)
    with (copy / f"{folder}.yaml").open("a", encoding="utf-8") as file:
        file.write("\nfullnameOverride: changed\n")
    monkeypatch.setattr(helm, "VALUES", copy)
    main.synth(str(tmp_path / "cdktf.out"), today=TODAY)

    touched = set()
    for id_, every in releases.items():
        changed = Synth.read(tmp_path / "cdktf.out" / "stacks" / id_ / "cdk.tf.json").resources()
        touched |= {
            (id_, pin.folder if (pin := pin_of(release)) else release.label)
            for release in every
            if changed[release.address] != release.body
        }

    assert touched
    assert {name for _, name in touched} == {folder}
    assert {id_ for id_, _ in touched} == {
        id_
        for id_, every in releases.items()
        if any(pin_of(r) == _pin(folder) for r in every if r.chart)
    }


def _pin(folder: str) -> Chart:
    return next(pin for pin in CHARTS if pin.folder == folder)
