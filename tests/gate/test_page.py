"""The gate's report as a page, read by a parser and looked at in a real browser."""

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from selenium.webdriver.chrome.webdriver import WebDriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from ekp.gate.reports import page
from tests.gate import made_up
from tests.support.browser import (
    browser,
    choose,
    complaints,
    emulate,
    faint_texts,
    requested,
    show,
    widths,
    without_scripts,
    written,
)


class Elements(HTMLParser):
    """The elements of a page with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def driver() -> Iterator[WebDriver]:
    with browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a closed gate."""
    return written(tmp_path_factory.mktemp("page") / "page.html", page.render(made_up.report()))


def every(driver: WebDriver | WebElement, css: str) -> list[WebElement]:
    return driver.find_elements(By.CSS_SELECTOR, css)


def texts(driver: WebDriver, css: str) -> list[str]:
    return [one.text for one in every(driver, css)]


def checks_shown(driver: WebDriver) -> list[str]:
    """The checks of the rows that are to be seen."""
    return [one for one in texts(driver, "#rows tbody td:nth-child(2) code") if one]


def test_the_page_names_nothing_outside_itself() -> None:
    elements = Elements(page.render(made_up.report())).found
    addresses = {
        value for _, attributes in elements for value in map(attributes.get, ("src", "href"))
    }
    assert {one for one in addresses if one and not one.startswith("#")} == {"data:,"}
    assert [tag for tag, _ in elements if tag in {"script", "style"}] == ["style", "script"]


def test_a_clean_gate_has_a_page_too() -> None:
    text = page.render(made_up.clean())
    assert "<strong>open</strong> no check failed" in text
    assert "<p>No check failed.</p>" in text
    assert "<p>There are none.</p>" in text


def test_the_numbers_are_the_report_s(driver: WebDriver, whole: Path) -> None:
    show(driver, whole)
    assert driver.title == "Policy gate closed: prod, dev"
    assert driver.find_element(By.ID, "verdict").text == (
        "CLOSED 3 findings without an exception (1 critical, 1 high, 1 medium);"
        " 1 problem of exceptions"
    )
    figures = dict(zip(texts(driver, ".figures dt"), texts(driver, ".figures dd"), strict=True))
    assert figures == {
        "critical": "1",
        "high": "1",
        "medium": "1",
        "low": "0",
        "explained": "2",
        "in charts": "1",
        "passed": "1,234",
    }
    assert texts(driver, "#matrix tbody tr") == [
        "cluster\n1\n0 0 0",
        "ingress 0\n1\n1\n1 explained\n0",
        "network 0 0 0 0",
        "services 0 0 0\n1 explained",
    ]
    assert texts(driver, "#problems li") == [made_up.PROBLEM]
    assert driver.find_element(By.ID, "count").text == "6 findings"
    assert texts(driver, "#scanned td:last-child") == [
        *("planned", "not planned", "planned", "planned", "has no plan"),
    ]
    assert texts(driver, ".versions div") == ["checkov\n3.3.30", "Python\n3.11.2"]


def test_exceptions_come_with_reason_owner_end_and_use(driver: WebDriver, whole: Path) -> None:
    show(driver, whole)
    rows = [[cell.text for cell in every(row, "td")] for row in every(driver, "#uses tbody tr")]
    assert [row[0] for row in rows] == [
        *("2026-11-20\nexpired", "2026-12-21\nin 30 days", "2026-12-22"),
    ]
    assert rows[1][1:] == [
        "CKV_AWS_18\n**/alb/logs/**\ndev, line 2",
        made_up.LOGS.reason,
        "platform",
        "1",
    ]
    assert rows[0][1].endswith("all environments, by plans alone, line 16")


@pytest.mark.parametrize(
    ("field", "value", "left"),
    [
        ("severity", "high", ["CKV_AWS_145"]),
        ("layer", "ingress", ["CKV_AWS_145", "CKV_AWS_18", "CKV_AWS_18"]),
        ("environment", "dev", ["CKV_AWS_18"]),
        ("status", "explained", ["CKV_AWS_18", "CKV_K8S_43"]),
        ("status", "chart", ["CKV_K8S_43"]),
    ],
)
def test_a_choice_leaves_its_findings(
    driver: WebDriver, whole: Path, field: str, value: str, left: list[str]
) -> None:
    show(driver, whole)
    choose(driver, field, value)
    assert checks_shown(driver) == left
    found = "1 of 6 findings" if len(left) == 1 else f"{len(left)} of 6 findings"
    assert driver.find_element(By.ID, "count").text == found


