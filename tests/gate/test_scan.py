"""A scan that tells less than it seems to is an error, never a pass."""

import copy
import json
import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ekp.gate import scan, units
from ekp.gate.errors import GateError
from ekp.gate.findings import Seen, Subject
from ekp.gate.pool import Pool
from ekp.gate.scan import Framework, Result
from ekp.gate.units import Placed, Unit

from . import broken_checks
from .conftest import DAY
from .made_up_stacks import stack

KEY = {"address": "aws_kms_key.logs", "mode": "managed", "type": "aws_kms_key", "name": "logs"}
ALIAS = {
    "address": "aws_kms_alias.logs",
    "mode": "managed",
    "type": "aws_kms_alias",
    "name": "logs",
}
VALUES = {"enable_key_rotation": False, "description": "Logs"}
PLAN: dict[str, Any] = {
    "format_version": "1.2",
    "terraform_version": "1.11.4",
    "planned_values": {
        "root_module": {
            "resources": [{**KEY, "values": VALUES}, {**ALIAS, "values": {"name": "alias/logs"}}]
        }
    },
    "resource_changes": [
        {**KEY, "change": {"actions": ["create"], "before": None, "after": VALUES}},
        {**ALIAS, "change": {"actions": ["create"], "before": None, "after": {"name": "a"}}},
    ],
    "configuration": {"root_module": {"resources": []}},
    "complete": True,
    "errored": False,
}
SYNTHESIZED = {
    "resource": {
        kind: {"logs": {"//": {"metadata": {"path": f"prod-edge/{kind}"}}, **body}}
        for kind, body in (("aws_kms_key", VALUES), ("aws_kms_alias", {"name": "alias/logs"}))
    }
}


def planned(folder: Path, plan: bytes) -> Unit:
    file = folder / "plan.json"
    file.write_bytes(plan)
    return units.planned(stack(folder, SYNTHESIZED), file)


def changed(change: Callable[[Any], object]) -> bytes:
    plan = copy.deepcopy(PLAN)
    change(plan)
    return json.dumps(plan).encode()


def resources(plan: Any) -> Any:
    return plan["planned_values"]["root_module"]["resources"]


def objects(*found: dict[str, Any]) -> Unit:
    source = json.dumps(found).encode()
    where = Subject("prod-x/release", "prod", "", "tenants", "prod-x", "")
    return units.cluster("prod-x", source, lambda: [Placed(where, found)], Seen.OBJECTS)


def job(**metadata: Any) -> dict[str, Any]:
    container = {"name": "one", "image": "one", "securityContext": {"privileged": True}}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "one", "namespace": "x", **metadata},
        "spec": {"template": {"spec": {"containers": [container]}}},
    }


def failed(pool: Pool, unit: Unit) -> set[tuple[str, str]]:
    result = pool.scan([unit])[unit]
    return {(hit.check, unit.locate(hit).path) for hit in result.failed}


def test_a_plan_is_judged_by_the_paths_of_its_constructs(pool: Pool, tmp_path: Path) -> None:
    found = failed(pool, planned(tmp_path, json.dumps(PLAN).encode()))

    assert ("CKV_AWS_7", "prod-edge/aws_kms_key") in found


WHOLE = json.dumps(PLAN).encode()


@pytest.mark.parametrize(
    "plan",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\n", id="a line"),
        pytest.param(b"null", id="null"),
        pytest.param(b"{}", id="an empty object"),
        pytest.param(b"[]", id="an empty list"),
        pytest.param(b"Error: no plan\n", id="an error of Terraform"),
        pytest.param(b"PK\x03\x04plan", id="the plan before it is JSON"),
        pytest.param(WHOLE[: len(WHOLE) // 2], id="half"),
        pytest.param(WHOLE[:-1], id="without its end"),
        pytest.param(WHOLE * 2, id="twice"),
        pytest.param(json.dumps(SYNTHESIZED).encode(), id="a synthesized stack"),
        pytest.param(json.dumps({"values": PLAN["planned_values"]}).encode(), id="a state"),
        pytest.param(changed(lambda plan: plan.pop("planned_values")), id="no values"),
        pytest.param(changed(lambda plan: plan["planned_values"].clear()), id="no module"),
        pytest.param(changed(lambda plan: resources(plan).clear()), id="no resources"),
        pytest.param(changed(lambda plan: resources(plan).pop()), id="a resource less"),
        pytest.param(changed(lambda plan: resources(plan).append([])), id="a list in between"),
        pytest.param(changed(lambda plan: resources(plan)[0].pop("address")), id="no address"),
        pytest.param(changed(lambda plan: resources(plan)[0].pop("mode")), id="no mode"),
        pytest.param(changed(lambda plan: resources(plan)[0].update(type=None)), id="no type"),
        pytest.param(changed(lambda plan: resources(plan)[0].update(values=[])), id="a list"),
        pytest.param(changed(lambda plan: plan.pop("configuration")), id="no configuration"),
        pytest.param(changed(lambda plan: plan.pop("resource_changes")), id="no changes"),
        pytest.param(changed(lambda plan: plan.update(errored=True)), id="with an error"),
        pytest.param(changed(lambda plan: plan.update(complete=False)), id="of a part"),
    ],
)
def test_a_plan_that_is_damaged_is_an_error(pool: Pool, tmp_path: Path, plan: bytes) -> None:
    with pytest.raises(GateError, match="The plan of prod-edge cannot be judged: ") as refusal:
        pool.scan([planned(tmp_path, plan)])

    assert "not a pass" in refusal.value.remedy


def test_a_plan_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(GateError, match="The plan of prod-edge cannot be read"):
        units.planned(stack(tmp_path, SYNTHESIZED), tmp_path / "plan.json")


def test_the_plan_of_another_stack_is_an_error(pool: Pool, tmp_path: Path) -> None:
    def other(plan: Any) -> None:
        resources(plan).pop()
        plan["resource_changes"].pop()

    with pytest.raises(GateError, match="is another's or an old one: it lacks aws_kms_alias"):
        pool.scan([planned(tmp_path, changed(other))])


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b'{"resource": {"aws_kms_key"', id="half"),
        pytest.param(b'{"resource": []}', id="a list"),
        pytest.param(b'{"resource": {"aws_kms_key": {"logs": []}}}', id="a list in between"),
    ],
)
def test_a_synthesized_stack_that_is_damaged_is_an_error(
    pool: Pool, tmp_path: Path, text: bytes
) -> None:
    damaged = stack(tmp_path, SYNTHESIZED)
    damaged.file.write_bytes(text)

    with pytest.raises(GateError, match=r"\(synthesized\) cannot be judged: cdk\.tf\.json is"):
        pool.scan([units.synthesized(damaged)])


