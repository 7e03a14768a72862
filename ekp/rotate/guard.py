"""Keeps deploys from taking values that a rotation of the origin header has left behind."""

from collections.abc import Mapping
from pathlib import Path

from .rotation import RotationError, load


def check(folder: Path, environ: Mapping[str, str], *, environment: str) -> None:
    """Refuse variables that are not those of the move that was taken last.

    CloudFront and the load balancers would be given a value that the others no longer take.

    Raises:
        RotationError: they differ, or the rotation cannot be read.
    """
    rotation = load(folder)
    if rotation is None or rotation.wanted is None:
        return
    wanted = rotation.variables(rotation.wanted)
    if stale := sorted(name for name, value in wanted.items() if environ.get(name) != value):
        raise RotationError(
            f"{' and '.join(stale)}: not what move {rotation.wanted.number} of the header's"
            " rotation deployed; requests would be refused.",
            remedy=f"`ekp rotate header {environment}` prints the lines that set them. Where"
            f" somebody else rotated since, remove {folder}.",
        )
