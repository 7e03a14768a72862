"""The services' own objects, as `ekp synth` writes them beside the stacks, or as Git holds them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from ekp.runner.errors import NotSynthesizedError, RunnerError

FOLDER = "services"
"""In ``cdktf.out``: a folder an environment, laid out as `ekp services render` does."""
# libyaml reads the same, several times as fast.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class BrokenServicesError(RunnerError):
    """A file of a services' folder holds something else than Kubernetes objects."""


def synthesized(outdir: Path, environment: str) -> tuple[dict[str, Any], ...]:
    """Return the services' objects of an environment in ``cdktf.out``.

    Raises:
        NotSynthesizedError: they were not written.
        BrokenServicesError: a file is no list of objects.
    """
    folder = outdir / FOLDER / environment
    if not folder.is_dir():
        raise NotSynthesizedError(
            f"No rendered services of {environment} in {outdir / FOLDER}.",
            remedy="Run `ekp synth` and try again.",
        )
    return read(folder)


def read(folder: Path) -> tuple[dict[str, Any], ...]:
    """Return the objects of all YAML files below a folder, in the order of the files' names.

    Raises:
        BrokenServicesError: a file is no list of objects, or cannot be read.
    """
    files = sorted(file for file in folder.rglob("*") if file.suffix in (".yaml", ".yml"))
    return tuple(one for file in files for one in _objects(file))


def _objects(file: Path) -> Sequence[dict[str, Any]]:
    try:
        found = [
            one
            for one in yaml.load_all(file.read_text(encoding="utf-8"), _LOADER)
            if one is not None
        ]
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise _broken(file, " ".join(str(error).split())) from error
    for one in found:
        if not (isinstance(one, dict) and "kind" in one and "name" in (one.get("metadata") or {})):
            raise _broken(file, "a document has no kind and metadata.name")
    return found


def _broken(file: Path, why: str) -> BrokenServicesError:
    return BrokenServicesError(
        f"{file} holds no Kubernetes objects: {why}.",
        remedy="Render it anew with `ekp services render`, or name another folder.",
    )
