"""A report as Markdown: what GitHub shows of it."""

import re

import pytest
from markdown_it import MarkdownIt

from ekp.drill import markdown
from ekp.drill.figures import numeric, share, shares
from ekp.drill.report import Table

from . import made_up


def rendered() -> str:
    return str(MarkdownIt().enable("table").render(markdown.render(made_up.REPORT)))


def test_the_summary_comes_first_and_leads_to_each_drill() -> None:
    text = markdown.render(made_up.REPORT, head="Look [here](x.md).")
    lines = text.splitlines()

    assert lines[0] == "# Drills of prod"
    assert lines[2] == "Look [here](x.md)."
    assert lines[4] == (
        "**Failed.** 1 of 2 drills failed (overload): 3 of 6 checks hold, 1 fails, 1 weak spot,"
        " 1 not looked at."
    )
    assert "| `overload` | [Too many good requests](#too-many-good-requests) |" in text
    assert "| **failed** | 1 of 4 checks hold, 1 fails, 1 weak spot, 1 not looked at |" in text


def test_what_others_wrote_means_nothing_to_markdown() -> None:
    html = rendered()

    assert "<script>" not in html
    assert "\x1b" not in html
    assert "429 with Retry-After | and *stars*." in html
    # A bar in a cell would make one more.
    assert {row.count("<td") for row in re.findall(r"<tr>.*?</tr>", html, re.DOTALL)} <= {0, 4}


def test_the_remedy_stands_below_what_failed_or_was_not_looked_at() -> None:
    text = markdown.render(made_up.REPORT)

    assert "- failed, A pod never takes more than it can: Set `capacity` of the service." in text
    assert "- not looked at, The alert comes within a minute: Install Prometheus." in text


def test_figures_stand_on_the_right_and_many_deciders_are_counted() -> None:
    text = markdown.render(made_up.CLEAN)

    assert "| --- | ---: | ---: | --- |" in text
    assert "`prod-eu-west-1-platform/thing-3` and 3 more |" in text


def test_a_report_of_one_drill_says_no_more_than_it_knows() -> None:
    assert "**Passed.** 2 of 2 checks hold." in markdown.render(made_up.CLEAN)


def test_a_section_is_part_of_the_page() -> None:
    text = markdown.render(made_up.REPORT)

    assert markdown.section(made_up.HELD) in text


@pytest.mark.parametrize(
    ("cells", "figure", "part"),
    [
        (("12", "1,234.5 req/s", ""), True, False),
        (("40%", "100 %"), True, True),
        (("40%", "140%"), True, False),
        (("eu-west-1", "3"), False, False),
        (("10.0.0.0/16",), False, False),
        (("", "none"), False, False),
    ],
)
def test_a_column_of_figures_is_known_by_all_its_cells(
    cells: tuple[str, ...], figure: object, part: object
) -> None:
    table = Table(title="", columns=("x",), rows=tuple((cell,) for cell in cells))

    assert numeric(table) == (figure,)
    assert shares(table) == (part,)


def test_a_share_is_of_a_whole() -> None:
    assert share("37.5%") == 37.5
    assert share("101%") is None
    assert share("half") is None
