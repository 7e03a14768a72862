"""Writing files so that a reader finds the old content or the new, never half of it."""

import json
import os
import tempfile
from pathlib import Path

from .errors import NotWritableError


def make_folder(folder: Path) -> Path:
    """Make ``folder`` and its parents, readable by the owner alone.

    Raises:
        NotWritableError: the folder cannot be made.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _not_writable(folder, error) from error
    return folder


def write(path: Path, content: bytes | str) -> None:
    """Put ``content`` at ``path`` in one step, readable by the owner alone.

    Raises:
        NotWritableError: the file cannot be written.
    """
    data = content.encode() if isinstance(content, str) else content
    make_folder(path.parent)
    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        raise _not_writable(path, error) from error


def write_json(path: Path, value: object) -> None:
    """Put ``value`` at ``path`` as JSON, in one step.

    Raises:
        NotWritableError: the file cannot be written.
    """
    write(path, json.dumps(value, indent=2, sort_keys=True) + "\n")


def _not_writable(path: Path, error: OSError) -> NotWritableError:
    return NotWritableError(
        f"{path} cannot be written: {error.strerror or error}.",
        remedy="Make the folder writable for this user, free space on its disk, or name another"
        " folder for the run.",
    )
