"""A plan as a page, read by a parser and looked at in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.chrome.webdriver import WebDriver
from selenium.webdriver.common.by import By

from ekp.review import page
from ekp.runner.errors import RunnerError
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
    text = page.render(made_up.result(folder), made_up.STACKS, environment="dev")
    return written(folder / "page.html", text)


def test_what_takes_something_away_comes_first_with_its_reason(
    driver: WebDriver, whole: Path
) -> None:
    show(driver, whole)
    assert texts(driver, ".path") == [
        "aws_sqs_queue.old",
        *("vpc/Resource", "a/Resource", "db/Resource", "nat/Resource", "node/Resource"),
    ]
    assert texts(driver, ".why") == [
        "is destroyed because it is not in the configuration any more",
        "must be replaced because cidr_block cannot change in place",
    ]
    assert texts(driver, ".forcing th code") == ["cidr_block"]
    assert texts(driver, ".forcing td") == ["10.0.0.0/16", "10.1.0.0/16"]


def test_the_head_says_how_much_of_what_and_what_is_not_known(
    driver: WebDriver, whole: Path
) -> None:
    show(driver, whole)
    assert driver.find_element(By.ID, "verdict").text == (
        "1 to destroy, 1 to replace, 2 to change, 2 to add; 1 stack not planned, so there is more"
    )
    assert texts(driver, "#layers tbody tr, #layers tfoot tr") == [
        "network 1 1 1 1",
        "cluster 1 1 1 1",
        "tenants ? ? ? ? ? 0 of 1",
        "all 1 1 2 2 2 of 3",
    ]
    (failure,) = texts(driver, ".failure")
    assert failure.splitlines()[:2] == ["dev-tenants: failed", made_up.FAILURE.message]
    assert "Error: <b>no</b>" in failure


def test_stacks_that_were_planned_with_samples_are_marked(driver: WebDriver, whole: Path) -> None:
    show(driver, whole)
    assert set(texts(driver, "h4")) == {"dev-network", "dev-cluster speculative"}


def test_secrets_are_not_in_the_page_and_long_values_are_cut(
    driver: WebDriver, whole: Path
) -> None:
    source = whole.read_text(encoding="utf-8")
    assert made_up.SECRET not in source
    assert made_up.LONG not in source
    show(driver, whole)
    rows = [" ".join(row.split()) for row in texts(driver, ".attributes tbody tr")]
    assert "login[0].user a b" in rows
    assert "login[0].password (sensitive) (sensitive)" in rows
    assert any("(5,000 characters)" in row for row in rows)
    assert texts(driver, ".later") == ["Known after apply: id"]


@pytest.mark.parametrize(
    ("field", "value", "left"),
    [
        ("action", "destroy", ["aws_sqs_queue.old"]),
        ("layer", "network", ["vpc/Resource", "a/Resource", "nat/Resource"]),
        ("stack", "dev-cluster", ["aws_sqs_queue.old", "db/Resource", "node/Resource"]),
    ],
)
def test_a_choice_leaves_its_changes(
    driver: WebDriver, whole: Path, field: str, value: str, left: list[str]
) -> None:
    show(driver, whole)
    choose(driver, field, value)
    assert texts(driver, ".path") == left
    assert driver.find_element(By.ID, "count").text == f"{len(left)} of 6 changes"
    assert len(texts(driver, "h3")) == len(texts(driver, ".section")) + len(
        texts(driver, ".failure")
    )


def test_text_and_numbers_of_the_table_narrow_the_changes(driver: WebDriver, whole: Path) -> None:
    show(driver, whole)
    driver.find_element(By.NAME, "text").send_keys("CIDR_block")
    assert texts(driver, ".path") == ["vpc/Resource"]
    driver.find_element(By.NAME, "text").send_keys(" nowhere")
    assert driver.find_element(By.ID, "nothing").is_displayed()
    driver.find_element(By.CSS_SELECTOR, "#layers a[data-layer=cluster][data-action=add]").click()
    assert texts(driver, ".path") == ["node/Resource"]
    driver.find_element(By.ID, "all").click()
    assert len(texts(driver, ".path")) == 6


def test_it_asks_for_nothing_and_runs_no_script_but_its_own(
    driver: WebDriver, whole: Path, tmp_path: Path
) -> None:
    show(driver, whole)
    choose(driver, "layer", "cluster")
    assert driver.title.startswith("Plan of dev: 1 to destroy")
    assert requested(driver) == [whole.as_uri()]
    assert complaints(driver) == []
    foreign = whole.read_text(encoding="utf-8").replace("</main>", f"{made_up.SCRIPT}</main>")
    show(driver, written(tmp_path / "page.html", foreign))
    assert driver.title != "ran"


@pytest.mark.parametrize(
    ("scheme", "medium"), [("light", "screen"), ("dark", "screen"), ("dark", "print")]
)
def test_every_text_stands_out(driver: WebDriver, whole: Path, scheme: str, medium: str) -> None:
    show(driver, whole)
    emulate(driver, media=medium, scheme=scheme)
    seen, faint = faint_texts(driver)
    assert seen > 80
    assert faint == []


@pytest.mark.parametrize("width", [1280, 375])
def test_the_page_fits_its_window(driver: WebDriver, whole: Path, width: int) -> None:
    show(driver, whole, width=width)
    wanted, given = widths(driver)
    assert wanted <= given <= width


def test_without_scripts_all_changes_are_there(driver: WebDriver, whole: Path) -> None:
    show(driver, whole)
    with without_scripts(driver):
        assert len(texts(driver, ".path")) == 6
        assert not driver.find_element(By.ID, "filter").is_displayed()


def test_a_plan_without_changes_says_so() -> None:
    text = page.render(made_up.nothing(), made_up.STACKS, environment="dev")
    assert "Nothing would change." in text
    assert 'class="verdict open"' in text


def test_a_plan_that_is_gone_is_told(tmp_path: Path) -> None:
    result = made_up.result(tmp_path)
    (tmp_path / "dev-network.json").unlink()
    with pytest.raises(RunnerError, match=r"dev-network\.json cannot be read"):
        page.render(result, made_up.STACKS, environment="dev")
