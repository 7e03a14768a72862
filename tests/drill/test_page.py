"""A report of drills as a page, read by a parser and looked at in a real browser."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from selenium.webdriver.chrome.webdriver import WebDriver
from selenium.webdriver.common.by import By

from ekp.drill import page
from tests.support.browser import (
    browser,
    choose,
    complaints,
    emulate,
    faint_texts,
    requested,
    show,
    texts,
    widths,
    without_scripts,
    written,
)

from . import made_up


@pytest.fixture(scope="module")
def driver() -> Iterator[WebDriver]:
    with browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    return written(folder / "page.html", page.render(made_up.REPORT))


def test_the_page_names_nothing_outside_itself() -> None:
    text = page.render(made_up.REPORT)

    led = set(re.findall(r'(?:src|href)="([^"]*)"', text))
    assert {one for one in led if not one.startswith("#")} == {"data:,"}
    assert "style=" not in text
    policy = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert policy[0].startswith("default-src &#39;none&#39;; style-src &#39;sha256-")


def test_what_failed_is_said_first(driver: WebDriver, whole: Path) -> None:
    show(driver, whole)

    assert driver.title == "Drills of prod: failed"
    assert driver.find_element(By.ID, "verdict").text == (
        "FAILED 1 of 2 drills failed (overload): 3 of 6 checks hold, 1 fails, 1 weak spot,"
        " 1 not looked at"
    )
    assert texts(driver, ".figures div") == [
        *(
            "checks: passed\n3",
            "checks: failed\n1",
            "checks: weak spot\n1",
            "checks: not looked at\n1",
        )
    ]
    assert texts(driver, "#drills tbody .tag") == ["passed", "failed"]
    (failure,) = texts(driver, "#failures li")
    assert failure.splitlines() == [
        "Too many good requests: A pod never takes more than it can.",
        "Set capacity of the service.",
    ]
    assert texts(driver, "#weak li")[0].startswith("Too many good requests: Nobody waits")
    for absent in ('id="failures"', 'id="weak"'):
        assert absent not in page.render(made_up.CLEAN)


def test_a_check_says_what_must_be_what_is_and_what_mends_it(
    driver: WebDriver, whole: Path
) -> None:
    show(driver, whole)

    first, second, third, fourth = texts(driver, "#drill-overload .check")
    assert first.splitlines() == [
        "failed",
        "A pod never takes more than it can.",
        "shop/checkout takes 40 a second and can do 20.",
        "To mend it: Set capacity of the service.",
        "decided by",
        "Rollout shop/<script>document.title='ran'</script> & \N{REPLACEMENT CHARACTER}[31mred",
    ]
    assert second.startswith("not looked at")
    assert "To look at it: Install Prometheus." in second
    assert third.startswith("weak spot")
    assert "To mend it: Name somebody who is called." in third
    assert fourth.endswith("429 with Retry-After | and *stars*.")
    assert "a part was run on the local AWS" in texts(driver, "#drill-overload .note")[0]


def test_many_that_decide_are_folded_away(driver: WebDriver, whole: Path) -> None:
    show(driver, whole)

    summary = driver.find_element(By.CSS_SELECTOR, "#drill-region-down summary")
    assert summary.text == "decided by 7 objects"
    paths = "#drill-region-down details code"
    assert texts(driver, paths) == []
    summary.click()
    assert len(texts(driver, paths)) == 7


def test_figures_stand_on_the_right_and_shares_have_a_bar(driver: WebDriver, whole: Path) -> None:
    show(driver, whole)

    cells = driver.find_elements(By.CSS_SELECTOR, ".figures-of tbody td")
    sides = [one.value_of_css_property("text-align") for one in cells[:4]]
    assert [one.text for one in cells[4:]] == ["us-east-1", "1,200", "100%", "gateway"]
    assert sides == ["left", "right", "right", "left"]
    bars = driver.find_elements(By.CSS_SELECTOR, ".bar rect:last-child")
    assert [one.get_attribute("width") for one in bars] == ["0.0", "100.0"]


def test_a_long_table_is_opened_by_who_wants_it(driver: WebDriver, tmp_path: Path) -> None:
    (table,) = made_up.HELD.tables
    long = replace(made_up.HELD, tables=(replace(table, rows=table.rows * 7),))
    text = page.render(replace(made_up.CLEAN, drills=(long,)))
    show(driver, written(tmp_path / "page.html", text))

    assert texts(driver, ".table summary") == ["Where users go 14 rows"]
    assert texts(driver, ".figures-of tbody tr") == []
    driver.find_element(By.CSS_SELECTOR, ".table summary").click()
    assert len(texts(driver, ".figures-of tbody tr")) == 14


def test_what_was_not_looked_at_is_listed(driver: WebDriver, whole: Path) -> None:
    show(driver, whole)

    (line,) = texts(driver, "#missing li")
    assert line.startswith("overload: The alert comes within a minute. Prometheus is not")
    assert "Every check of these drills was looked at." in page.render(made_up.CLEAN)


def test_a_choice_leaves_its_checks_and_their_drills(driver: WebDriver, whole: Path) -> None:
    show(driver, whole)
    choose(driver, "outcome", "failed")

    assert [one.splitlines()[1] for one in texts(driver, ".check")] == [
        "A pod never takes more than it can."
    ]
    assert len(texts(driver, ".drill")) == 1
    assert driver.find_element(By.ID, "count").text == "1 of 6 checks"
    driver.find_element(By.ID, "all").click()
    driver.find_element(By.NAME, "text").send_keys("retry-after")
    assert driver.find_element(By.ID, "count").text == "1 of 6 checks"


def test_it_asks_for_nothing_and_runs_without_a_complaint(driver: WebDriver, whole: Path) -> None:
    show(driver, whole)

    assert requested(driver) == [whole.as_uri()]
    assert complaints(driver) == []


def test_what_others_wrote_does_not_run(driver: WebDriver, whole: Path, tmp_path: Path) -> None:
    show(driver, whole)
    assert driver.title != "ran"

    text = whole.read_text(encoding="utf-8")
    script = "<script>document.title='ran'</script>"
    show(driver, written(tmp_path / "page.html", text.replace("</main>", f"{script}</main>")))
    assert driver.title != "ran"
    assert any("Content Security Policy" in one for one in complaints(driver))


@pytest.mark.parametrize("medium", ["screen", "print"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out(driver: WebDriver, whole: Path, medium: str, scheme: str) -> None:
    show(driver, whole)
    emulate(driver, media=medium, scheme=scheme)

    seen, faint = faint_texts(driver)
    assert seen > 50
    assert faint == []


@pytest.mark.parametrize("width", [1280, 400])
def test_the_page_fits_its_window(driver: WebDriver, whole: Path, width: int) -> None:
    show(driver, whole, width=width)

    wanted, given = widths(driver)
    assert wanted <= given <= width


def test_without_scripts_all_checks_are_there(driver: WebDriver, whole: Path) -> None:
    show(driver, whole)
    with without_scripts(driver):
        assert len(texts(driver, ".check")) == 6
        assert not driver.find_element(By.ID, "filter").is_displayed()
