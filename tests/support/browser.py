"""A real browser without a window, for tests of pages."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.chrome.webdriver import WebDriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--headless=new",
    # The sandbox cannot be had as root, and shared memory is small in a container.
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    # No name resolves: what a page asks for stays unanswered.
    "--host-resolver-rules=MAP * ~NOTFOUND",
)

# A text has the background of the nearest ancestor that paints one; the formulas are WCAG 2.2's.
_FAINT = """
const parts = (color) => {
  const [r, g, b, a = 1] = color.match(/[\\d.]+/g).map(Number);
  return { rgb: [r, g, b], a };
};
const light = (rgb) => {
  const [r, g, b] = rgb.map((one) => {
    const value = one / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const behind = (element) => {
  for (let one = element; one; one = one.parentElement) {
    const { rgb, a } = parts(getComputedStyle(one).backgroundColor);
    if (a === 1) return rgb;
    if (a > 0) throw new Error("a background that is seen through");
  }
  return [255, 255, 255];
};
const found = [];
let seen = 0;
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (texts.nextNode()) {
  const element = texts.currentNode.parentElement;
  const words = texts.currentNode.data.trim();
  if (!words || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
    continue;
  seen += 1;
  const [one, other] = [parts(getComputedStyle(element).color).rgb, behind(element)].map(light);
  const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  if (contrast < arguments[0]) found.push(`${words.slice(0, 40)}: ${contrast.toFixed(2)}`);
}
return [seen, found];
"""


@contextmanager
def browser() -> Iterator[WebDriver]:
    """Give Debian's chromium with its driver; where either is missing, the test is skipped."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    driver = shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip("no browser: `apt-get install chromium chromium-driver` gets one")
    options = Options()
    options.binary_location = program
    for argument in ARGUMENTS:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    # With the driver's path selenium looks for none by itself.
    opened = webdriver.Chrome(options=options, service=Service(driver))
    try:
        yield opened
    finally:
        opened.quit()


def show(driver: WebDriver, page: Path, *, width: int = 1280) -> None:
    """Open a file in a window of a width, with all logs begun anew."""
    emulate(driver)
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False},
    )
    requested(driver)
    complaints(driver)
    driver.get(page.as_uri())


def emulate(driver: WebDriver, *, media: str = "screen", scheme: str = "light") -> None:
    """Show pages on a medium (``screen``, ``print``) in a colour scheme (``light``, ``dark``)."""
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})


def requested(driver: WebDriver) -> list[str]:
    """Return the addresses that were asked for since the last question."""
    messages = (json.loads(entry["message"])["message"] for entry in _log(driver, "performance"))
    return [
        str(one["params"]["request"]["url"])
        for one in messages
        if one["method"] == "Network.requestWillBeSent"
    ]


def complaints(driver: WebDriver) -> list[str]:
    """Return what the console got since the last question."""
    return [str(entry["message"]) for entry in _log(driver, "browser")]


def faint_texts(driver: WebDriver, *, least: float = 4.5) -> tuple[int, list[str]]:
    """Return how many texts are shown, and those with less contrast than WCAG's level AA asks."""
    seen, found = driver.execute_script(_FAINT, least)
    return int(seen), list(found)


def texts(driver: WebDriver, css: str) -> list[str]:
    """Return the texts of what is to be seen."""
    found = driver.find_elements(By.CSS_SELECTOR, css)
    return [one.text for one in found if one.is_displayed()]


def choose(driver: WebDriver, name: str, value: str) -> None:
    """Choose in a list by what is to be read there."""
    Select(driver.find_element(By.NAME, name)).select_by_visible_text(value)


def written(file: Path, text: str) -> Path:
    """Write a page, and return where it is."""
    file.write_text(text, encoding="utf-8")
    return file


def _log(driver: WebDriver, name: str) -> list[dict[str, Any]]:
    return list(driver.get_log(name))  # type: ignore[no-untyped-call] # selenium's has no types


def widths(driver: WebDriver) -> tuple[int, int]:
    """Return how wide the page wants to be, and how wide its window is."""
    wanted, given = driver.execute_script(
        "return [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    return int(wanted), int(given)


@contextmanager
def without_scripts(driver: WebDriver) -> Iterator[None]:
    """Show the page as a browser does that runs no script, while the block runs."""
    driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        driver.refresh()
        yield
    finally:
        driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
