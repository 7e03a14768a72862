"""Every requirement of a finished step is proven, and the document says by which tests."""

from pathlib import Path

import pytest

from tests.support.requirements import (
    DOCUMENT,
    Proof,
    Requirement,
    document,
    proofs,
    requirements,
)

# The last step of the project that is built: what it begins must be proven from then on.
FINISHED_STEP = 8

RESTORE = "run `pytest tests/requirements --update-requirements` and commit it"


def test_the_document_shows_what_the_tests_prove(request: pytest.FixtureRequest) -> None:
    text = document(requirements(), proofs())
    if request.config.getoption("--update-requirements"):
        DOCUMENT.write_text(text, encoding="utf-8")

    stale = not DOCUMENT.exists() or DOCUMENT.read_text(encoding="utf-8") != text
    assert not stale, f"docs/requirements.md is stale: {RESTORE}"


def test_every_mark_names_a_requirement() -> None:
    known = {requirement.id for requirement in requirements()}

    unknown = [f"{p.file}::{p.test} names {p.requirement}" for p in proofs()]

    assert [line for line in unknown if line.rsplit(" ", 1)[1] not in known] == []


def test_every_requirement_of_a_finished_step_is_proven_by_a_test() -> None:
    proven = {proof.requirement for proof in proofs()}

    unproven = [
        f"{r.id} ({r.text}) is due since step {r.first_step}: mark the test that proves it with "
        f'@pytest.mark.requirement("{r.id}")'
        for r in requirements()
        if r.first_step <= FINISHED_STEP and r.id not in proven
    ]

    assert unproven == []


def test_requirements_are_numbered_without_a_gap() -> None:
    known = requirements()

    assert [r.id for r in known] == [f"R{number:02}" for number in range(1, len(known) + 1)]
    assert {r.origin[0] for r in known} == {"A", "B", "C"}


@pytest.mark.parametrize(
    ("step", "first"), [("1", 1), ("2-4, 8", 2), ("1, 3, 5", 1), ("1, all", 1), ("10, 12", 10)]
)
def test_a_requirement_is_due_with_its_first_step(step: str, first: int) -> None:
    assert Requirement(id="R01", origin="A", text="x", step=step).first_step == first


def test_marks_of_tests_classes_and_files_are_found(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_one.py").write_text(
        "import pytest\n"
        "from modules.aws.vpc import Vpc\n"
        "from modules.core import iam\n"
        'pytestmark = [pytest.mark.requirement("R01"), pytest.mark.slow]\n'
        'mark = pytest.mark.requirement("R09")\n'
        '@pytest.mark.requirement("R02")\n'
        '@pytest.mark.requirement("R03")\n'
        "def test_alone(): ...\n"
        "def helper(): ...\n"
        '@pytest.mark.requirement("R04")\n'
        "class TestGroup:\n"
        '    @pytest.mark.requirement("R05")\n'
        "    async def test_inside(self): ...\n",
        encoding="utf-8",
    )

    found = proofs(tmp_path / "tests")

    assert [(p.test, p.requirement) for p in found] == [
        ("test_alone", "R01"),
        ("test_alone", "R02"),
        ("test_alone", "R03"),
        ("TestGroup::test_inside", "R01"),
        ("TestGroup::test_inside", "R04"),
        ("TestGroup::test_inside", "R05"),
    ]
    assert {(p.file, p.modules) for p in found} == {("tests/test_one.py", ("aws/vpc",))}


def test_a_row_names_modules_and_tests_and_escapes_what_would_break_the_table() -> None:
    known = (Requirement(id="R01", origin="A1", text="a | b", step="1"),)
    found = (
        Proof("R01", "tests/a.py", "test_x", ("aws/vpc",)),
        Proof("R01", "tests/a.py", "test_y", ("aws/vpc",)),
        Proof("R99", "tests/a.py", "test_z", ()),
    )

    assert document(known, found).splitlines()[-1] == (
        "| R01 | A1 | a \\| b | 1 | `aws/vpc` | [tests/a.py](../tests/a.py): `test_x`, `test_y` |"
    )
