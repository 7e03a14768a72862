"""Where commands find and keep things: cdktf.out, working copies, the local AWS."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ekp.local.layout import RELEASES, RENDERED
from ekp.runner import expected, hcp, stacks, variables
from ekp.runner import run as running
from ekp.runner.progress import Silent
from ekp.runner.stacks import Stack
from ekp.runner.target import Target, difference
from ekp.synth import project_root, synth

from .console import err, warn

if TYPE_CHECKING:
    from ekp.local.process import LocalAws

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

    @property
    def rendered(self) -> Path:
        """The Kubernetes objects of the bundles that local deploys applied."""
        return self.kept / RENDERED

    def rotation(self, environment: str, *, local: bool) -> Path:
        """Return the folder of an environment's rotation of the origin header."""
        return self.kept / (LOCAL if local else "aws") / "rotations" / environment

    @property
    def local_cdktf(self) -> Path:
        """What the CLI of CDKTF synthesizes and applies to the local AWS."""
        return self.kept / "cdktf.out"

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

    def start_local_aws(self, *, port: int | None = None) -> "LocalAws":
        """Start the local AWS, or return the one that runs; what an older one left is void."""
        from ekp.local.process import start, status  # noqa: PLC0415 - moto is an extra

        if status(self.local_aws) is None:
            voided = (LOCAL, self.local_cdktf.name, RELEASES, RENDERED)
            for name in voided:
                shutil.rmtree(self.kept / name, ignore_errors=True)
        return start(self.local_aws, port=port)

    def releases(self) -> str:
        """Return what became of Helm releases in local mode, in one line; empty without any."""
        from ekp.local.helm.store import count  # noqa: PLC0415 - its messages are an extra

        recorded, bundles = count(self.kept)
        if not recorded:
            return ""
        return (
            f"Helm: {recorded} releases recorded, {bundles} bundles of objects rendered to "
            f"{self.rendered}; charts are not installed: the local AWS has no Kubernetes."
        )

    def _local(self, chosen: Mapping[str, Stack]) -> Target:
        # moto is an extra: without it every other command works.
        from ekp.local.environment import child_environment  # noqa: PLC0415 - as said above
        from ekp.local.helm import install  # noqa: PLC0415 - as said above
        from ekp.local.prepare import prepare  # noqa: PLC0415 - as said above

        with err.status("starting the local AWS"):
            endpoint = self.start_local_aws().endpoint
            prepare(endpoint, **asdict(expected.by(chosen.values())))
        caller = {**os.environ, **variables.stand_ins(chosen.values(), os.environ)}
        turned = {**child_environment(endpoint, caller), **install.variables(self.kept)}
        target = Target(
            LOCAL,
            difference(os.environ, turned),
            self.kept,
            option="--local",
            mirrors=(install.mirrored(os.environ),),
        )
        return self._hosted(target, endpoint)

    def _hosted(self, target: Target, endpoint: str) -> Target:
        """Return a target in which the local AWS answers as HCP Terraform too, where it is used."""
        from ekp.local.hcp import hosted  # noqa: PLC0415 - moto is an extra

        every = self.stacks()
        hostnames = hcp.hostnames(every.values())
        if not hostnames:
            return target
        api = hosted.api(endpoint, self.local_aws)
        target = api.answering(target, hostnames)
        run = running.start(every, target=target, reporter=Silent())
        hosted.settle(self.local_aws, run.environ(Path()), terraform=run.binary.path)
        return target


def workspace() -> Workspace:
    """Return the folders of the project that is installed here."""
    return Workspace(project_root())
