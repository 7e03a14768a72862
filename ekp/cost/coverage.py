"""What time answers cover: none of it twice, and what is missing is said."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import pairwise

from .answer import IDLE, Answer
from .errors import AnswerError

# Kubecost's data come by the hour, and a window of today ends with the day.
_LEAST = timedelta(hours=1)
_UNFINISHED = timedelta(days=1)


def check_periods(answers: Sequence[Answer]) -> None:
    """Refuse answers that tell of the same time twice; they come in the order of their start.

    Raises:
        AnswerError: two overlap.
    """
    for before, after in pairwise(answers):
        if after.period.start < before.period.end:
            raise AnswerError(
                f"{before.source} ({before.period}) and {after.source} ({after.period}) overlap;"
                " their costs would count twice.",
                remedy="Ask for windows that follow each other, as START,END.",
            )


def remarks(answers: Sequence[Answer]) -> Iterator[str]:
    """Tell what the answers have no data for."""
    for one in answers:
        yield from _of(one)
    for before, after in pairwise(answers):
        if after.period.start - before.period.end >= _LEAST:
            yield (
                f"nothing is known between {before.source} (until {before.period.end:%F %R}) and"
                f" {after.source} (from {after.period.start:%F %R})."
            )


def _of(answer: Answer) -> Iterator[str]:
    late = answer.period.start - answer.asked.start >= _LEAST
    early = answer.asked.end - answer.period.end >= _UNFINISHED
    if late or early:
        yield (
            f"{answer.source} was asked about {answer.asked} and has data for {answer.period};"
            " budgets are counted for the latter."
        )
    told = {row.cluster for row in answer.allocations}
    if without := sorted(told - _with_idle(answer)):
        yield f"{answer.source} tells of no idle cost of {', '.join(without)}."


def _with_idle(answer: Answer) -> set[str]:
    return {row.cluster for row in answer.allocations if row.namespace == IDLE}
