"""Runs Terraform on uploaded configurations, as HCP Terraform's machines and agents do."""

import io
import json
import subprocess
import tarfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PLAN = "run.tfplan"
CHANGES = 2  # `plan -detailed-exitcode`


class StepFailedError(Exception):
    """A step of Terraform failed; the log says why."""


@dataclass(frozen=True)
class Planned:
    """A plan: whether it changes anything, and the whole of it as JSON."""

    changes: bool
    described: Mapping[str, Any]


@dataclass(frozen=True)
class Worker:
    """Where and with what runs happen.

    ``environ`` is the whole environment of Terraform; ``folder`` holds one folder for each run.
    """

    terraform: str
    environ: Mapping[str, str]
    folder: Path

    def unpack(self, run: str, archive: bytes) -> Path:
        """Unpack a configuration for one run.

        Raises:
            StepFailedError: something in it leads outside of it, or is no file and no folder.
        """
        place = (self.folder / run).resolve()
        place.mkdir(parents=True)
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as packed:
            # The filters of `extractall` came with Python 3.11.4.
            for member in packed:
                target = (place / member.name).resolve()
                content = packed.extractfile(member) if member.isfile() else None
                if not target.is_relative_to(place) or not (content or member.isdir()):
                    raise StepFailedError(f"{member.name} is not unpacked: not a file inside.")
                (target.parent if content else target).mkdir(parents=True, exist_ok=True)
                if content:
                    target.write_bytes(content.read())
        return place

    def plan(
        self,
        place: Path,
        options: Sequence[str],
        variables: Mapping[str, str],
        say: Callable[[bytes], object],
    ) -> Planned:
        """Plan what was unpacked, as ``options`` of Terraform ask.

        Raises:
            StepFailedError: Terraform reports errors.
        """
        self._step(place, ("init", "-input=false", "-no-color"), variables, lambda _line: None)
        arguments = ("plan", "-input=false", "-json", "-lock=false", "-detailed-exitcode")
        code = self._step(place, (*arguments, f"-out={PLAN}", *options), variables, say)
        return Planned(code == CHANGES, self.ask(place, "show", "-json", PLAN))

    def apply(
        self, place: Path, variables: Mapping[str, str], say: Callable[[bytes], object]
    ) -> None:
        """Apply what was planned.

        Raises:
            StepFailedError: Terraform reports errors.
        """
        self._step(place, ("apply", "-input=false", "-json", "-lock=false", PLAN), variables, say)

    def ask(self, place: Path, *arguments: str) -> Any:
        """What a command of Terraform that changes nothing answers, read as JSON."""
        answered = subprocess.run(  # noqa: S603 - this machine's own Terraform
            [self.terraform, *arguments],
            cwd=place,
            env=self._variables({}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
        )
        return json.loads(answered.stdout)

    def _step(
        self,
        place: Path,
        arguments: Sequence[str],
        variables: Mapping[str, str],
        say: Callable[[bytes], object],
    ) -> int:
        with subprocess.Popen(  # noqa: S603 - as above
            [self.terraform, *arguments],
            cwd=place,
            env=self._variables(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process:
            lines = []
            for line in process.stdout or ():
                lines.append(line)
                say(line)
        if process.returncode not in (0, CHANGES):
            if arguments[0] == "init":
                raise StepFailedError(b"".join(lines).decode(errors="replace"))
            raise StepFailedError
        return process.returncode

    def _variables(self, variables: Mapping[str, str]) -> dict[str, str]:
        # The configuration still says `cloud`: without this the run would start another one.
        own = {"TF_FORCE_LOCAL_BACKEND": "1", "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
        found = {**self.environ, **variables, **own}
        # Each run's data is beside its configuration.
        found.pop("TF_DATA_DIR", None)
        return found
