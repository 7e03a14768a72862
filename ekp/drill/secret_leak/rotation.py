"""Every state that a rotation of the header goes through, and what users are answered in it.

A move is a deploy. While it runs, each resource has its values of before or of after, in any mix:
layers and regions come one after the other, and so do the rules within one. CloudFront's edges take
a new configuration within minutes, one after the other, so requests come with both values.
Source: CloudFront developer guide, "Update a distribution".
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ekp.configured.environment import Configured
from ekp.rotate.moves import CURRENT, MOVES, NEXT, Move, Value
from ekp.trace.call import Call

from .answer import Answer, answer, applied, sent
from .header import Header, Values, Way

# What variables take: letters, digits, _ and -, 32 or more.
TEXTS = {Value.OLD: "old-value-" * 4, Value.NEW: "new-value-" * 4}

Held = tuple[str, str]
"""What the two variables hold: the current value, and the next one."""
BEFORE: Held = (TEXTS[Value.OLD], TEXTS[Value.OLD])
"""Both variables hold the value that leaks."""


@dataclass(frozen=True, slots=True)
class State:
    """What a user is answered in one state."""

    region: str
    host: str
    sent: str
    """Which value CloudFront sends, in words."""
    answer: Answer


@dataclass(frozen=True, slots=True)
class Moved:
    """What one move of a rotation comes to."""

    move: Move
    states: int
    """Mixes of old and new configuration, over all regions, hosts and values that are sent."""
    refused: tuple[State, ...]


def held(move: Move) -> Held:
    """Return what the variables hold after a move."""
    return TEXTS[move.current], TEXTS[move.next]


def wrong() -> Iterator[Sequence[Move]]:
    """Yield every order of the moves but their own."""
    return (order for order in itertools.permutations(MOVES) if order != tuple(MOVES))


class Rotations:
    """Rotations of one environment's header; what was asked once is known."""

    def __init__(self, configured: Configured, header: Header) -> None:
        self._configured = configured
        self._header = header
        self._mixes: dict[tuple[str, tuple[Held, ...]], Configured] = {}
        self._calls: dict[tuple[str, Held], Call | None] = {}
        self._answers: dict[tuple[str, tuple[Held, ...], str, Held], Answer] = {}

    def take(self, order: Sequence[Move]) -> Iterator[Moved]:
        """Yield what each move of a rotation in some order comes to.

        Raises:
            Unsupported: a part of what decides is not understood.
        """
        reached = [BEFORE]
        for move in order:
            after = held(move)
            found = [one for way in self._header.ways for one in self._states(way, reached, after)]
            yield Moved(move, len(found), tuple(one for one in found if not one.answer.passes))
            reached.append(after)

    def leaked(self) -> Iterator[State]:
        """Yield what whoever sends the leaked value is answered once all moves are done.

        Raises:
            Unsupported: a part of what decides is not understood.
        """
        done = held(MOVES[-1])
        for way in self._header.ways:
            for host in way.hosts:
                yield from self._state(way, (done,) * len(way.parties), host, BEFORE)

    def _states(self, way: Way, reached: Sequence[Held], after: Held) -> Iterator[State]:
        # Terraform waits until every edge has a change, unless it is told not to: then an edge may
        # be any number of moves behind.
        edges = dict.fromkeys((*(reached[-1:] if self._header.waits else reached), after))
        mixes = itertools.product((reached[-1], after), repeat=len(way.parties))
        for mix, host, edge in itertools.product(mixes, way.hosts, edges):
            yield from self._state(way, mix, host, edge)

    def _state(self, way: Way, mix: tuple[Held, ...], host: str, edge: Held) -> Iterator[State]:
        """Yield what a user is answered, if CloudFront calls an origin for the host at all."""
        made = self._call(host, edge)
        if made is None:
            return
        key = (way.region, mix, host, edge)
        if key not in self._answers:
            self._answers[key] = answer(self._mix(way, mix), way, host, made)
        text = made.request.header(self._header.name)
        known = {one: f"the {name.value} value" for name, one in TEXTS.items()}
        word = known.get(text, "another value") if text else "no value"
        yield State(way.region, host, word, self._answers[key])

    def _mix(self, way: Way, mix: tuple[Held, ...]) -> Configured:
        key = (way.region, mix)
        if key not in self._mixes:
            keys = (one.key for one in way.parties)
            by = {one: values_of(text) for one, text in zip(keys, mix, strict=True)}
            self._mixes[key] = applied(self._configured, by)
        return self._mixes[key]

    def _call(self, host: str, edge: Held) -> Call | None:
        key = (host, edge)
        if key not in self._calls:
            by = {one.key: values_of(edge) for one in self._header.senders}
            self._calls[key] = sent(applied(self._configured, by), host)
        return self._calls[key]


def values_of(text: Held) -> Values:
    """Return the variables by name."""
    return dict(zip((CURRENT, NEXT), text, strict=True))
