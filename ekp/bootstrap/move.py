"""Moving a state out of the working copy into the bucket that it describes."""

from ekp.runner import diagnostics, state, terraform
from ekp.runner import run as running
from ekp.runner.errors import RunnerError
from ekp.runner.run import Run

from . import place
from .place import Variants


class NotMovedError(RunnerError):
    """The state did not arrive."""


def move(run: Run, stack: Variants) -> None:
    """Move the state where the settings say, by Terraform's own migration.

    The file in the working copy goes once the state was read back. A run that is killed anywhere
    in between leaves it there, and the next one goes on from it.

    Raises:
        TerraformFailedError: Terraform could not write it there.
        TwoStatesError: another state has come there meanwhile.
        NotMovedError: what was read back is not what was moved.
    """
    kept, copy = stack.kept, run.target.copy_of(stack.kept)
    run.reporter.step(kept.id, "moves its state")
    # Terraform migrates from the backend that the working copy was last initialised with.
    run.ready(stack.first)
    here = place.read_here(run, kept)
    if place.find(run, kept) is not place.Place.HERE or here is None:
        return
    copy.refresh(kept.folder)
    (copy.data / running.MARK).unlink(missing_ok=True)
    # Terraform moves no state while it writes JSON.
    answer = run.read(
        copy.folder,
        "init",
        input=False,
        migrate_state=terraform.FLAG,
        force_copy=terraform.FLAG,
        lock_timeout=run.lock_timeout,
    )
    if answer.code != 0:
        raise diagnostics.plain(kept, "init -migrate-state", answer.err)
    arrived = state.pull(run, kept)
    if arrived is None or not place.same(arrived, here):
        raise NotMovedError(
            f"{place.described(kept)} does not hold what was moved there.",
            remedy=f"Nothing is lost: the state is still in {place.first_state(run, kept)}. Run the"
            " command again.",
        )
    place.clear(run, kept)
