"""The checks of the header's rotation, and the table of its states."""

from collections.abc import Iterator, Sequence

from ekp.drill.report import Check, Table, failed, holds, passed
from ekp.gate.reports.wording import number
from ekp.rotate.moves import MOVES, Move

from .answer import FORBIDDEN
from .header import Header
from .rotation import Moved, Rotations, State, wrong

_REMEDY = (
    "CloudFront sends `origin_header_current`; listener rules and the rule group of every region's "
    "web ACL take it and `origin_header_next`: `modules/stacks/origin_header.py`."
)


def checks(rotations: Rotations, header: Header) -> Iterator[Check]:
    """Yield what must hold of the rotation.

    Raises:
        Unsupported: a part of what decides is not understood.
    """
    yield _nobody_refused(header, list(rotations.take(MOVES)))
    yield _old_refused(rotations)
    yield _order_matters(rotations, header)


def table(rotations: Rotations) -> Table:
    """Return the states of the rotation in its order, and where wrong orders refuse somebody."""
    rows = [_row(f"move {one.move.number}", one) for one in rotations.take(MOVES)]
    for order in wrong():
        ended = _until_refused(rotations, order)
        rows.append(_row(f"{_order(order)}: at move {ended.move.number}", ended))
    return Table(
        title="States of the header's rotation, and the first move that refuses in other orders",
        columns=("moves", "CloudFront sends", "load balancers take", "states", "refused in"),
        rows=tuple(rows),
    )


def _row(name: str, one: Moved) -> tuple[str, ...]:
    takes = dict.fromkeys((one.move.current, one.move.next))
    return (
        name,
        one.move.current.value,
        " and ".join(value.value for value in takes),
        str(one.states),
        str(len(one.refused)),
    )


def _nobody_refused(header: Header, moves: Sequence[Moved]) -> Check:
    refused = [(moved.move.number, one) for moved in moves for one in moved.refused]
    states = sum(one.states for one in moves)
    parties = [party for way in header.ways for party in way.parties]
    return holds(
        bool(states) and not refused,
        "No user's request is refused at any moment of the three moves that replace the header.",
        f"{len(refused)} of {states} states refuse a user: {_tell(*refused[0])}"
        if refused
        else f"{number(states, 'state')} of {len(parties)} listener rules and rule groups "
        f"in {number(len(header.ways), 'region')}, with CloudFront's edges on either value: no "
        "request is refused.",
        sorted({one.answer.by for _, one in refused})
        or [one.path for one in (*header.senders, *parties)],
        remedy=_REMEDY,
    )


def _old_refused(rotations: Rotations) -> Check:
    found = list(rotations.leaked())
    bad = [one for one in found if one.answer.status != FORBIDDEN]
    regions = ", ".join(dict.fromkeys(one.region for one in found))
    return holds(
        bool(found) and not bad,
        "After the last move the leaked value opens nothing.",
        "; ".join(f"{one.region}, {one.host}: {one.answer.why}" for one in bad)
        or f"{FORBIDDEN} for {number(len(found), 'host')} of the load balancers in {regions}.",
        sorted({one.answer.by for one in bad or found}),
        remedy=_REMEDY,
    )


def _order_matters(rotations: Rotations, header: Header) -> Check:
    must = "The moves in any other order refuse users somewhere, which is why no other is taken."
    unseen, seen = [], []
    for order in wrong():
        ended = _until_refused(rotations, order)
        if ended.refused:
            seen.append(f"{_order(order)} at move {ended.move.number}")
        else:
            unseen.append(_order(order))
    if unseen:
        return failed(
            must,
            f"Nobody is refused with the moves in the order {'; '.join(unseen)}: load balancers "
            "take more than the two values.",
            *(party.path for way in header.ways for party in way.parties),
            remedy=_REMEDY,
        )
    return passed(must, f"Refused: {'; '.join(seen)}.", "ekp/rotate/moves.py")


def _until_refused(rotations: Rotations, order: Sequence[Move]) -> Moved:
    """Return the first move that refuses somebody, or the last."""
    found = list(rotations.take(order))
    return next((one for one in found if one.refused), found[-1])


def _order(order: Sequence[Move]) -> str:
    return ", ".join(str(move.number) for move in order)


def _tell(move: int, one: State) -> str:
    return (
        f"move {move}, {one.region}, {one.host}, CloudFront sends {one.sent}: {one.answer.why}, by "
        f"{one.answer.by}."
    )
