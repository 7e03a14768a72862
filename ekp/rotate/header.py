"""Taking the next move of a rotation of the origin header, and no other."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ekp.runner.stacks import Stack
from ekp.runner.variables import PREFIX

from .moves import CURRENT, MOVES, NEXT, Move, Value
from .rotation import Rotation, RotationError, begin, load

Differing = Callable[[], Sequence[str]]
"""Returns the ids of stacks that a deploy with the caller's own values would change."""
Deploy = Callable[[Mapping[str, str]], bool]
"""Deploys with these environment variables, and tells whether all stacks came out well."""


def stacks_of(stacks: Mapping[str, Stack], environment: str) -> Mapping[str, Stack]:
    """Return those of an environment's stacks that send or ask for the header.

    Raises:
        RotationError: none does.
    """
    chosen = {
        id_: stack
        for id_, stack in stacks.items()
        if {CURRENT, NEXT} & set(stack.required_variables)
    }
    if not chosen:
        raise RotationError(
            f"{environment} has no header to rotate: no CloudFront stands before it.",
            remedy="With edge.front = direct there is no secret between the two.",
        )
    return chosen


def take(
    number: int, folder: Path, *, environment: str, old: str, differing: Differing, deploy: Deploy
) -> Rotation:
    """Take a move, which is the next one or one that was not finished; return what came of it.

    ``old`` is the value that CloudFront is thought to send before the first move. The move is
    done only if ``deploy`` says so; else it is still to be finished.

    Raises:
        RotationError: another move comes next, or ``old`` is not what is deployed.
    """
    rotation = load(folder)
    if number == 1 and _may_begin(rotation):
        _check_last(environment, rotation, old)
        _check_deployed(environment, differing())
        rotation = begin(folder, old=old)
    if rotation is None:
        raise RotationError(
            f"No rotation of {environment} is begun on this machine.",
            remedy=f"Begin with `ekp rotate header {environment} --move 1`, or go on where it was"
            " begun.",
        )
    move = _expected(number, rotation, environment)
    rotation = rotation.started()
    return rotation.finished() if deploy(rotation.variables(move)) else rotation


def _may_begin(rotation: Rotation | None) -> bool:
    return rotation is None or rotation.next is None or rotation.wanted is None


def _check_last(environment: str, rotation: Rotation | None, old: str) -> None:
    if rotation is None or rotation.next is not None:
        return
    file = rotation.file(Value.NEW)
    if old not in rotation.variables(MOVES[-1]).values():
        raise RotationError(
            f"{PREFIX}{CURRENT} is not the value that the last rotation of {environment} ended"
            " with.",
            remedy=f"Set it to what {file} holds, or remove {rotation.folder}.",
        )


def _expected(number: int, rotation: Rotation, environment: str) -> Move:
    if rotation.next is None:
        raise RotationError(
            f"The rotation of {environment} is done: move {number} was taken.",
            remedy=f"`ekp rotate header {environment} --move 1` begins another one.",
        )
    if rotation.next.number != number:
        state = "is not finished" if rotation.running else "comes next"
        raise RotationError(
            f"Move {number} of {environment} is out of order: move {rotation.next.number} {state}.",
            remedy=f"Take it with `ekp rotate header {environment} --move {rotation.next.number}`.",
        )
    return MOVES[number - 1]


def _check_deployed(environment: str, found: Sequence[str]) -> None:
    if found:
        raise RotationError(
            f"What is deployed of {environment} is not what settings and {PREFIX}{CURRENT} and"
            f" {PREFIX}{NEXT} say: {', '.join(found)} would change, or cannot be planned.",
            remedy=f"Look with `ekp plan {environment}`; set the values that are in use, deploy,"
            " then rotate. A wrong value would have load balancers refuse what CloudFront sends.",
        )
