"""The documentation as a site: it builds, every page is found, and nothing is fetched by it."""

import html
import re
from html.parser import HTMLParser
from pathlib import Path

from .pages import DOCS, PAGES


class Seen(HTMLParser):
    """What a page asks for by itself, and where its links lead."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.links: list[str] = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {key: value or "" for key, value in attrs}
        if tag == "a":
            self.links.append(found.get("href", ""))
        elif found.get("rel") not in {"canonical", "next", "prev"}:
            self.fetched += [found[key] for key in ("src", "href") if key in found]


def test_the_site_has_every_page_and_leads_there(site: Path) -> None:
    start = Seen(site / "index.html")

    for page in PAGES:
        if page.is_relative_to(DOCS):
            name = page.relative_to(DOCS).with_suffix(".html").as_posix()
            address = re.sub(r"(^|/)README\.html$", r"\1index.html", name)
            assert (site / address).is_file(), address
            assert address in start.links, address


def test_the_site_begins_with_the_readme(site: Path) -> None:
    start = (site / "index.html").read_text(encoding="utf-8")

    assert "make demo" in html.unescape(re.sub(r"<[^>]+>", "", start))
    assert 'id="honest-limits"' in start
    assert 'src="images/prod.svg"' in start


def test_the_site_fetches_nothing_from_elsewhere(site: Path) -> None:
    pages = list(site.rglob("*.html"))

    assert pages
    for page in pages:
        seen = Seen(page)
        assert [one for one in seen.fetched if re.match(r"(https?:)?//", one)] == [], page
    for sheet in site.rglob("*.css"):
        assert "@import" not in sheet.read_text(encoding="utf-8")
        assert not re.search(r"url\(.?https?:", sheet.read_text(encoding="utf-8"))


def test_no_page_of_the_site_links_out_of_it_by_a_path(site: Path) -> None:
    # The page of what is not found is shown at any address, so its links are absolute.
    for page in set(site.rglob("*.html")) - {site / "404.html"}:
        for link in Seen(page).links:
            target = link.partition("#")[0]
            if target and "://" not in target and not target.startswith("mailto:"):
                found = (page.parent / target).resolve()
                assert found.exists(), f"{page.name}: {link}"
                assert found.is_relative_to(site.resolve()), f"{page.name}: {link}"


def test_a_bar_in_code_in_a_table_is_shown_without_its_backslash(site: Path) -> None:
    text = html.unescape((site / "reference" / "settings.html").read_text(encoding="utf-8"))

    assert r"(\d{12}|aws):policy" in text
    assert r"\|aws" not in text
