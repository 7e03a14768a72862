"""Where commands print: results on standard output, everything else on standard error."""

import json
import os
import sys
from pathlib import Path
from typing import Any, TextIO

import typer
from rich.console import Console
from rich.markup import escape

# A file or a pipe has no width: 80 columns would cut what a terminal shows whole.
PIPE_WIDTH = 140


def _open() -> None:
    """Give a stream that was closed before the program began a place where nothing is kept."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - kept for the whole run


def _width(stream: TextIO) -> int | None:
    return None if stream.isatty() or "COLUMNS" in os.environ else PIPE_WIDTH


_open()
out = Console(width=_width(sys.stdout))
"""Results, which a person may redirect."""
err = Console(stderr=True, width=_width(sys.stderr))
"""Progress, warnings and errors."""


def print_json(value: Any) -> None:
    """Print one JSON document on standard output."""
    typer.echo(json.dumps(value, indent=2, sort_keys=True))


def warn(message: str) -> None:
    """Print something that does not stop the command."""
    err.print(f"[yellow]warning:[/] {escape(message)}", highlight=False, soft_wrap=True)


def complain(message: str, remedy: str = "") -> None:
    """Print an error and what to do about it."""
    err.print(f"[bold red]error:[/] {escape(message)}", highlight=False, soft_wrap=True)
    if remedy:
        err.print(remedy, highlight=False, markup=False, soft_wrap=True)
