"""The files that `ekp drill` writes: a page, Markdown, JSON, as their names end."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import typer

from ekp.drill.together import Report
from ekp.runner.errors import RunnerError


def renderers(
    *, html: Path | None, written: Sequence[Path]
) -> Mapping[Path, Callable[[Report], str]]:
    """Return what writes each file.

    Raises:
        typer.BadParameter: a file's name ends in no format's.
        RunnerError: Jinja2 is not installed.
    """
    found: dict[Path, Callable[[Report], str]] = {}
    for file, ending in ((html, ".html"), *((one, one.suffix.lower()) for one in written)):
        if file is None:
            continue
        if ending not in _FORMATS:
            raise typer.BadParameter(
                f"{file} says no format by its ending; end it in one of {', '.join(_FORMATS)}.",
                param_hint="--out",
            )
        found[file] = _FORMATS[ending]()
    return found


def _page() -> Callable[[Report], str]:
    try:
        from ekp.drill import page  # noqa: PLC0415 - its templates are an extra
    except ModuleNotFoundError as error:
        raise RunnerError(
            f"{error.name} is not installed; it writes the page.",
            remedy="Install the extra: `pip install 'enterprise-eks-platform[policy]'`.",
        ) from error
    return page.render


def _markdown() -> Callable[[Report], str]:
    from ekp.drill import markdown  # noqa: PLC0415 - one of them is needed

    return markdown.render


def _document() -> Callable[[Report], str]:
    return lambda report: json.dumps(report.to_json(), indent=2, sort_keys=True) + "\n"


_FORMATS: Mapping[str, Callable[[], Callable[[Report], str]]] = {
    ".html": _page,
    ".md": _markdown,
    ".json": _document,
}
