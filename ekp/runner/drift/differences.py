"""What differs between two values of Terraform, by path; sensitive values are left out."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..results import HIDDEN

Step = str | int


@dataclass(frozen=True)
class Difference:
    """One value that differs. ``steps`` lead to it; None stands for a value that is not there.

    ``before`` and ``after`` are ``(sensitive)`` where Terraform marks a value as such.
    """

    steps: tuple[Step, ...]
    before: Any
    after: Any
    sensitive: bool = False

    @property
    def path(self) -> str:
        """The steps as Terraform writes them: ``ingress[0].cidr_blocks``."""
        return path(self.steps)


def path(steps: Sequence[Step]) -> str:
    """Steps as Terraform writes them: ``ingress[0].cidr_blocks``, ``tags["a.b/c"]``."""
    text = ""
    for step in steps:
        if isinstance(step, int):
            text += f"[{step}]"
        elif step.replace("_", "").replace("-", "").isalnum():
            text += f".{step}" if text else step
        else:
            text += f"[{json.dumps(step)}]"
    return text


def compare(
    before: Any,
    after: Any,
    before_marks: Any = None,
    after_marks: Any = None,
    steps: tuple[Step, ...] = (),
) -> Iterator[Difference]:
    """Yield what differs, as deep as both sides have the same shape.

    JSON in strings (policies) is compared by what it means. A value that is not there equals an
    empty one, which providers do not tell apart. In a list, elements of one side alone are told
    with their index on that side, since sets have no order.

    Args:
        before: a value of a resource in ``show -json``.
        after: the other one.
        before_marks: Terraform's ``before_sensitive`` for it: ``True`` where it is sensitive.
        after_marks: the same for the other one.
        steps: where the values stand.
    """
    before, after = _parsed(before, after)
    if _same(before, after):
        return
    whole = before_marks is True or after_marks is True
    match before, after:
        case dict(), dict() if not whole:
            for name in sorted({**before, **after}):
                marks = (_mark(before_marks, name), _mark(after_marks, name))
                yield from compare(before.get(name), after.get(name), *marks, (*steps, name))
        case list(), list() if not whole and _nested(before) and _nested(after):
            gone, new = _left_over(before, after), _left_over(after, before)
            if len(gone) != len(new):
                for index in gone:
                    yield _told((*steps, index), before[index], None, before_marks, after_marks)
                for index in new:
                    yield _told((*steps, index), None, after[index], before_marks, after_marks)
                return
            for old, other in zip(gone, new, strict=True):
                marks = (_mark(before_marks, old), _mark(after_marks, other))
                yield from compare(before[old], after[other], *marks, (*steps, old))
        case _:
            yield _told(steps, before, after, before_marks, after_marks)


def _told(steps: tuple[Step, ...], before: Any, after: Any, *marks: Any) -> Difference:
    if any(_sensitive(one) for one in marks):
        before, after = (None if side is None else HIDDEN for side in (before, after))
        return Difference(steps, before, after, sensitive=True)
    return Difference(steps, before, after)


def _sensitive(marks: Any) -> bool:
    """Whether anything is marked, at any depth."""
    parts = marks.values() if isinstance(marks, dict) else marks if isinstance(marks, list) else ()
    return marks is True or any(_sensitive(part) for part in parts)


def _left_over(values: Sequence[Any], others: Sequence[Any]) -> list[int]:
    """Indices of the values that the other side lacks."""
    rest = list(others)
    found = []
    for index, value in enumerate(values):
        if value in rest:
            rest.remove(value)
        else:
            found.append(index)
    return found


def _same(before: Any, after: Any) -> bool:
    if before is None or after is None:
        return not before and not after
    return bool(before == after)


def _nested(values: list[Any]) -> bool:
    return all(isinstance(value, dict) for value in values)


def _mark(marks: Any, step: Step) -> Any:
    match marks:
        case Mapping():
            return marks.get(step, False)
        case list() if isinstance(step, int) and step < len(marks):
            return marks[step]
    return False


def _parsed(before: Any, after: Any) -> tuple[Any, Any]:
    texts = (before, after)
    if not all(isinstance(text, str) and text.startswith(("{", "[")) for text in texts):
        return texts
    try:
        return json.loads(before), json.loads(after)
    except ValueError:
        return texts
