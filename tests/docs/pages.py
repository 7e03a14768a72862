"""The pages of the documentation, and the blocks of code in them."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ekp.synth import project_root

ROOT = project_root()
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


@dataclass(frozen=True)
class Block:
    page: Path
    language: str
    text: str
    line: int

    @property
    def where(self) -> str:
        return f"{name(self.page)}:{self.line}"


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@cache
def _tokens(page: Path) -> list[Token]:
    return MarkdownIt().enable("table").parse(page.read_text(encoding="utf-8"))


def all_blocks() -> Iterator[Block]:
    """Yield every block of code; one without a fence has no language."""
    for page in PAGES:
        for token in _tokens(page):
            if token.type in ("fence", "code_block"):
                line = token.map[0] + 1 if token.map else 0
                yield Block(page, token.info.strip(), token.content, line)


def blocks(*languages: str) -> list[Block]:
    return [block for block in all_blocks() if block.language in languages]


def links(page: Path) -> list[str]:
    """Return where the links and pictures of a page lead, those to the web left out."""
    found = (
        str(child.attrs.get("href") or child.attrs.get("src") or "")
        for token in _tokens(page)
        for child in token.children or ()
        if child.type in ("link_open", "image")
    )
    return [link for link in found if not re.match(r"(https?|mailto):", link)]


def headings(page: Path) -> list[str]:
    """Return the titles of a page as links name them."""
    tokens = _tokens(page)
    titles = (
        "".join(child.content for child in inline.children or ())
        for opened, inline in itertools.pairwise(tokens)
        if opened.type == "heading_open"
    )
    return [re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles]


def code_spans(page: Path) -> list[str]:
    """Return what stands between backticks in running text and tables, each once."""
    spans = (
        child.content
        for token in _tokens(page)
        for child in token.children or ()
        if child.type == "code_inline"
    )
    return list(dict.fromkeys(re.sub(r"\s+", " ", span) for span in spans))
