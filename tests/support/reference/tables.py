"""Tables of Markdown, and docstrings in them."""

import re
from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; what would end a cell is written so that it does not."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").strip()


def paragraph(docstring: str) -> str:
    """Return the first paragraph of a docstring in one line, with Markdown's code marks."""
    first = docstring.strip().partition("\n\n")[0]
    return re.sub(r"\s+", " ", first.replace("``", "`"))
