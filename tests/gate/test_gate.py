"""What the gate makes of the scans of several stacks, plans and objects."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml

from ekp.gate.errors import GateError
from ekp.gate.findings import Report, Scanned, Seen, Severity
from ekp.gate.gate import Gate
from ekp.gate.pool import Pool
from ekp.runner.stacks import Stack

from .conftest import DAY
from .made_up_stacks import stack

EXCEPTION = """exceptions:
  - check: CKV_AWS_7
    path: dev-edge/key
    environments: [dev]
    reason: Nothing of value is kept with this key.
    owner: platform
    expires: 2027-05-01
"""
SEVERITIES = "others: medium\ncritical: [CKV_K8S_16]\nlow: [CKV_AWS_7]\n"
KEY = {"enable_key_rotation": False, "//": {"metadata": {"path": "dev-edge/key"}}}


def policies(folder: Path, exceptions: str = "") -> Path:
    place = folder / "policies"
    place.mkdir(exist_ok=True)
    (place / "severity.yaml").write_text(SEVERITIES, encoding="utf-8")
    if exceptions:
        (place / "exceptions.yaml").write_text(exceptions, encoding="utf-8")
    return place


def edge(folder: Path, environment: str = "dev") -> Stack:
    key = {**KEY, "//": {"metadata": {"path": f"{environment}-edge/key"}}}
    return stack(folder, {"resource": {"aws_kms_key": {"key": key}}}, f"{environment}-edge")


def plan(folder: Path) -> Path:
    file = folder / "plan.json"
    key = {"address": "aws_kms_key.key", "mode": "managed", "type": "aws_kms_key", "name": "key"}
    values = {"enable_key_rotation": False}
    change = {"actions": ["create"], "before": None, "after": values}
    written = {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {"resources": [{**key, "values": values}]}},
        "resource_changes": [{**key, "change": change}],
        "configuration": {"root_module": {"resources": []}},
    }
    file.write_text(json.dumps(written), encoding="utf-8")
    return file


def pod(kind: str, name: str) -> dict[str, Any]:
    container = {"name": "one", "image": "one", "securityContext": {"privileged": True}}
    return {
        "apiVersion": "apps/v1" if kind == "Deployment" else "argoproj.io/v1alpha1",
        "kind": kind,
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"template": {"spec": {"containers": [container]}}},
    }


def cluster(folder: Path, *objects: Mapping[str, Any]) -> Stack:
    release = {
        "chart": "./objects",
        "values": [yaml.safe_dump({"objects": list(objects)})],
        "//": {"metadata": {"path": "dev-eu-west-1-tenants/tenant-shop/Resource"}},
    }
    return stack(
        folder,
        {"resource": {"helm_release": {"shop": release}}},
        "dev-eu-west-1-tenants",
        "eu-west-1",
    )


def judged(
    pool: Pool,
    folder: Path,
    *stacks: Stack,
    environments: Sequence[str] = ("dev",),
    services: Mapping[str, Mapping[PurePosixPath, str]] | None = None,
    exceptions: str = "",
    **options: Any,
) -> Report:
    found = {one.id: one for one in stacks}
    gate = Gate(found, services or {}, policies(folder, exceptions), pool, DAY)
    return gate.judge(environments, **({"plans": {}} | options))


def test_what_is_seen_in_a_stack_and_in_its_plan_is_one_finding(pool: Pool, tmp_path: Path) -> None:
    report = judged(pool, tmp_path, edge(tmp_path), plans={"dev-edge": plan(tmp_path)})

    (found,) = (one for one in report.findings if one.check == "CKV_AWS_7")
    assert found.seen == (Seen.SYNTHESIZED, Seen.PLAN)
    assert (found.subject.path, found.subject.resource) == ("dev-edge/key", "aws_kms_key.key")


def test_a_report_says_which_stacks_were_planned(pool: Pool, tmp_path: Path) -> None:
    stacks = (edge(tmp_path), cluster(tmp_path, pod("Deployment", "web")))
    services = {"dev": {PurePosixPath("shop/cart.yaml"): yaml.safe_dump(pod("Rollout", "cart"))}}

    report = judged(pool, tmp_path, *stacks, services=services, plans={"dev-edge": plan(tmp_path)})

    assert report.scanned == (
        Scanned("dev-edge", "dev", "global", "edge", 1, 0, planned=True),
        Scanned("dev-eu-west-1-tenants", "dev", "eu-west-1", "tenants", 1, 1, planned=False),
        Scanned("dev-services", "dev", "", "services", 0, 1, planned=None),
    )


def test_objects_are_named_behind_the_release_or_the_file_that_brings_them(
    pool: Pool, tmp_path: Path
) -> None:
    services = {"dev": {PurePosixPath("shop/cart.yaml"): yaml.safe_dump(pod("Rollout", "cart"))}}

    report = judged(pool, tmp_path, cluster(tmp_path, pod("Deployment", "web")), services=services)

    privileged = [one for one in report.open if one.check == "CKV_K8S_16"]
    assert {(one.subject.path, one.subject.layer, one.seen) for one in privileged} == {
        (
            "dev-eu-west-1-tenants/tenant-shop/Resource:Deployment/shop/web",
            "tenants",
            (Seen.OBJECTS,),
        ),
        ("dev-services/shop/cart:Rollout/shop/cart", "services", (Seen.OBJECTS,)),
    }


def test_findings_come_worst_first(pool: Pool, tmp_path: Path) -> None:
    report = judged(pool, tmp_path, edge(tmp_path), cluster(tmp_path, pod("Deployment", "web")))

    ranks = [one.severity.rank for one in report.findings]
    assert ranks == sorted(ranks)
    assert report.findings[0].check == "CKV_K8S_16"
    assert {one.check: one.severity for one in report.findings}["CKV_AWS_7"] is Severity.LOW


def test_only_the_environments_that_are_asked_for_are_judged(pool: Pool, tmp_path: Path) -> None:
    report = judged(pool, tmp_path, edge(tmp_path), edge(tmp_path, "qa"), environments=["qa"])

    assert {one.subject.environment for one in report.findings} == {"qa"}
    assert [one.name for one in report.scanned] == ["qa-edge"]


def test_an_explained_finding_leaves_the_gate_as_it_was(pool: Pool, tmp_path: Path) -> None:
    without = judged(pool, tmp_path, edge(tmp_path))
    report = judged(pool, tmp_path, edge(tmp_path), exceptions=EXCEPTION)

    assert {one.check for one in without.open} - {one.check for one in report.open} == {"CKV_AWS_7"}
    assert [one.check for one in report.exempted] == ["CKV_AWS_7"]
    assert [(use.exemption.line, use.findings) for use in report.uses] == [(2, 1)]


def test_an_exception_that_explains_nothing_closes_the_gate(pool: Pool, tmp_path: Path) -> None:
    report = judged(
        pool, tmp_path, stack(tmp_path, {"resource": {}}, "dev-edge"), exceptions=EXCEPTION
    )

    assert report.closed
    assert report.problems == (
        "exceptions.yaml:2: CKV_AWS_7 at dev-edge/key: explains nothing; remove it",
    )


def test_charts_of_others_are_reported_and_never_close_the_gate(pool: Pool, tmp_path: Path) -> None:
    manifests = tmp_path / "charts"
    manifests.mkdir()
    (manifests / "istiod.yaml").write_text(yaml.safe_dump(pod("Deployment", "istiod")))

    empty = stack(tmp_path, {"resource": {}}, "dev-empty")
    before = judged(pool, tmp_path, empty)
    report = judged(pool, tmp_path, empty, manifests=manifests)

    assert ("CKV_K8S_16", "charts/istiod:Deployment/shop/istiod") in {
        (one.check, one.subject.path) for one in report.charts
    }
    assert (report.findings, report.passed) == (before.findings, before.passed)
    assert report.closed == before.closed


@pytest.mark.parametrize(
    "text",
    [None, "a: [b", "words", "apiVersion: v1\nkind: Pod\nmetadata:\n"],
    ids=["none", "no YAML", "words", "no metadata"],
)
def test_manifests_of_charts_that_are_none_are_an_error(
    pool: Pool, tmp_path: Path, text: str | None
) -> None:
    manifests = tmp_path / "charts"
    manifests.mkdir()
    if text is not None:
        (manifests / "istiod.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(GateError, match=r"holds no manifests|istiod.yaml(: document 1)? is no "):
        judged(pool, tmp_path, edge(tmp_path), manifests=manifests)


def test_a_plan_is_judged_just_before_its_apply(pool: Pool, tmp_path: Path) -> None:
    one = edge(tmp_path)
    gate = Gate({one.id: one}, {}, policies(tmp_path, EXCEPTION), pool, DAY)

    found = gate.judge_plan(one, plan(tmp_path))

    assert "CKV2_AWS_64" in {finding.check for finding in found}
    assert "CKV_AWS_7" not in {finding.check for finding in found}
    assert {finding.seen for finding in found} == {(Seen.PLAN,)}


def test_a_report_says_what_judged(pool: Pool, tmp_path: Path) -> None:
    one = edge(tmp_path)
    required = {"required_providers": {"aws": {"source": "aws", "version": "5.100.0"}}}

    report = judged(
        pool, tmp_path, replace(one, configuration={**one.configuration, "terraform": required})
    )

    assert report.versions["checkov"].startswith("3.")
    assert report.versions["hashicorp/aws"] == "5.100.0"
    assert report.day == DAY
    assert report.passed > 0


@pytest.mark.parametrize(
    "table",
    [
        "",
        "critical: [EKP_EKS_1]\n",
        "others: bad\n",
        "others: low\nworst: [EKP_EKS_1]\n",
        "others: low\nhigh: EKP_EKS_1\n",
        "others: low\nhigh: [[EKP_EKS_1]]\n",
        "others: low\nhigh: [EKP_EKS_1]\nmedium: [EKP_EKS_1]\n",
    ],
)
def test_a_wrong_table_of_severities_is_an_error_before_anything_is_scanned(
    pool: Pool, tmp_path: Path, table: str
) -> None:
    place = policies(tmp_path)
    (place / "severity.yaml").write_text(table, encoding="utf-8")

    with pytest.raises(GateError, match=r"severity\.yaml"):
        Gate({}, {}, place, pool, DAY)
