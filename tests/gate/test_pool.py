"""What is kept of scans, and what becomes of scans that fail."""

import json
import os
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from datetime import date, timedelta
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import pytest

from ekp.gate import pool as pool_module
from ekp.gate import scan
from ekp.gate.errors import GateError
from ekp.gate.findings import Seen, Subject
from ekp.gate.pool import Pool
from ekp.gate.scan import Framework, Hit, Result
from ekp.gate.units import Unit

DAY = date(2026, 11, 21)
FOUND = Result((Hit("EKP_EKS_1", "Ensure the endpoint is private", "cdk.tf.json", "eks"),), 7)


class Answers:
    """Takes the place of checkov's processes: answers each scan by what its file says."""

    def __init__(self) -> None:
        self.started = 0
        self.scanned: list[str] = []
        self.dying = False

    def __call__(self, *_: Any, **__: Any) -> "Answers":
        self.started += 1
        return self

    def submit(self, _: Any, __: Framework, files: Mapping[str, bytes]) -> "Future[Result]":
        if self.dying:
            self.dying = False
            raise BrokenProcessPool
        (text,) = (content.decode() for content in files.values())
        self.scanned.append(text)
        answer: Future[Result] = Future()
        if text == "killed":
            answer.set_exception(BrokenProcessPool())
        else:
            broken = text == "broken"
            answer.set_result(Result(error="checkov cannot read it") if broken else FOUND)
        return answer

    def shutdown(self, **_: Any) -> None:
        """End nothing."""


