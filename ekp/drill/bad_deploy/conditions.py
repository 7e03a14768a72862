"""Conditions of an analysis's metrics, evaluated as Argo Rollouts does.

A subset of its expression language, which is all that is generated; anything else is Unsupported.
Source: argo-rollouts v1.9.0, utils/evaluate/evaluate.go; antonmedv/expr v1.15.5, language
definition.
"""

import math
from collections.abc import Sequence

from ekp.evaluate.request import Unsupported

from .condition_parts import EQUAL, ORDER, ConditionError, Kind, Part, Result, tokens


def evaluate(condition: str, result: Result) -> bool:
    """Return whether a condition holds for what was measured.

    Raises:
        ConditionError: Argo Rollouts could not evaluate it.
        Unsupported: it is outside the subset that is understood here.
    """
    parser = _Parser(condition, result)
    found = parser.either()
    parser.end()
    if found.kind is not Kind.BOOL:
        raise ConditionError(f"{condition!r} is {found.kind.value}, not true or false")
    return found.value() is True


class _Parser:
    """Recursive descent: ``||`` binds least, then ``&&``, comparisons, ``!`` and ``-``."""

    def __init__(self, condition: str, result: Result) -> None:
        self._condition = condition
        self._tokens = tokens(condition)
        self._place = 0
        self._result = result

    def either(self) -> Part:
        found = self._both()
        while self._take("||"):
            found = self._logic("||", found, self._both())
        return found

    def end(self) -> None:
        if self._next is not None:
            raise self._unsupported(self._next)

    @property
    def _next(self) -> str | None:
        return self._tokens[self._place] if self._place < len(self._tokens) else None

    def _take(self, token: str) -> bool:
        taken = self._next == token
        self._place += taken
        return taken

    def _expect(self, token: str) -> None:
        if not self._take(token):
            raise self._unsupported(f"{self._next or 'its end'}, where {token} is expected")

    def _unsupported(self, where: str) -> Unsupported:
        return Unsupported(f"condition {self._condition!r}", where, "is not understood")

    def _both(self) -> Part:
        found = self._compared()
        while self._take("&&"):
            found = self._logic("&&", found, self._compared())
        return found

    def _logic(self, sign: str, one: Part, other: Part) -> Part:
        for part in (one, other):
            self._must_be(part, Kind.BOOL, sign)
        if sign == "&&":
            return Part(Kind.BOOL, lambda: one.value() is True and other.value() is True)
        return Part(Kind.BOOL, lambda: one.value() is True or other.value() is True)

    def _compared(self) -> Part:
        one = self._signed()
        sign = self._next
        if sign is None or sign not in (*ORDER, *EQUAL):
            return one
        self._place += 1
        other = self._signed()
        if self._next in (*ORDER, *EQUAL):
            raise self._unsupported(f"a second comparison {self._next}")
        if sign in ORDER:
            order = ORDER[sign]
            for part in (one, other):
                self._must_be(part, Kind.NUMBER, sign)
            return Part(Kind.BOOL, lambda: order(one.number(sign), other.number(sign)))
        if one.kind is not other.kind or one.kind is Kind.VECTOR:
            raise ConditionError(f"{sign} compares {one.kind.value} with {other.kind.value}")
        return Part(Kind.BOOL, lambda: (one.value() == other.value()) is (sign == "=="))

    def _signed(self) -> Part:
        if self._take("!"):
            negated = self._signed()
            self._must_be(negated, Kind.BOOL, "!")
            return Part(Kind.BOOL, lambda: negated.value() is not True)
        if self._take("-"):
            number = self._signed()
            self._must_be(number, Kind.NUMBER, "-")
            return Part(Kind.NUMBER, lambda: -number.number("-"))
        return self._operand()

    def _operand(self) -> Part:
        token = self._next
        if token is None:
            raise self._unsupported("its end")
        self._place += 1
        if token == "(":  # noqa: S105 - a sign, no secret
            found = self.either()
            self._expect(")")
            return found
        if token[0].isdigit():
            return Part(Kind.NUMBER, lambda: float(token))
        if token in ("true", "false"):
            return Part(Kind.BOOL, lambda: token == "true")  # noqa: S105 - a word, no secret
        if token == "result":  # noqa: S105 - a name, no secret
            return self._measured()
        if self._take("("):
            return self._call(token)
        raise ConditionError(f"{self._condition!r} has the unknown name {token}")

    def _measured(self) -> Part:
        result = self._result
        if isinstance(result, (int, float)):
            return Part(Kind.NUMBER, lambda: result)
        if not self._take("["):
            return Part(Kind.VECTOR, lambda: result)
        place = self._next
        if place is None or not place.isdigit():
            raise self._unsupported(f"result[{place}")
        self._place += 1
        self._expect("]")
        index = int(place)

        def at() -> float:
            if index >= len(result):
                raise ConditionError(f"result[{index}]: {len(result)} values were measured")
            return result[index]

        return Part(Kind.NUMBER, at)

    def _call(self, name: str) -> Part:
        """Return a function's part; ``default`` ignores what it is given, as Argo's does."""
        arguments = [self.either()]
        while self._take(","):
            arguments.append(self.either())
        self._expect(")")
        first, *others = arguments
        if name == "default" and len(others) == 1:
            # No provider of metrics gives nil: Prometheus's empty vector is none.
            return self._measured()
        if others or name not in ("len", "isNaN", "isInf"):
            raise self._unsupported(f"{name} of {len(arguments)}")
        if name == "len":
            self._must_be(first, Kind.VECTOR, name)
            return Part(Kind.NUMBER, lambda: float(len(self._vector(first))))
        self._must_be(first, Kind.NUMBER, name)
        test = math.isnan if name == "isNaN" else math.isinf
        return Part(Kind.BOOL, lambda: test(first.number(name)))

    def _vector(self, part: Part) -> Sequence[float]:
        found = part.value()
        if isinstance(found, (int, float)):
            raise ConditionError("len takes a vector")
        return found

    def _must_be(self, part: Part, kind: Kind, sign: str) -> None:
        if part.kind is not kind:
            raise ConditionError(f"{sign} takes {kind.value}, not {part.kind.value}")
