"""Which columns of a drill's tables hold figures, and which of these hold shares."""

import re

from .report import Table

# A number, maybe with a unit behind it: 12, 1,234.5 req/s, 40%.
_FIGURE = re.compile(r"[-+<>]?\s?\d+(,\d{3})*(\.\d+)?(\s?[A-Za-z%/]+)?")
_SHARE = re.compile(r"(\d+(?:\.\d+)?)\s?%")
_NOTHING = ("", "-", "none")
_WHOLE = 100.0


def numeric(table: Table) -> tuple[bool, ...]:
    """Return for each column whether every cell with something in it is a figure."""
    return tuple(
        bool(cells) and all(_FIGURE.fullmatch(cell) for cell in cells) for cells in _columns(table)
    )


def shares(table: Table) -> tuple[bool, ...]:
    """Return for each column whether every cell with something in it is a share of a whole."""
    return tuple(
        bool(cells) and all(share(cell) is not None for cell in cells) for cells in _columns(table)
    )


def share(cell: str) -> float | None:
    """Return the percentage that a cell tells; None: it is none of a whole."""
    found = _SHARE.fullmatch(cell)
    value = float(found[1]) if found else None
    return value if value is not None and value <= _WHOLE else None


def _columns(table: Table) -> list[list[str]]:
    """Return each column's cells that say something."""
    return [
        [row[place] for row in table.rows if row[place] not in _NOTHING]
        for place in range(len(table.columns))
    ]
