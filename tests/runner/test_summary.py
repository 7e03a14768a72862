"""A plan as a pull request shows it: read through a Markdown parser, as GitHub does."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from ekp.runner import summary
from ekp.runner.errors import NotWritableError, Problem
from ekp.runner.results import (
    Change,
    Counts,
    Failure,
    Output,
    RunResult,
    StackResult,
    Status,
)

PARSER = MarkdownIt("commonmark", {"html": True}).enable("table")
COMMENT_LIMIT = 65_536
ADD, UPDATE, DELETE = ("create",), ("update",), ("delete",)
REPLACE = ("create", "delete")
LOUD = {"destroy", "replace"}


def run(*stacks: StackResult) -> RunResult:
    return RunResult("plan", "local", stacks, 1.0)


def planned(name: str, *changes: Change, speculative: bool = False) -> StackResult:
    kinds = [change.actions for change in changes]
    counts = Counts(
        add=kinds.count(ADD),
        change=kinds.count(UPDATE),
        replace=kinds.count(REPLACE),
        destroy=kinds.count(DELETE),
    )
    status = Status.PLANNED if changes else Status.UNCHANGED
    return StackResult(name, status, counts=counts, changes=changes, speculative=speculative)


def change(path: str, actions: tuple[str, ...] = ADD, kind: str = "aws_vpc") -> Change:
    return Change(f"{kind}.{path.replace('/', '_')}", path, actions)


def tables(text: str) -> list[list[list[str]]]:
    """Return every table as rows of the text that a reader sees; the first row is the head."""
    found: list[list[list[str]]] = []
    for token in PARSER.parse(text):
        if token.type == "table_open":
            found.append([])
        elif token.type == "tr_open":
            found[-1].append([])
        elif token.type == "inline" and found and token.level >= 4:
            parts = token.children or []
            # Spans of code, and text; the tags of HTML between them show nothing.
            found[-1][-1].append("".join(p.content for p in parts if p.type != "html_inline"))
    return found


def actions(text: str) -> list[list[str]]:
    """Return the rows of every stack's changes."""
    return [row for table in tables(text)[1:] for row in table[1:]]


def test_one_table_counts_by_stack_and_in_all() -> None:
    text = summary.markdown(
        run(
            planned("dev-network", change("dev-network/vpc"), change("dev-network/a", DELETE)),
            planned("dev-cluster", change("dev-cluster/eks", REPLACE), speculative=True),
            StackResult("dev-edge", Status.PLANNED, counts=Counts(change=2, adopt=3)),
        ),
        environment="dev",
    )

    assert text.startswith("## Plan of `dev` (local)\n")
    assert tables(text)[0] == [
        ["stack", "result", "add", "change", "replace", "destroy", "import"],
        ["dev-network", "planned", "1", "", "", "1", ""],
        ["dev-cluster", "planned (speculative)", "", "", "1", "", ""],
        ["dev-edge", "planned", "", "2", "", "", "3"],
        ["all", "", "1", "2", "1", "1", "3"],
    ]
    assert "Speculative: planned with sample values" in text


def test_what_is_destroyed_or_replaced_is_read_first_then_by_construct() -> None:
    stack = planned(
        "dev-network",
        change("dev-network/b", ADD),
        change("dev-network/z", REPLACE),
        change("dev-network/m", UPDATE),
        change("dev-network/y", DELETE),
        change("dev-network/a", ADD),
        change("dev-network/c", DELETE),
    )

    text = summary.markdown(run(stack))

    assert [(row[0], row[1]) for row in actions(text)] == [
        ("destroy", "c"),
        ("destroy", "y"),
        ("replace", "z"),
        ("change", "m"),
        ("add", "a"),
        ("add", "b"),
    ]
    assert "dev-network</code>: destroy 2, replace 1, change 1, add 2</summary>" in text
    assert [text.count(f"| **{word}** |") for word in ("destroy", "replace", "add")] == [2, 1, 0]


def test_what_is_gone_from_the_settings_is_named_by_its_address() -> None:
    gone = Change("aws_subnet.old_1A2B", "", DELETE)

    assert actions(summary.markdown(run(planned("dev-network", gone)))) == [
        ["destroy", "aws_subnet.old_1A2B", "aws_subnet"]
    ]


def test_a_failure_has_terraforms_words_the_construct_and_the_remedy() -> None:
    failed = StackResult(
        "dev-cluster",
        Status.FAILED,
        failure=Failure(
            "`terraform plan` failed for dev-cluster.",
            "Sign in to AWS.",
            (Problem("no credentials", "``` </details> |", "aws_eks_cluster.c", "dev-cluster/c"),),
            Path("run/plan.log"),
        ),
    )
    skipped = StackResult("dev-ingress", Status.SKIPPED, because=("dev-cluster",))

    text = summary.markdown(run(planned("dev-network", change("x")), failed, skipped))
    blocks = [token.content for token in PARSER.parse(text) if token.type == "fence"]

    assert tables(text)[0][2][1:] == ["failed", *"?????"]
    assert tables(text)[0][-1][0] == "all that were planned"
    assert [block.splitlines() for block in blocks] == [
        [
            "`terraform plan` failed for dev-cluster.",
            "  no credentials",
            "  ``` </details> |",
            "  at dev-cluster/c (aws_eks_cluster.c)",
            "Sign in to AWS.",
        ],
        ["Not planned because of dev-cluster."],
    ]


