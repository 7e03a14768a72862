"""What a destroy takes, before it takes anything: order, what is lost for ever, what refuses."""

from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

from . import data_loss, graph, protection, state
from . import run as running
from .across import PARALLELISM
from .data_loss import Lost
from .errors import RunnerError, TerraformFailedError
from .progress import Reporter, Silent
from .run import Run
from .stacks import Stack
from .target import Target


class UnreadableError(RunnerError):
    """Some states cannot be read, so that nobody knows what would go."""


@dataclass(frozen=True)
class Holding:
    """What one stack holds by its state. ``kept`` is what AWS refuses to destroy, a line each.

    ``problem`` says why the state cannot be read; the rest is then empty.
    """

    stack: str
    resources: int = 0
    lost: tuple[Lost, ...] = ()
    kept: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class Teardown:
    """Waves of stacks in the order in which they go.

    A stack goes as soon as all that need it are gone, and those are in earlier waves.
    """

    waves: tuple[tuple[Holding, ...], ...]

    @property
    def holdings(self) -> tuple[Holding, ...]:
        """Every stack in the order of the waves."""
        return tuple(one for wave in self.waves for one in wave)

    @property
    def kept(self) -> tuple[str, ...]:
        """What AWS refuses to destroy, a line each."""
        return tuple(line for one in self.holdings for line in one.kept)

    @property
    def resources(self) -> int:
        """How many resources are destroyed."""
        return sum(one.resources for one in self.holdings)

    def to_json(self) -> dict[str, Any]:
        """A dict of plain values with the same keys every time."""
        return {
            "waves": [[asdict(one) for one in wave] for wave in self.waves],
            "resources": self.resources,
            "protected_resources": [line.strip() for line in self.kept],
        }


def look(
    stacks: Mapping[str, Stack],
    *,
    target: Target,
    selected: Collection[str] | None = None,
    reporter: Reporter | None = None,
) -> Teardown:
    """Read the states of stacks, and tell what their destroy would take; nothing is changed.

    Raises:
        RunnerError: the run cannot start (no Terraform, no cache folder).
    """
    run = running.start(stacks, target=target, reporter=reporter or Silent())
    return of(run, stacks if selected is None else selected)


def of(run: Run, selected: Collection[str]) -> Teardown:
    """As ``look``, for a run that has begun."""
    edges = graph.restrict({id_: one.depends_on for id_, one in run.stacks.items()}, {*selected})
    with ThreadPoolExecutor(PARALLELISM) as pool:
        found = dict(zip(edges, pool.map(lambda id_: _held(run, id_), edges), strict=True))
    return Teardown(
        tuple(
            tuple(found[id_] for id_ in sorted(wave)) for wave in graph.waves(graph.reverse(edges))
        )
    )


def _held(run: Run, id_: str) -> Holding:
    stack = run.stacks[id_]
    try:
        found = state.pull(run, stack)
    except RunnerError as error:
        return Holding(id_, problem=_said(error))
    resources = found.resources if found else {}
    return Holding(
        id_,
        resources=len(resources),
        lost=tuple(data_loss.of(resources)),
        kept=tuple(protection.kept(stack, resources)),
    )


def _said(error: RunnerError) -> str:
    """Return an error with what Terraform said first, on one line."""
    said = error.problems[:1] if isinstance(error, TerraformFailedError) else ()
    return " ".join([error.message, *(word for one in said for word in one.text.split())])


def refuse(found: Teardown) -> None:
    """Stop where a destroy would end half done, or take what nobody saw.

    Raises:
        UnreadableError: a state cannot be read; it may hold what AWS refuses to destroy.
        ProtectedError: AWS would refuse to destroy some of it.
    """
    unread = [f"  {one.stack}: {one.problem}" for one in found.holdings if one.problem]
    if unread:
        raise UnreadableError(
            "Nothing was destroyed: these states cannot be read.\n" + "\n".join(unread),
            remedy="Check the credentials, and the place of the states. An earlier version of a"
            " broken one is in the bucket's versions, or in HCP Terraform's list of states.",
        )
    protection.refuse(found.kept)


def lost(found: Iterable[Holding]) -> dict[tuple[str, str], list[str]]:
    """What is lost and when -> the names of what is, in the order of stacks."""
    together: dict[tuple[str, str], list[str]] = {}
    for one in found:
        for part in one.lost:
            together.setdefault((part.what, part.when), []).append(part.name)
    return together
