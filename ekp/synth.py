"""Synthesizing: the app of main.py and the services' objects, whole or not at all."""

import importlib.util
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from ekp.configured.services import FOLDER as SERVICES
from ekp.runner import files
from ekp.services import documents

if TYPE_CHECKING:
    from modules.core.services import Service
    from modules.core.site import Site
    from modules.kubernetes.manifest import Manifest


class InvalidSettingsError(Exception):
    """The settings of environments/ are invalid; ``problems`` holds one line for each error."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def project_root() -> Path:
    """Return the folder of main.py, which all commands work in, wherever they are called."""
    spec = importlib.util.find_spec("main")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("main.py is not importable: run `make setup`", name="main")
    return Path(spec.origin).parent


def synth(outdir: Path) -> tuple[str, ...]:
    """Write the stacks of every environment to ``outdir`` and return warnings on the settings.

    Beside them stand the services' objects, as `ekp services render` writes them for Git. A file
    that would not change keeps its time; stacks and services that are no longer made go.

    Raises:
        InvalidSettingsError: the settings are invalid; ``outdir`` is as it was.
        NotWritableError: ``outdir`` cannot be written.
    """
    # Both load the bindings, which the other commands do without.
    import main  # noqa: PLC0415 - as said above
    from environments import SettingsError  # noqa: PLC0415 - as said above

    files.make_folder(outdir.parent)
    with tempfile.TemporaryDirectory(prefix=".cdktf-", dir=outdir.parent) as fresh:
        try:
            warnings = main.synth(fresh, today=main.today())
            _render(Path(fresh) / SERVICES)
        except SettingsError as error:
            raise InvalidSettingsError(error.problems) from error
        _publish(Path(fresh), outdir)
    return warnings


def _render(folder: Path) -> None:
    from modules.kubernetes.service_objects import service_objects  # noqa: PLC0415 - as above

    import main  # noqa: PLC0415 - the bindings, as above
    from environments import load  # noqa: PLC0415 - as above

    for name, environment in load(main.today())[0].items():
        files.make_folder(folder / name)
        for path, text in rendered(environment, service_objects).items():
            files.write(folder / name / path, text)


def rendered(
    environment: documents.DescribedEnvironment,
    objects_of: "Callable[[Service, Site], Sequence[Manifest]]",
) -> dict[PurePosixPath, str]:
    """Return the text of each service's objects by its path, ``<namespace>/<service>.yaml``.

    Raises:
        InvalidSettingsError: what no setting alone shows, such as two names that are too long.
    """
    try:
        return documents.render(environment, objects_of)
    except ValueError as error:
        raise InvalidSettingsError((f"{environment.name}.services: {error}",)) from error


def _publish(fresh: Path, outdir: Path) -> None:
    stacks = {p.name for p in (fresh / "stacks").iterdir()}
    if (outdir / "stacks").is_dir():
        for old in (outdir / "stacks").iterdir():
            if old.name not in stacks:
                shutil.rmtree(old)
    for old in (outdir / SERVICES).rglob("*.yaml"):
        if not (fresh / old.relative_to(outdir)).exists():
            old.unlink()
    for environment in (fresh / SERVICES).iterdir():
        files.make_folder(outdir / SERVICES / environment.name)
    # The manifest comes last: it never lists a stack that is not there yet.
    for source in sorted(fresh.rglob("*"), key=lambda p: p.name == "manifest.json"):
        target = outdir / source.relative_to(fresh)
        if source.is_file() and not (
            target.is_file() and target.read_bytes() == source.read_bytes()
        ):
            files.write(target, source.read_bytes())