def test_an_object_with_braces_in_a_name_is_judged(pool: Pool) -> None:
    # checkov takes it for a template of Helm, drops all of it, and says nothing.
    braced = job(ownerReferences=[{"name": "${aws_kms_key.logs.id}"}])

    assert ("CKV_K8S_16", "prod-x/release:Job/x/one") in failed(pool, objects(braced))


def test_an_object_that_checkov_drops_is_an_error(pool: Pool) -> None:
    nameless = job()
    nameless["metadata"] = {"generateName": "one-"}

    with pytest.raises(GateError, match=r"checkov dropped 1\.json"):
        pool.scan([objects(job(), nameless)])


def test_an_object_cannot_excuse_itself(pool: Pool) -> None:
    excused = job(annotations={"checkov.io/skip1": "CKV_K8S_16=it has to be"})

    assert ("CKV_K8S_16", "prod-x/release:Job/x/one") in failed(pool, objects(excused))


def test_the_pods_of_an_analysis_are_judged_as_those_of_a_job(pool: Pool) -> None:
    metric = {"name": "asks", "provider": {"job": {"spec": job()["spec"]}}}
    analysis = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AnalysisTemplate",
        "metadata": {"name": "one", "namespace": "x"},
        "spec": {"metrics": [metric]},
    }

    assert ("CKV_K8S_16", "prod-x/release:AnalysisTemplate/x/one") in failed(
        pool, objects(analysis)
    )


def test_values_of_a_release_that_are_no_yaml_are_an_error(tmp_path: Path) -> None:
    release = {"chart": "./objects", "values": ["objects: [a, b"]}
    broken = stack(tmp_path, {"resource": {"helm_release": {"mesh": release}}})

    with pytest.raises(GateError, match="The objects of prod-edge cannot be read"):
        units.bundles(broken)


@pytest.fixture(scope="module")
def child(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProcessPoolExecutor]:
    """A process with a check that breaks, started from an odd shell."""
    hidden = tmp_path_factory.mktemp("odd") / ".hidden"
    hidden.mkdir()
    with pytest.MonkeyPatch.context() as shell:
        shell.setenv("TMPDIR", str(hidden))
        shell.setenv("CKV_IGNORED_DIRECTORIES", ".")
        shell.setenv("CHECKOV_CHECK_FAIL_LEVEL", "WARNING")
        with ProcessPoolExecutor(
            1,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=broken_checks.prepare,
        ) as pool:
            pool.submit(len, ()).result()
            yield pool


def said_of(name: bytes, child: ProcessPoolExecutor) -> Result:
    files = {"0.json": broken_checks.OBJECT % name}
    return child.submit(scan.scan, Framework.KUBERNETES, files).result()


def test_what_a_shell_says_of_checkov_changes_nothing(child: ProcessPoolExecutor) -> None:
    result = said_of(b"fails", child)

    assert result.error == ""
    assert "EKP_TEST_1" in {hit.check for hit in result.failed}


@pytest.mark.parametrize(
    ("name", "said"),
    [(b"raises", "RuntimeError: no such field"), (b"exits", "SystemExit: 0")],
)
def test_a_check_of_ours_that_breaks_is_an_error(
    child: ProcessPoolExecutor, name: bytes, said: str
) -> None:
    assert said_of(name, child) == Result(error=f"checkov's check EKP_TEST_1 failed: {said}")


def test_a_policy_that_cannot_be_loaded_is_an_error(child: ProcessPoolExecutor) -> None:
    result = child.submit(broken_checks.scan_without_a_policy).result()

    assert result.error.startswith("checkov or a check of ours cannot be loaded: SyntaxError")


def test_a_process_that_was_not_prepared_judges_nothing() -> None:
    # Such as this one, in which checkov was never loaded.
    assert scan.scan(Framework.KUBERNETES, {}).error == "the process was not prepared"


def test_a_process_that_is_killed_in_mid_scan_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "prepare", broken_checks.die)

    with (
        Pool(tmp_path / "kept", DAY, workers=1) as pool,
        pytest.raises(GateError, match="checkov's process died while it scanned"),
    ):
        pool.scan([objects(job())])
    assert not list(tmp_path.glob("kept/*"))
