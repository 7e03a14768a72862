"""Templates, style and script of a page, and the policy that lets a browser run nothing else."""

import base64
import hashlib
from collections.abc import Callable
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup


def templates(package: str, printable: Callable[[str], str], **functions: Any) -> Environment:
    """Return the templates beside a module, and those that every page may import.

    What they show is escaped.

    Args:
        package: holds ``page.html`` and, where it has a style of its own, ``page.css``.
        printable: makes text fit to be shown.
        functions: what the templates call.
    """

    def shown(value: object) -> object:
        # Escaping turns text to markup first; what is markup already is the page's own.
        return (
            printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value
        )

    made = Environment(
        loader=FunctionLoader(lambda name: _text(package, name) or _text(__package__, name)),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = Markup((_text(__package__, "page.css") or "") + (_text(package, "page.css") or ""))  # noqa: S704 - files of this project
    script = Markup(_text(__package__, "filter.js") or "")  # noqa: S704 - as above
    made.globals.update(
        functions,
        style=style,
        script=script,
        policy=f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)};"
        " img-src data:; base-uri 'none'; form-action 'none'",
    )
    return made


def _text(package: str, name: str) -> str | None:
    file = files(package).joinpath(name)
    return file.read_text(encoding="utf-8") if file.is_file() else None


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
