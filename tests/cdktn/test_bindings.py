"""A move to other bindings changes names in imports, and no other line."""

import ast
from collections.abc import Iterator

import pytest

from ekp.synth import project_root

from .bindings import CDKTN, moved, requirements

ROOT = project_root()
FILES = [ROOT / "main.py", *sorted((ROOT / "modules").rglob("*.py"))]


def imported(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


@pytest.mark.requirement("R46")
def test_after_the_move_no_source_imports_what_it_was_moved_from() -> None:
    before = {name for file in FILES for name in imported(file.read_text())}
    after = {name for file in FILES for name in imported(moved(file.read_text(), CDKTN))}

    assert set(CDKTN.renamed) <= before
    assert set(CDKTN.renamed) & after == set()
    assert set(CDKTN.renamed.values()) <= after


def test_a_line_that_imports_nothing_stays_as_it_is() -> None:
    kept = "# import cdktf is slow\nx = 'cdktf.out'\nimport cdktf_extras\nfrom cdktfish import y\n"

    assert moved(kept, CDKTN) == kept


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from cdktf import App", "from cdktn import App"),
        ("import cdktf", "import cdktn"),
        (
            "from cdktf_cdktf_provider_aws.vpc import Vpc",
            "from cdktn_provider_aws.vpc import Vpc",
        ),
        ('PACKAGES = ("cdktf_cdktf_provider_helm",)', 'PACKAGES = ("cdktn_provider_helm",)'),
    ],
)
def test_an_import_and_the_list_of_stubs_change_their_name(before: str, after: str) -> None:
    assert moved(before, CDKTN) == after


def test_requirements_keep_their_place_and_the_bindings_take_theirs() -> None:
    declared = ["cdktf==0.21.0", "cdktf-cdktf-provider-aws==20.1.0", "PyYAML>=6"]

    with pytest.raises(ValueError, match="does not require cdktf-cdktf-provider-helm"):
        requirements(declared, CDKTN)

    assert requirements([*declared, "cdktf-cdktf-provider-helm==12.1.2"], CDKTN) == [
        "cdktn==0.24.0",
        "cdktn-provider-aws==25.8.1",
        "PyYAML>=6",
        "cdktn-provider-helm==15.1.0",
    ]


def test_bindings_are_imported_nowhere_else() -> None:
    others = [*(ROOT / "ekp").rglob("*.py"), *(ROOT / "environments").rglob("*.py")]

    assert {file for file in others if set(imported(file.read_text())) & {*CDKTN.renamed}} == set()
