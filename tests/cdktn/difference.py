"""What differs between two synthesized apps, beside the versions that they name."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Place = tuple[str, ...]


def differences(ours: Path, theirs: Path) -> Iterator[str]:
    """Yield one line for each value and each file that differs, but for strings of versions."""
    names = {folder: set(_files(folder)) for folder in (ours, theirs)}
    for name in sorted(names[ours] ^ names[theirs]):
        yield f"{name}: only in {'ours' if name in names[ours] else 'theirs'}"
    for name in sorted(names[ours] & names[theirs]):
        one, other = (ours / name).read_bytes(), (theirs / name).read_bytes()
        if not name.endswith(".json"):
            if one != other:
                yield f"{name}: differs"
            continue
        for place, first, second in _values(json.loads(one), json.loads(other), ()):
            if not _is_version(place, first, second):
                yield f"{name}: {'.'.join(place)}: {_short(first)} -> {_short(second)}"


def _files(folder: Path) -> Iterator[str]:
    return (p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def _values(one: Any, other: Any, place: Place) -> Iterator[tuple[Place, Any, Any]]:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for name in sorted({*one, *other}):
            if name in one and name in other:
                yield from _values(one[name], other[name], (*place, name))
            else:
                yield (*place, name), one.get(name, "(none)"), other.get(name, "(none)")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (first, second) in enumerate(zip(one, other, strict=True)):
            yield from _values(first, second, (*place, str(number)))
    elif one != other:
        yield place, one, other


def _is_version(place: Place, one: Any, other: Any) -> bool:
    """Tell whether a difference is of a version, or of two ways to write the same provider."""
    match place:
        case ("version",) | ("//", "metadata", "version"):
            return isinstance(one, str) and isinstance(other, str)
        case ("terraform", "required_providers", _, "version"):
            return isinstance(one, str) and isinstance(other, str)
        case ("terraform", "required_providers", _, "source"):
            # Terraform reads a source without a namespace as HashiCorp's.
            return str(one).removeprefix("hashicorp/") == str(other).removeprefix("hashicorp/")
    return False


def _short(value: Any, limit: int = 120) -> str:
    text = json.dumps(value, sort_keys=True)
    return text if len(text) <= limit else f"{text[: limit - 3]}..."