@pytest.fixture
def checkov(monkeypatch: pytest.MonkeyPatch) -> Answers:
    answers = Answers()
    monkeypatch.setattr(pool_module, "ProcessPoolExecutor", answers)
    return answers


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a policy and a shared fact."""
    root = tmp_path / "project"
    for file in ("policies/own.py", "modules/core/calendar.py"):
        (root / file).parent.mkdir(parents=True)
        (root / file).write_text("first = 1\n", encoding="utf-8")
    monkeypatch.setattr(pool_module, "project_root", lambda: root)
    return root


def unit(text: str, name: str = "prod-edge") -> Unit:
    subject = Subject("prod-edge/eks", "prod", "", "edge", name, "")
    content = text.encode()
    return Unit(
        name,
        Framework.TERRAFORM_JSON,
        Seen.SYNTHESIZED,
        content,
        lambda: {"cdk.tf.json": content},
        lambda _: subject,
    )


def scanned(folder: Path, *texts: str, day: date = DAY) -> Sequence[Result]:
    units = [unit(text, f"stack-{number}") for number, text in enumerate(texts)]
    with Pool(folder, day) as pool:
        results = pool.scan(units)
    return [results[one] for one in units]


def test_the_second_run_over_the_same_starts_no_process(tmp_path: Path, checkov: Answers) -> None:
    first = scanned(tmp_path, "a", "b")
    assert (checkov.started, sorted(checkov.scanned)) == (1, ["a", "b"])

    assert scanned(tmp_path, "a", "b") == first == [FOUND, FOUND]
    assert (checkov.started, len(checkov.scanned)) == (1, 2)


def test_what_changed_is_scanned_again_and_the_rest_is_not(
    tmp_path: Path, checkov: Answers
) -> None:
    scanned(tmp_path, "a", "b")

    scanned(tmp_path, "a", "changed")

    assert checkov.scanned[2:] == ["changed"]


@pytest.mark.parametrize("file", ["policies/own.py", "policies/new.py", "modules/core/calendar.py"])
def test_a_changed_policy_or_fact_makes_what_is_kept_void(
    tmp_path: Path, checkov: Answers, project: Path, file: str
) -> None:
    scanned(tmp_path, "a")

    (project / file).write_text("first = 2\n", encoding="utf-8")
    scanned(tmp_path, "a")

    assert checkov.scanned == ["a", "a"]


@pytest.mark.usefixtures("project")
def test_another_checkov_makes_what_is_kept_void(
    tmp_path: Path, checkov: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    scanned(tmp_path, "a")

    monkeypatch.setattr(scan, "version", lambda: "9.9.9")
    scanned(tmp_path, "a")

    assert checkov.scanned == ["a", "a"]


def test_a_result_is_of_its_day(tmp_path: Path, checkov: Answers) -> None:
    scanned(tmp_path, "a")

    scanned(tmp_path, "a", day=DAY + timedelta(days=1))

    assert checkov.scanned == ["a", "a"]


@pytest.mark.parametrize("kept", ["", "{", "[]", "null", '{"failed": []}', '{"failed": [{}]}'])
def test_half_a_kept_result_is_no_result(tmp_path: Path, checkov: Answers, kept: str) -> None:
    scanned(tmp_path, "a")
    (file,) = tmp_path.glob("*.json")
    file.write_text(kept, encoding="utf-8")

    assert scanned(tmp_path, "a") == [FOUND]
    assert checkov.scanned == ["a", "a"]
    assert json.loads(file.read_text(encoding="utf-8"))["passed"] == 7


@pytest.mark.parametrize("what", ["the result", "its folder"])
def test_a_result_that_others_could_have_written_is_not_believed(
    tmp_path: Path, checkov: Answers, what: str
) -> None:
    scanned(tmp_path, "a")
    (kept,) = tmp_path.glob("*.json")

    (kept if what == "the result" else tmp_path).chmod(0o777)
    scanned(tmp_path, "a")

    assert checkov.scanned == ["a", "a"]


def test_one_unit_that_cannot_be_judged_leaves_no_result_of_any(
    tmp_path: Path, checkov: Answers
) -> None:
    with pytest.raises(
        GateError, match=r"stack-1 \(synthesized\) cannot be judged: checkov"
    ) as one:
        scanned(tmp_path, "a", "broken", "c")

    assert "This is an error, not a pass" in one.value.remedy
    assert len(checkov.scanned) == 3
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("when", ["scanning", "waiting"])
def test_a_dead_process_is_an_error_and_the_next_scan_starts_another(
    tmp_path: Path, checkov: Answers, when: str
) -> None:
    with Pool(tmp_path, DAY) as pool:
        checkov.dying = when == "waiting"
        with pytest.raises(GateError, match="checkov's process died") as died:
            pool.scan([unit("a"), unit("killed", "other")])
        again = pool.scan([unit("a")])

    assert "Run the command again" in died.value.remedy
    assert [*again.values()] == [FOUND]
    assert checkov.started == 2


def test_without_checkov_the_gate_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> str:
        raise PackageNotFoundError("checkov")

    monkeypatch.setattr(scan, "version", missing)

    with pytest.raises(GateError, match="checkov is not installed") as refusal:
        Pool(tmp_path, DAY)
    assert "pip install 'enterprise-eks-platform[policy]'" in refusal.value.remedy


def test_results_that_nobody_asked_for_longest_are_forgotten(
    tmp_path: Path, checkov: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_module, "MOST_KEPT", 2)
    scanned(tmp_path, "a")
    scanned(tmp_path, "b")
    for file in tmp_path.iterdir():
        os.utime(file, (0, 0))
    scanned(tmp_path, "a")

    scanned(tmp_path, "c")

    assert len(list(tmp_path.iterdir())) == 2
    checkov.scanned.clear()
    scanned(tmp_path, "a")
    scanned(tmp_path, "b")
    assert checkov.scanned == ["b"]


@pytest.mark.usefixtures("checkov")
def test_gates_beside_each_other_may_share_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_module, "MOST_KEPT", 1)
    found: list[Sequence[Result]] = []

    def run() -> None:
        found.extend(scanned(tmp_path, f"{number}", "same") for number in range(10))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [[FOUND, FOUND]] * 40
    assert len(list(tmp_path.glob("*.json"))) <= 4
