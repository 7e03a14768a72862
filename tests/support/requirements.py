"""Requirements, the tests that prove them, and the document that shows both.

Tests are parsed, not imported or collected: running one folder alone sees all of them.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

import yaml

TESTS = Path(__file__).parents[1]
DATA = TESTS / "requirements" / "requirements.yaml"
DOCUMENT = TESTS.parent / "docs" / "requirements.md"

HEAD = """\
# Requirements

What the platform must do, where each requirement comes from (A: global platform; B: enterprise,
multi-tenant; C: design card), the steps that build it, and the tests that prove it with the modules
that their files import. Generated from the marks of the tests by `pytest --update-requirements`: do
not edit by hand.

| id | from | requirement | step | modules | proven by |
| --- | --- | --- | --- | --- | --- |
"""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing the platform must do."""

    id: str
    origin: str
    text: str
    step: str

    @property
    def first_step(self) -> int:
        """The step that builds its first part: from then on a test must prove something of it."""
        return int("".join(takewhile(str.isdigit, self.step)))


@dataclass(frozen=True, slots=True)
class Proof:
    """A test that carries the mark of a requirement."""

    requirement: str
    file: str
    test: str
    modules: tuple[str, ...]
    """Modules of the library that the test's file imports."""


def requirements(file: Path = DATA) -> tuple[Requirement, ...]:
    """Return the requirements in the order of the table."""
    return tuple(Requirement(**row) for row in yaml.safe_load(file.read_text(encoding="utf-8")))


def proofs(tests: Path = TESTS) -> tuple[Proof, ...]:
    """Return every mark of every test below a folder, sorted."""
    return tuple(
        Proof(requirement, file.relative_to(tests.parent).as_posix(), test, modules)
        for file in sorted(tests.rglob("test_*.py"))
        for tree in [ast.parse(file.read_text(encoding="utf-8"), file)]
        for modules in [_modules(tree)]
        for test, requirement in _marks(tree)
    )


def document(known: Sequence[Requirement], found: Sequence[Proof]) -> str:
    """Return the table of requirements as Markdown."""
    by_id: Mapping[str, list[Proof]] = {r.id: [] for r in known}
    for proof in found:
        if proof.requirement in by_id:
            by_id[proof.requirement].append(proof)
    return HEAD + "".join(_row(requirement, by_id[requirement.id]) for requirement in known)


def _row(requirement: Requirement, found: Sequence[Proof]) -> str:
    modules = ", ".join(f"`{name}`" for name in sorted({m for p in found for m in p.modules}))
    files: dict[str, list[str]] = {}
    for proof in found:
        files.setdefault(proof.file, []).append(proof.test)
    tests = "<br>".join(
        f"[{file}](../{file}): {', '.join(f'`{test}`' for test in dict.fromkeys(names))}"
        for file, names in files.items()
    )
    cells = (
        requirement.id,
        requirement.origin,
        requirement.text,
        requirement.step,
        modules,
        tests,
    )
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"


def _marks(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield each test with each requirement it is marked with: by itself, its class or its file."""
    everywhere = [
        requirement
        for node in tree.body
        if isinstance(node, ast.Assign)
        and any(isinstance(t, ast.Name) and t.id == "pytestmark" for t in node.targets)
        for requirement in _named(node.value)
    ]
    for name, own in _tests(tree.body, ()):
        yield from ((name, requirement) for requirement in dict.fromkeys([*everywhere, *own]))


def _tests(body: Sequence[ast.stmt], marks: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            own = [*marks, *(r for mark in node.decorator_list for r in _named(mark))]
            if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
                yield from ((f"{node.name}::{n}", found) for n, found in _tests(node.body, own))
            elif not isinstance(node, ast.ClassDef) and node.name.startswith("test_"):
                yield node.name, own


def _named(expression: ast.expr) -> Iterator[str]:
    """Yield the ids of every ``requirement(...)`` mark inside an expression."""
    for node in ast.walk(expression):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "requirement"
        ):
            yield from (str(a.value) for a in node.args if isinstance(a, ast.Constant))


def _modules(tree: ast.Module) -> tuple[str, ...]:
    imported = [
        node.module or ""
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and not node.level
    ]
    ours = {name for name in imported if name.startswith("modules.") and name.count(".") == 2}
    return tuple(sorted(name.removeprefix("modules.").replace(".", "/") for name in ours))
