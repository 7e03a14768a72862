"""Resource addresses are public API: one that changes destroys what it named.

``tests/addresses`` holds one file a stack; ``pytest --update-addresses`` rewrites them, and the
difference is read in review.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.synth import Synth

COMMITTED = Path(__file__).parents[1] / "addresses"


def read(folder: Path) -> dict[str, tuple[str, ...]]:
    """Return the committed addresses, by stack id."""
    return {
        file.stem: tuple(file.read_text(encoding="utf-8").split())
        for file in sorted(folder.glob("*.txt"))
    }


def write(folder: Path, found: Mapping[str, tuple[str, ...]]) -> None:
    """Replace the committed addresses."""
    folder.mkdir(exist_ok=True)
    for file in folder.glob("*.txt"):
        if file.stem not in found:
            file.unlink()
    for stack_id, addresses in found.items():
        text = "".join(f"{address}\n" for address in addresses)
        (folder / f"{stack_id}.txt").write_text(text, encoding="utf-8")


def differences(
    committed: Mapping[str, tuple[str, ...]], found: Mapping[str, tuple[str, ...]]
) -> str:
    """Return what went and what came, stack by stack, and what to do about it."""
    lines = []
    gone = False
    for stack_id in sorted({*committed, *found}):
        before, after = set(committed.get(stack_id, ())), set(found.get(stack_id, ()))
        if before == after and (stack_id in committed) == (stack_id in found):
            continue
        lines.append(f"{stack_id}:")
        lines += [f"  - {address}" for address in sorted(before - after)]
        lines += [f"  + {address}" for address in sorted(after - before)]
        gone = gone or bool(before - after)
    if gone:
        lines.append(
            "A line with - is destroyed by the next deploy. If it was renamed, add "
            "`move_from_id(...)` to the construct in the same change; if its destruction is meant, "
            "say so in a sentence of the review."
        )
    if lines:
        lines.append("Then run `pytest --update-addresses` and commit tests/addresses.")
    return "\n".join(lines)


@pytest.mark.requirement("R23")
def test_no_address_changes_unseen(
    stacks: Mapping[str, Synth], request: pytest.FixtureRequest
) -> None:
    found = {stack_id: plan.addresses for stack_id, plan in stacks.items()}
    if request.config.getoption("--update-addresses"):
        write(COMMITTED, found)

    difference = differences(read(COMMITTED), found)

    assert not difference, f"Resource addresses have changed.\n{difference}"


def test_an_address_that_goes_says_how_to_keep_what_it_named() -> None:
    text = differences({"dev": ("aws_vpc.a", "aws_vpc.b")}, {"dev": ("aws_vpc.b", "aws_vpc.c")})

    assert text.startswith("dev:\n  - aws_vpc.a\n  + aws_vpc.c\nA line with - is destroyed")
    assert "move_from_id" in text
    assert text.endswith("`pytest --update-addresses` and commit tests/addresses.")


def test_an_address_that_only_comes_asks_for_no_move() -> None:
    text = differences({"dev": ("aws_vpc.a",)}, {"dev": ("aws_vpc.a", "aws_vpc.b")})

    assert text.startswith("dev:\n  + aws_vpc.b\nThen run")


def test_a_stack_that_goes_and_one_that_comes_are_both_named() -> None:
    text = differences({"dev": ("aws_vpc.a",)}, {"qa": ("aws_vpc.a",)})

    assert "dev:\n  - aws_vpc.a" in text
    assert "qa:\n  + aws_vpc.a" in text


def test_equal_addresses_say_nothing() -> None:
    assert differences({"dev": ("aws_vpc.a",)}, {"dev": ("aws_vpc.a",)}) == ""


def test_rewriting_the_files_leaves_nothing_to_say(tmp_path: Path) -> None:
    write(tmp_path, {"dev": ("aws_vpc.a",), "qa": ("aws_vpc.b", "aws_vpc.c")})
    write(tmp_path, {"qa": ("aws_vpc.b",)})

    assert read(tmp_path) == {"qa": ("aws_vpc.b",)}
