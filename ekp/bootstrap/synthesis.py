"""The bootstrap stacks, written by main.py to a folder of their own."""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ekp.runner import files, stacks
from ekp.runner.errors import RunnerError
from ekp.runner.stacks import Stack
from ekp.synth import InvalidSettingsError


class NotAskedForError(RunnerError):
    """An environment has no settings for its bootstrap."""


def synthesize(outdir: Path) -> Mapping[str, Stack]:
    """Write the bootstrap stacks to ``outdir``; warnings on the settings are not told.

    Raises:
        InvalidSettingsError: the settings are invalid; ``outdir`` is as it was.
        NotWritableError: ``outdir`` cannot be written.
    """
    # Both load the bindings, which the other commands do without.
    import main  # noqa: PLC0415 - as said above
    from environments import SettingsError  # noqa: PLC0415 - as said above

    files.make_folder(outdir.parent)
    with tempfile.TemporaryDirectory(prefix=".bootstrap-", dir=outdir.parent) as folder:
        fresh = Path(folder) / "out"
        try:
            main.bootstrap(str(fresh), today=main.today())
        except SettingsError as error:
            raise InvalidSettingsError(error.problems) from error
        shutil.rmtree(outdir, ignore_errors=True)
        fresh.replace(outdir)
    return stacks.load(outdir)


def of_environment(every: Mapping[str, Stack], environment: str) -> Stack:
    """Return the bootstrap stack of an environment that there is.

    Raises:
        NotAskedForError: it has no settings for it.
    """
    for stack in every.values():
        if stack.environment == environment:
            return stack
    raise NotAskedForError(
        f"{environment} has no bootstrap settings.",
        remedy=f"Add `bootstrap=BootstrapConfig(...)` to environments/{environment}.py"
        " (docs/bootstrap.md).",
    )
