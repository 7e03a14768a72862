"""Reports on paper: what others wrote into names does nothing there, and figures add up."""

import csv
import io
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from rich.console import Console

from ekp.cost.accounts import Place
from ekp.cost.csv_file import csv_text
from ekp.cost.html_page import html_text
from ekp.cost.recommendations import Recommendation
from ekp.cost.report import Report, report
from ekp.cost.shares import Rule
from ekp.cost.tables import tables
from tests.support.costs import CLUSTER, HUB, HUB_PLACE, answer, payer, place

EVIL = '<script>alert("1")</script>'
VOID = {"meta", "br"}


def found(where: Place | None = None) -> Report:
    rows = {
        f"{CLUSTER}/shop": "30",
        f"{CLUSTER}/billing": "10.55555",
        f"{CLUSTER}/__idle__": "4",
        f"{HUB}/argocd": "1",
        "gone/shop": "2",
    }
    shop = payer("shop", budget="40")
    advice = Recommendation(
        environment="prod",
        cluster=CLUSTER,
        tenant="shop",
        namespace="shop",
        workload=EVIL,
        container="[bold]",
        cpu=("250m", "96m"),
        memory=("", "301Mi"),
        monthly_saving=Decimal("3.01"),
    )
    return report(
        [answer(rows)],
        [where or place(shop, payer("billing")), HUB_PLACE],
        rule=Rule.EVEN,
        recommendations=[advice],
    )


class Page(HTMLParser):
    """What a page is made of; every element is closed in its place."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += f" {data}"


def test_the_rows_of_the_csv_add_up_to_the_reports_total() -> None:
    rows = [*csv.DictReader(io.StringIO(csv_text(found()), newline=""))]

    assert sum(Decimal(row["total"]) for row in rows) == found().total == Decimal("47.56")
    shop = next(row for row in rows if row["tenant"] == "shop")
    assert (shop["cost_center"], shop["owner"]) == ("cc-shop", "shop@example.org")
    assert (shop["direct"], shop["shared"], shop["share"]) == ("30.00", "2.00", "even")
    assert (shop["monthly_budget"], shop["budget_state"]) == (
        "40.00",
        "over by the month's end at this pace",
    )
    assert shop["from"].startswith("2026-11-01") and shop["to"].startswith("2026-11-16")  # noqa: PT018


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_the_csv_is_a_formula(first: str) -> None:
    owner = f'{first}cmd|"/c calc"!A1'
    where = Place(
        environment="prod", owner=owner, cost_center=owner, clusters=(CLUSTER,), payers=()
    )

    rows = [*csv.DictReader(io.StringIO(csv_text(found(where)), newline=""))]

    assert rows[0]["owner"] == rows[0]["cost_center"] == f"'{owner}"


def test_the_page_is_whole_and_needs_nothing_else() -> None:
    page = Page(html_text(found()))

    assert page.open == []
    assert page.tags.isdisjoint({"script", "link", "img", "iframe"})
    assert page.attributes.isdisjoint({"src", "href", "srcset"})
    assert "url(" not in html_text(found())
    assert "@import" not in html_text(found())


def test_the_page_tells_window_rule_shares_and_savings() -> None:
    text = " ".join(Page(html_text(found())).text.split())

    for said in (
        "2026-11-01 00:00 to 2026-11-16 00:00 UTC",
        "$47.56",
        "Every tenant of an environment carries the same part of its shared cost.",
        "cc-shop, shop@example.org",
        "over by the month's end at this pace 64.00 of 40.00 a month",
        "Shared cost is made of: platform 0.00, idle 4.00,",
        "gone 2.00",
        "250m → 96m 301Mi 3.01",
    ):
        assert said in text


def test_names_are_text_on_the_page() -> None:
    where = Place(
        environment=EVIL,
        owner=f'" onload="{EVIL}',
        cost_center=EVIL,
        clusters=(CLUSTER,),
        payers=(payer(EVIL, "shop", budget="1"),),
    )

    page = Page(html_text(found(where)))

    assert "script" not in page.tags
    assert "onload" not in page.attributes
    assert EVIL in page.text


def test_the_dearest_tenants_bar_is_full_and_no_bar_is_longer() -> None:
    page = html_text(found())

    bars = [part.split("</div>")[0] for part in page.split('<div class="bar">')[1:]]
    lengths = [
        sum(Decimal(piece.split("%")[0]) for piece in bar.split("width:")[1:]) for bar in bars
    ]
    assert max(lengths) == pytest.approx(Decimal(100), abs=Decimal("0.1"))
    assert len(lengths) == 3


@pytest.mark.parametrize("width", [80, 160])
def test_tables_fit_the_terminal_and_show_markup_as_text_and_the_sum(width: int) -> None:
    console = Console(width=width, record=True, file=io.StringIO())
    for table in tables(found(), width=width):
        console.print(table)

    lines = console.export_text().splitlines()
    rows = [[cell.strip() for cell in line.split("│")] for line in lines if "│" in line]
    assert any("[bold]" in cell for row in rows for cell in row)
    (shop,) = (row for row in rows if "32.00" in row)
    assert shop[1:3] == ["prod", "shop"]
    assert "30.00" in shop
    assert ("cc-shop" in shop) == (width == 160)
    assert any("47.56" in row for row in rows)
    assert any(row[1:3] == ["(unknown)", "gone"] and "2.00" in row for row in rows)
