"""One run: what it needs to call Terraform on a stack."""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from . import diagnostics, files, hcp, journal, lock, mirror, ownership, terraform
from .errors import InterruptedRunError, TerraformFailedError
from .interrupt import Interrupts
from .progress import Counter, Reporter
from .stacks import HOSTED, Stack
from .target import LOCK_FILE, Target, WorkingCopy

MARK = "ekp-init"  # in the data folder, so that it goes with it
BACKEND = "terraform.tfstate"  # what Terraform keeps of the backend in its data folder
LOCK_ATTEMPTS = 5  # how often a lock may be released just when Terraform asks who holds it


@dataclass(frozen=True)
class Run:
    """One command over stacks. ``stacks`` are all that were synthesized, chosen or not."""

    stacks: Mapping[str, Stack]
    target: Target
    binary: terraform.Binary
    caller: Mapping[str, str]
    cli: Mapping[str, str | None]
    reporter: Reporter
    interrupts: Interrupts
    lock_timeout: str = "0s"

    def at(self, target: Target) -> "Run":
        """The same run elsewhere."""
        return replace(self, target=target, cli=_cli(self.stacks, self.caller, target))

    def environ(self, data: Path) -> dict[str, str]:
        """The variables for Terraform with its data in ``data``."""
        return terraform.environment(self.caller, {**self.target.variables, **self.cli}, data)

    def command(self, name: str, *arguments: str, **options: object) -> list[str]:
        """A command line of this run's Terraform."""
        return terraform.command(self.binary.path, name, *arguments, **options)

    def ready(self, stack: Stack) -> WorkingCopy:
        """The stack's working copy, fresh and initialised.

        Raises:
            TerraformFailedError: a provider or the backend cannot be had.
            NotWritableError: the working copy cannot be written.
        """
        copy = self.target.copy_of(stack)
        self.reporter.step(stack.id, "init")
        copy.refresh(stack.folder)
        if stack.backend[0] == "cloud":
            files.write(copy.folder / hcp.IGNORE_FILE, hcp.IGNORED)
        self.initialise(stack, copy.folder, copy.run, stack.configuration.get("terraform", {}))
        return copy

    def initialise(self, stack: Stack, folder: Path, logs: Path, settings: object) -> None:
        """Run ``init`` in ``folder`` unless it was run there with the same settings.

        Raises:
            TerraformFailedError: a provider or the backend cannot be had.
        """
        data = folder / ".terraform"
        mark = data / MARK
        named = self.cli.get(mirror.CONFIGURATION) or ""
        facts = [
            settings,
            self.binary.path,
            self.binary.version,
            named,
            dict(self.target.variables),
        ]
        key = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
        if mark.is_file() and mark.read_text() == key and _intact(data):
            return
        mark.unlink(missing_ok=True)
        if self.target.mirrors:
            # It may hold the hash of the provider that a mirror of the target's own stands in for.
            (folder / LOCK_FILE).unlink(missing_ok=True)
        # Where the state was before: nothing moves it but a person.
        (data / BACKEND).unlink(missing_ok=True)
        argv = self.command(
            "init",
            json=terraform.FLAG,
            input=False,
            # Terraform refuses the option for HCP Terraform.
            reconfigure=None if stack.backend[0] in HOSTED else terraform.FLAG,
            upgrade=terraform.FLAG,
        )
        files.make_folder(logs)
        self.check(stack, "init", self.stream(stack, argv, folder, logs / "init.log"))
        files.write(mark, key)

    def read(
        self, folder: Path, name: str, *arguments: str, **options: object
    ) -> terraform.Captured:
        """Run a short command that changes nothing in ``folder``."""
        argv = self.command(name, *arguments, **options)
        return terraform.capture(argv, folder=folder, environ=self.environ(folder / ".terraform"))

    def stream(
        self,
        stack: Stack,
        argv: list[str],
        folder: Path,
        log: Path,
        on_start: Callable[[int], None] = lambda _pid: None,
    ) -> terraform.Streamed:
        """Run a long command in ``folder``, counting what it finishes."""
        return terraform.stream(
            argv,
            folder=folder,
            environ=self.environ(folder / ".terraform"),
            log=log,
            interrupts=self.interrupts,
            on_event=Counter(self.reporter, stack.id),
            on_start=on_start,
            on_text=hcp.listener(self.reporter, stack),
        )

    def locking(
        self, stack: Stack, operation: str, argv: list[str], *, plan: Path | None = None
    ) -> terraform.Streamed:
        """Run a command that takes the state lock, with a journal for the case that it is killed.

        The journal stays when a signal killed Terraform: its state and lock are then in doubt.
        """
        for _ in range(LOCK_ATTEMPTS):
            ended = self._journaled(stack, operation, argv, plan)
            if not lock.released_meanwhile(ended.diagnostics):
                break
        return ended

    def _journaled(
        self, stack: Stack, operation: str, argv: list[str], plan: Path | None
    ) -> terraform.Streamed:
        copy = self.target.copy_of(stack)
        log = copy.run / f"{operation}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.log"
        if (
            plan is not None
        ):  # a later plan takes the place of the file, and recovery needs this one
            kept = log.with_suffix(".plan.json")
            files.write(kept, plan.read_bytes())
            plan = kept
        entry = journal.begin(copy, stack.id, operation, log=log, plan=plan)
        try:
            ended = self.stream(stack, argv, copy.folder, log, entry.runs_as)
        except InterruptedRunError:
            entry.close()  # nothing was started
            raise
        if not ended.killed:
            entry.close()
        return ended

    def check(self, stack: Stack, step: str, ended: terraform.Streamed) -> None:
        """Raise what went wrong, if anything did.

        Raises:
            InterruptedRunError: the run was asked to stop and Terraform did.
            LockedError: another run holds the state's lock.
            TerraformFailedError: Terraform reports errors or was killed.
        """
        if ended.code in {0, terraform.CHANGES_FOUND}:
            return
        copy = self.target.copy_of(stack)
        if "terraform init" in json.dumps(ended.diagnostics):
            (copy.data / MARK).unlink(missing_ok=True)
        if ended.killed:
            raise TerraformFailedError(
                f"`terraform {step}` for {stack.id} was killed by signal {-ended.code}.",
                remedy=f"Run `{self.target.recover(stack)}`: it takes over the rest.",
                log=ended.log,
            )
        held = lock.read(ended.diagnostics) or hcp.queued_too_long(stack, ended.log)
        if held is not None:
            if held.hosted:
                held = replace(held, who=hcp.holder(stack, self.environ(copy.data)))
            raise ownership.explain(
                stack, held, journal.unfinished(copy), recover=self.target.recover(stack)
            )
        found = diagnostics.problems(stack, ended.diagnostics)
        if self.interrupts.requested():
            raise InterruptedRunError(
                f"`terraform {step}` for {stack.id} was stopped on request; its state is saved.",
                remedy="Run the command again to go on.",
            )
        raise diagnostics.failure(stack, step, found, ended.log)


def start(
    stacks: Mapping[str, Stack],
    *,
    target: Target,
    reporter: Reporter,
    lock_timeout: str = "0s",
    environ: Mapping[str, str] | None = None,
) -> Run:
    """Find Terraform and the mirrors, and put a run together.

    Raises:
        TerraformMissingError, TerraformTooOldError: there is no Terraform to use.
        NotWritableError: the cache folder cannot be written.
    """
    caller = dict(os.environ if environ is None else environ)
    cli = _cli(stacks, caller, target)
    return Run(
        stacks=stacks,
        target=target,
        binary=terraform.find(terraform.environment(caller, cli, Path())),
        caller=caller,
        cli=cli,
        reporter=reporter,
        interrupts=Interrupts(reporter.say),
        lock_timeout=lock_timeout,
    )


def _cli(
    stacks: Mapping[str, Stack], caller: Mapping[str, str], target: Target
) -> dict[str, str | None]:
    wanted = [stack.provider_versions for stack in stacks.values()]
    return mirror.configuration(
        caller, wanted=wanted, extra_mirrors=target.mirrors, hosts=target.hosts
    )


def _intact(data: Path) -> bool:
    return all(provider.exists() for provider in data.glob("providers/*/*/*/*/*"))
