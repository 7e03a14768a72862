"""What a destroy takes and leaves, as text for a person."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from ekp.runner.teardown import Holding, Teardown, lost

if TYPE_CHECKING:
    from ekp.runner.leftovers.search import Found, Leftover

VOLUMES = "EBS volumes of claims in the clusters, and the data in them"


def shown(found: Teardown, title: str, *, drained: bool) -> Iterator[RenderableType]:
    """Yield the order, the steps of a drain, what is lost and what refuses."""
    yield f"This destroys {escape(title)}:"
    table = Table("wave", "stack", "resources")
    for number, wave in enumerate(found.waves, start=1):
        for one in wave:
            table.add_row(str(number), escape(one.stack), _held(one))
    yield table
    yield "A stack goes as soon as all that need it are gone; those are in earlier waves."
    if drained:
        from ekp.cluster.drain import STEPS, SUSPENDS  # noqa: PLC0415 - loads a slow client

        yield "Each cluster is drained before the first of its stacks goes:"
        for number, says in enumerate([SUSPENDS, *(one.says for one in STEPS)], start=1):
            yield f"  {number}. {escape(says)}"
    losses = lost(found.holdings)
    if losses or drained:
        yield _lost(losses, drained=drained)
    if found.kept:
        yield "[bold]AWS refuses to destroy these:[/]"
        yield from (escape(line) for line in found.kept)


def leftovers_shown(found: "Found") -> Iterator[RenderableType]:
    """Yield what is left, what goes by itself, and where nobody could look."""
    for title, group in (
        ("left in AWS", found.left),
        ("not of the stacks that were destroyed, and kept", found.others),
    ):
        if group:
            yield _resources(title, group)
    if found.left:
        yield (
            "Nothing of this is in a state any more. Delete it by hand, then give the same command"
            " again: with nothing to destroy it only looks."
        )
        if any(not one.sure for one in found.left):
            yield "What is marked (?) may be gone already: AWS's index of tags is hours late."
    if found.pending:
        table = Table("name", "ARN", "deleted on", title="deleted by AWS itself, and kept until")
        for one in found.pending:
            table.add_row(escape(one.name), escape(one.arn), one.day)
        yield _folded(table)
    for line in found.unsearched:
        yield f"[bold]not looked through:[/] {escape(line)}"
    if found.ok:
        yield "Looked for leftovers by tags: none."


def _held(one: Holding) -> str:
    if one.problem:
        return f"its state cannot be read: {escape(one.problem)}"
    return str(one.resources) if one.resources else "none: not deployed"


def _lost(losses: dict[tuple[str, str], list[str]], *, drained: bool) -> Table:
    table = Table("lost", "which", "when", title="lost for ever: a deploy makes it anew, and empty")
    if drained:
        table.add_row(VOLUMES, "", "in the drain")
    for (what, when), names in losses.items():
        table.add_row(f"{escape(what)} ({len(names)})", escape("\n".join(names)), escape(when))
    return _folded(table)


def _resources(title: str, group: "tuple[Leftover, ...]") -> Table:
    table = Table("kind", "name", "probably made by", "ARN", title=title)
    for one in group:
        sure = "" if one.sure else " (?)"
        table.add_row(one.kind + sure, escape(one.name), escape(one.maker), escape(one.arn))
    return _folded(table)


def _folded(table: Table) -> Table:
    for column in table.columns:
        column.overflow = "fold"
    return table