def test_text_and_choices_narrow_each_other(driver: WebDriver, whole: Path) -> None:
    show(driver, whole)
    text = driver.find_element(By.NAME, "text")
    text.send_keys("LOGS bucket")
    assert checks_shown(driver) == ["CKV_AWS_145", "CKV_AWS_18"]
    choose(driver, "status", "open")
    assert checks_shown(driver) == ["CKV_AWS_145"]
    text.send_keys(" nowhere")
    assert checks_shown(driver) == []
    assert driver.find_element(By.ID, "nothing").is_displayed()
    driver.find_element(By.ID, "all").click()
    assert len(checks_shown(driver)) == 6
    text.send_keys("Argo CD writes")
    assert checks_shown(driver) == ["CKV_K8S_43"]


def test_a_number_of_the_matrix_shows_what_it_counts(driver: WebDriver, whole: Path) -> None:
    show(driver, whole)
    driver.find_element(By.NAME, "text").send_keys("nowhere")
    driver.find_element(By.CSS_SELECTOR, "#matrix small a").click()
    assert checks_shown(driver) == ["CKV_AWS_18"]
    assert texts(driver, "#rows tbody td:last-child a") == ["explained", ""]


def test_it_asks_for_nothing_and_runs_without_a_complaint(driver: WebDriver, whole: Path) -> None:
    show(driver, whole)
    choose(driver, "severity", "critical")
    assert requested(driver) == [whole.as_uri()]
    assert complaints(driver) == []


def test_what_others_wrote_is_shown_as_they_wrote_it(driver: WebDriver, whole: Path) -> None:
    show(driver, whole)
    assert driver.title != "ran"
    path = made_up.NAMED_BY_OTHERS.subject.path.replace("\x1b", "\N{REPLACEMENT CHARACTER}")
    assert path in texts(driver, "#rows td:nth-child(3) code")
    assert made_up.IMAGES.reason in texts(driver, "#uses .reason")


def test_a_script_that_is_not_the_page_s_does_not_run(driver: WebDriver, tmp_path: Path) -> None:
    text = page.render(made_up.report()).replace("</main>", f"{made_up.SCRIPT}</main>")
    show(driver, written(tmp_path / "page.html", text))
    assert driver.title != "ran"
    assert any("Content Security Policy" in one for one in complaints(driver))


@pytest.mark.parametrize("medium", ["screen", "print"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out(driver: WebDriver, whole: Path, medium: str, scheme: str) -> None:
    show(driver, whole)
    emulate(driver, media=medium, scheme=scheme)
    seen, faint = faint_texts(driver)
    assert seen > 100
    assert faint == []


def test_a_dark_scheme_is_dark_on_a_screen_and_not_on_paper(driver: WebDriver, whole: Path) -> None:
    show(driver, whole)
    body = driver.find_element(By.TAG_NAME, "body")
    emulate(driver, scheme="dark")
    assert body.value_of_css_property("background-color") == "rgba(17, 21, 27, 1)"
    emulate(driver, scheme="dark", media="print")
    assert body.value_of_css_property("background-color") == "rgba(255, 255, 255, 1)"
    assert not driver.find_element(By.ID, "filter").is_displayed()


@pytest.mark.parametrize("width", [1280, 400])
def test_the_page_fits_its_window(driver: WebDriver, whole: Path, width: int) -> None:
    show(driver, whole, width=width)
    wanted, given = widths(driver)
    assert wanted <= given <= width


def test_the_keyboard_reaches_every_control(driver: WebDriver, whole: Path) -> None:
    show(driver, whole)
    focused = """
        const at = document.activeElement;
        return [at.name || at.localName, getComputedStyle(at).outlineStyle];
    """
    reached = []
    for _ in every(driver, "a, input, select, button, [tabindex]"):
        ActionChains(driver).send_keys(Keys.TAB).perform()
        reached.append(driver.execute_script(focused))
    links = ["a"] * 5
    fields = ["text", "status", "severity", "layer", "environment"]
    names = ["div", *links, *fields, "button", "a", "a", "div"]
    assert reached == [[name, "solid"] for name in names]


def test_without_scripts_all_findings_are_there(driver: WebDriver, whole: Path) -> None:
    show(driver, whole)
    with without_scripts(driver):
        assert len(checks_shown(driver)) == 6
        assert not driver.find_element(By.ID, "filter").is_displayed()
