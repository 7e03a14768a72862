"""Where commands find and keep things: cdktf.out, working copies, the local AWS."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from ekp.runner import expected, stacks, variables
from ekp.runner.stacks import Stack
from ekp.runner.target import Target, difference
from ekp.synth import project_root, synth

from .console import err, warn

LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folders of one project."""

    root: Path

    @property
    def outdir(self) -> Path:
        """What CDKTF synthesizes."""
        return self.root / "cdktf.out"

    @property
    def kept(self) -> Path:
        """Working copies, logs, plans and the local AWS; never committed."""
        return Path(os.environ.get("EKP_WORKSPACE") or self.root / ".ekp").absolute()

    @property
    def local_aws(self) -> Path:
        """The folder of the local AWS that survives between commands."""
        return self.kept / "local-aws"

    def synthesize(self) -> Mapping[str, Stack]:
        """Write cdktf.out anew, show warnings on the settings, and return the stacks."""
        with err.status("synthesizing every environment"):
            warnings = synth(self.outdir)
        for warning in warnings:
            warn(warning)
        return self.stacks()

    def stacks(self) -> Mapping[str, Stack]:
        """Return the stacks of cdktf.out as it is."""
        return stacks.load(self.outdir)

    def target(self, chosen: Mapping[str, Stack], *, local: bool) -> Target:
        """Return where a run goes: the caller's own account, or the local AWS made ready for it."""
        return self._local(chosen) if local else Target("aws", {}, self.kept)

    def _local(self, chosen: Mapping[str, Stack]) -> Target:
        # moto is an extra: without it every other command works.
        from ekp.local.environment import child_environment  # noqa: PLC0415 - as said above
        from ekp.local.prepare import prepare  # noqa: PLC0415 - as said above
        from ekp.local.process import start, status  # noqa: PLC0415 - as said above

        with err.status("starting the local AWS"):
            if status(self.local_aws) is None:
                # A new local AWS is empty: what was recorded of runs on an older one is void.
                shutil.rmtree(self.kept / LOCAL, ignore_errors=True)
            endpoint = start(self.local_aws).endpoint
            prepare(endpoint, **asdict(expected.by(chosen.values())))
        caller = {**os.environ, **variables.stand_ins(chosen.values(), os.environ)}
        turned = child_environment(endpoint, caller)
        return Target(LOCAL, difference(os.environ, turned), self.kept, option="--local")


def workspace() -> Workspace:
    """Return the folders of the project that is installed here."""
    return Workspace(project_root())
