"""Rendered files against a folder: what differs is found first, then written file by file."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

from ekp.runner.errors import NotWritableError, RunnerError

from .documents import environment_of

OBJECTS = (".yaml", ".yml", ".json")
"""Ends of the names of files that Argo CD and people take for objects."""


class ForeignFileError(RunnerError):
    """What stands in the folder is not this environment's to change."""


class Action(StrEnum):
    """What a file needs."""

    WRITE = "write"
    KEEP = "keep"
    REMOVE = "remove"
    FOREIGN = "foreign"
    """Nothing: it is somebody else's. Argo CD may apply it all the same."""


@dataclass(frozen=True, slots=True)
class Change:
    """A file below the folder, and what it holds afterwards (nothing: it is removed)."""

    path: PurePosixPath
    action: Action
    content: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """Every file of an environment's folder that is of objects, by path."""

    out: Path
    files: tuple[Change, ...]

    @property
    def differing(self) -> tuple[Change, ...]:
        """The files of services that are not as the settings say."""
        return self._that(Action.WRITE, Action.REMOVE)

    @property
    def foreign(self) -> tuple[Change, ...]:
        """The files beside them that hold objects, or may: links are not followed."""
        return self._that(Action.FOREIGN)

    def _that(self, *actions: Action) -> tuple[Change, ...]:
        return tuple(file for file in self.files if file.action in actions)


def plan(rendered: Mapping[PurePosixPath, str], out: Path, *, environment: str) -> Changes:
    """Compare rendered files with a folder; nothing is written.

    Files of services that are gone are removed, if this command made them for this environment.
    Others that hold objects are ``FOREIGN``: each of ``OBJECTS`` at any depth, and each link.

    Raises:
        ForeignFileError: a file is in the way that this command did not make, or made for another
            environment.
        NotWritableError: the folder cannot be read.
    """
    files = []
    try:
        owners = {path: _owner(out, path) for path in _files(out)}
        for path, content in rendered.items():
            _refuse_obstacle(out, path)
            if path not in owners:
                files.append(Change(path, Action.WRITE, content))
                continue
            if owners[path] != environment:
                raise _foreign(out / path, owners[path], environment)
            same = (out / path).read_bytes() == content.encode()
            files.append(Change(path, Action.KEEP if same else Action.WRITE, content))
        for path, owner in owners.items():
            if path in rendered:
                continue
            if owner is None:
                files.append(Change(path, Action.FOREIGN))
                continue
            if owner != environment:
                raise _foreign(out / path, owner, environment)
            files.append(Change(path, Action.REMOVE))
    except OSError as error:
        raise _not_writable(Path(error.filename or out), error) from error
    return Changes(out, tuple(sorted(files, key=lambda file: file.path)))


def apply(changes: Changes) -> None:
    """Write what differs: each file whole or not at all, before any is removed.

    Raises:
        NotWritableError: a file cannot be written; those before it are.
    """
    for file in sorted(changes.differing, key=lambda one: one.action is Action.REMOVE):
        path = changes.out / file.path
        try:
            if file.action is Action.WRITE:
                path.parent.mkdir(parents=True, exist_ok=True)
                _replace(path, file.content.encode())
            else:
                path.unlink(missing_ok=True)
                if not any(path.parent.iterdir()):
                    path.parent.rmdir()
        except OSError as error:
            raise _not_writable(path, error) from error


def _files(out: Path) -> Iterator[PurePosixPath]:
    """Yield what may hold objects, in order; it follows no link."""
    if not out.exists():
        return
    for place, folders, names in os.walk(out, onerror=_raise):
        folders.sort()
        for name in sorted([*folders, *names]):
            file = Path(place, name)
            named = name in names and file.suffix.lower() in OBJECTS
            if named or file.is_symlink():
                yield PurePosixPath(file.relative_to(out))


def _raise(error: OSError) -> None:
    raise error


def _owner(out: Path, path: PurePosixPath) -> str | None:
    """Return the environment that a file was rendered for; None: it is none of this command's."""
    file = out / path
    placed = len(path.parts) == len(("namespace", "file")) and path.suffix == ".yaml"
    if not placed or file.is_symlink() or not file.is_file():
        return None
    with file.open("rb") as opened:
        return environment_of(opened.readline().decode(errors="replace"))


def _refuse_obstacle(out: Path, path: PurePosixPath) -> None:
    folder, file = out / path.parent, out / path
    for place, fits in ((folder, Path.is_dir), (file, Path.is_file)):
        if place.is_symlink() or (place.exists() and not fits(place)):
            kind = "folder" if fits is Path.is_dir else "file"
            raise ForeignFileError(
                f"{place} is in the way: it is no plain {kind}; nothing was written.",
                remedy="Move it away, or name another folder with --out.",
            )


def _foreign(file: Path, owner: str | None, environment: str) -> ForeignFileError:
    if owner is None:
        return ForeignFileError(
            f"{file} is in the way: this command did not make it; nothing was written.",
            remedy="Move it away, or name another folder with --out.",
        )
    return ForeignFileError(
        f"{file} is rendered for {owner}, not for {environment}; nothing was written.",
        remedy=f"Name the folder of {environment} with --out: each environment has its own.",
    )


def _replace(path: Path, data: bytes) -> None:
    # Beside the file, so that the rename is one step; with the permissions that Git expects.
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("xb") as opened:
            opened.write(data)
            opened.flush()
            os.fsync(opened.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _not_writable(path: Path, error: OSError) -> NotWritableError:
    return NotWritableError(
        f"{path} cannot be written: {error.strerror or error}.",
        remedy="Make the folder writable for this user, free space on its disk, or name another"
        " folder with --out.",
    )