def test_a_plan_without_changes_says_so_and_one_that_was_stopped_does_not() -> None:
    same = planned("dev-network")

    assert "Nothing would change." in summary.markdown(run(same))
    assert "Nothing" not in summary.markdown(run(same, StackResult("b", Status.INTERRUPTED)))


def test_no_output_is_shown() -> None:
    stack = StackResult(
        "dev-network",
        Status.PLANNED,
        changes=(change("dev-network/vpc"),),
        outputs={"token": Output("hunter2", sensitive=True), "vpc_id": Output("vpc-1")},
    )

    text = summary.markdown(run(stack))

    assert "hunter2" not in text
    assert "vpc-1" not in text


@pytest.mark.parametrize(
    "path",
    [
        "a|b",
        "a`b",
        "`",
        "a\\|b",
        "<b>&amp;",
        "*a*_b_",
        "@team #1",
        "a\nb",
        "[x](y)",
        " a ",
        "~~a~~",
    ],
)
def test_no_name_breaks_out_of_its_cell(path: str) -> None:
    text = summary.markdown(run(planned("dev|x", change(path), change("z"))), environment=path)

    assert tables(text)[0][1][0] == "dev|x"
    assert [row[1] for row in actions(text)] == sorted([path, "z"])
    assert text.count("<details>") == text.count("</details>") == 1


def whole(text: str) -> None:
    """Look at what holds of every summary, cut or not."""
    details = text.partition(summary.MARK)[2]
    assert text.count("<details>") == text.count("</details>\n")
    for block in details.split("<details>")[1:]:
        # A table that was cut ends with a whole row, and an empty line before what follows.
        assert re.search(r"\|\n\n(\d+ more of this stack left out\.\n\n)?</details>\n\n$", block)


def test_a_plan_too_large_for_a_comment_is_cut_with_the_count_of_what_is_left_out() -> None:
    first = [change(f"prod-a/{n:04}/{'long/' * 10}", ADD) for n in range(600)]
    last = [change(f"prod-z/{n:04}/{'long/' * 10}", ADD) for n in range(600)]
    last[300] = change("prod-z/precious", DELETE)
    result = run(planned("prod-a", *first), planned("prod-z", *last))

    text = summary.markdown(result)
    shown = actions(text)
    left = re.search(r"There is no room here for (\d+) changes \(add (\d+)\)\.", text)

    assert 60_000 < len(text) < COMMENT_LIMIT
    whole(text)
    assert left is not None
    assert int(left[1]) == int(left[2]) == 1200 - len(shown)
    # The last stack's destruction is shown before the first stack's additions are cut.
    assert ["destroy", "precious", "aws_vpc"] in shown
    by_stack = re.findall(r"^(\d+) more of this stack left out\.$", text, re.MULTILINE)
    assert sum(map(int, by_stack)) == int(left[1])


def test_a_failure_of_any_length_leaves_room_for_its_remedy() -> None:
    failures = [
        StackResult(
            f"prod-{n}",
            Status.FAILED,
            failure=Failure("It failed.", "Do this.", (Problem("x" * 500_000),)),
        )
        for n in range(31)
    ]

    text = summary.markdown(run(*failures))

    assert len(text) < COMMENT_LIMIT
    told = text.count("\nDo this.\n")
    assert told > 10
    assert f"There is no room here for {31 - told} failures." in text
    assert "characters more are in the log" in text


NAMES = st.text("ab/|`\\\\<>&*_ \n", min_size=1, max_size=60)
CHANGES = st.builds(Change, NAMES, NAMES, st.sampled_from([*summary.WORDS, ("read", "delete")]))
FAILURES = st.builds(Failure, NAMES, NAMES, st.tuples(st.builds(Problem, st.text(max_size=200))))
RESULTS = st.one_of(
    st.builds(lambda name, some: planned(name, *some), NAMES, st.lists(CHANGES, max_size=40)),
    st.builds(lambda name, why: StackResult(name, Status.FAILED, failure=why), NAMES, FAILURES),
)


@settings(max_examples=30)
@given(
    st.lists(RESULTS, max_size=4, unique_by=lambda one: one.stack),
    st.integers(1_000, 8_000),
)
def test_whatever_is_planned_stays_within_the_limit_and_what_is_destroyed_goes_last(
    stacks: list[StackResult], limit: int
) -> None:
    text = summary.markdown(run(*stacks), limit=limit)

    head = text.partition(summary.MARK)[0]
    whole(text)
    assert len(text) <= max(limit, len(head) + len(summary.MARK) + 2)
    left = re.search(r"There is no room here .*\((.*)\)", head)
    if left and "destroy" in left[1]:
        assert {row[0] for row in actions(text)} <= {"destroy"}
    elif left and "replace" in left[1]:
        assert {row[0] for row in actions(text)} <= LOUD


def test_several_environments_share_a_file(tmp_path: Path) -> None:
    file = tmp_path / "new" / "summary.md"

    for name in ("dev", "qa"):
        summary.append(file, summary.markdown(run(planned(f"{name}-edge")), environment=name))

    assert [table[1][0] for table in tables(file.read_text())] == ["dev-edge", "qa-edge"]


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotWritableError, match="cannot be written: Is a directory"):
        summary.append(tmp_path, "")
