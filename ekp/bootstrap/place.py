"""Where the state of a bootstrap is: in the bucket, in the working copy, or nowhere yet."""

import json
from dataclasses import dataclass, replace
from enum import Enum, auto
from pathlib import Path
from typing import Any

from ekp.runner import files, state
from ekp.runner.errors import RunnerError, TerraformFailedError
from ekp.runner.run import Run
from ekp.runner.stacks import CONFIGURATION, Stack
from ekp.runner.state import State
from ekp.runner.target import RUN

FIRST_STATE = "first.tfstate"


class NoBucketError(RunnerError):
    """The state bucket is another environment's to make, and is not there."""


class TwoStatesError(RunnerError):
    """The bucket and the working copy hold states that are not one."""


class Place(Enum):
    """Where the state is."""

    KEPT = auto()
    """Where the settings say: in the bucket, or in HCP Terraform."""
    HERE = auto()
    """In the working copy: made before its bucket, and not moved yet."""
    NOWHERE = auto()
    """Nothing is made yet, but a state could be kept where the settings say."""
    NO_BUCKET = auto()
    """Nothing is made yet, and the bucket is what has to be made first."""


@dataclass(frozen=True)
class Variants:
    """One stack with its state where the settings say, and with its state in the working copy."""

    kept: Stack
    first: Stack

    def at(self, place: Place) -> Stack:
        """Return the one to run."""
        return self.first if place in (Place.HERE, Place.NO_BUCKET) else self.kept


def variants(stack: Stack, folder: Path) -> Variants:
    """Return both variants of a stack; the first's configuration is written to ``folder``.

    Raises:
        NotWritableError: the folder cannot be written.
    """
    terraform = {
        name: value
        for name, value in stack.configuration["terraform"].items()
        if name not in ("backend", "cloud")
    }
    # In the folder that a working copy keeps whatever else becomes of it.
    terraform["backend"] = {"local": {"path": f"{RUN}/{FIRST_STATE}"}}
    configuration = {**stack.configuration, "terraform": terraform}
    files.write_json(folder / CONFIGURATION, configuration)
    return Variants(stack, replace(stack, folder=folder, configuration=configuration))


def find(run: Run, stack: Stack) -> Place:
    """Return where the state of a stack is; what was moved and not cleared away goes.

    Raises:
        NoBucketError: it is to be in a bucket that is not there and not its own to make.
        TwoStatesError: two states, of which one alone can be right.
        TerraformFailedError: the bucket cannot be read.
    """
    kept, here = state.pull(run, stack), read_here(run, stack)
    if here is not None:
        if kept is None:
            return Place.HERE
        if not same(kept, here):
            raise TwoStatesError(
                f"{stack.id} has two states: {first_state(run, stack)} and {described(stack)}.",
                remedy="Another working copy bootstrapped meanwhile. Compare both; move the file"
                " away if the one that is kept is right.",
            )
        clear(run, stack)
    if kept is not None:
        return Place.KEPT
    if _can_be_kept(run, stack):
        return Place.NOWHERE
    if stack.configuration["//"]["ekp"].get("makes_state_bucket"):
        return Place.NO_BUCKET
    raise NoBucketError(
        f"The state of {stack.id} goes to {described(stack)}, and there is no such bucket.",
        remedy="Bootstrap the environment that makes the bucket first: the one with"
        " `state_bucket` in its bootstrap settings.",
    )


def first_state(run: Run, stack: Stack) -> Path:
    """Return the file that the state is in before its bucket is there."""
    return run.target.copy_of(stack).run / FIRST_STATE


def read_here(run: Run, stack: Stack) -> State | None:
    """Return the state in the working copy; None: there is none.

    Raises:
        TwoStatesError: the file cannot be read as a state.
    """
    file = first_state(run, stack)
    try:
        raw: Any = json.loads(file.read_text())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise TwoStatesError(
            f"{file} cannot be read as a state: {error}.",
            remedy=f"It holds what was bootstrapped before the bucket was there; {file}.backup may"
            " be whole. Nothing was changed.",
        ) from error
    return State(raw) if raw.get("lineage") and raw.get("resources") else None


def same(kept: State, here: State) -> bool:
    """Tell whether a state that is kept is the one in the working copy, or came of it.

    Terraform gives a state that it migrates a lineage of its own, so that what it holds is asked.
    """
    return all(
        address in kept.resources and kept.resources[address].get("id") == one.get("id")
        for address, one in here.resources.items()
    )


def clear(run: Run, stack: Stack) -> None:
    """Take away the state in the working copy, which is kept elsewhere by now."""
    file = first_state(run, stack)
    for one in (file, file.with_name(f"{file.name}.backup")):
        one.unlink(missing_ok=True)


def described(stack: Stack) -> str:
    """Return where the settings keep the state, in words."""
    kind, settings = stack.backend
    if kind == "s3":
        return f"s3://{settings['bucket']}/{settings['key']}"
    workspace = settings.get("workspaces", {}).get("name", "")
    return f"{settings.get('hostname', 'HCP Terraform')}, workspace {workspace}"


def _can_be_kept(run: Run, stack: Stack) -> bool:
    # `state.pull` left the backend alone there, and no mark if it could not be had.
    folder = run.target.copy_of(stack).run / "state"
    try:
        run.initialise(stack, folder, folder, json.loads((folder / CONFIGURATION).read_text()))
    except TerraformFailedError as error:
        if any(state.ABSENT.search(problem.text) for problem in error.problems):
            return False
        raise
    return True
