"""A plan as Markdown, for a pull request: one table of stacks, then each stack's changes."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import TypeVar

from . import files
from .errors import NotWritableError
from .results import Change, Counts, RunResult, StackResult, Status

T = TypeVar("T")

# GitHub refuses a comment of more than 65,536 characters; the rest is for who puts it there.
LIMIT = 65_000
MARK = "<!-- ekp: details -->"
"""The line between the table and the rest, for who has room for the table alone."""

# Terraform's own words -> the word of the table. What takes something away is read first.
WORDS: Mapping[tuple[str, ...], str] = {
    ("delete",): "destroy",
    ("create", "delete"): "replace",
    ("delete", "create"): "replace",
    ("forget",): "forget",
    ("update",): "change",
    ("create",): "add",
    ("no-op",): "import",
}
ORDER = tuple(dict.fromkeys(WORDS.values()))
LOUD = {"destroy", "replace"}
KNOWN = {Status.PLANNED, Status.UNCHANGED}
STACKS = """\
| stack | result | add | change | replace | destroy | import |
| --- | --- | ---: | ---: | ---: | ---: | ---: |
"""
CHANGES = """\
| action | construct | resource |
| --- | --- | --- |
"""
SAMPLES = """\
Speculative: planned with sample values in place of stacks that are not applied yet.

"""
# Terraform's errors may quote whole documents; the log has them in full.
LONGEST_FAILURE = 4_000
# What stands around a stack's changes, or says what was cut, is at most this long.
FRAME = 400


@dataclass(frozen=True)
class _Row:
    stack: str
    word: str
    text: str


def append(file: Path, text: str) -> None:
    """Put ``text`` behind what ``file`` holds, so that several environments share a file.

    Raises:
        NotWritableError: the file cannot be written.
    """
    files.make_folder(file.parent)
    try:
        with file.open("a", encoding="utf-8") as opened:
            opened.write(text)
    except OSError as error:
        raise NotWritableError(
            f"{file} cannot be written: {error.strerror or error}.",
            remedy="Name another file for the summary.",
        ) from error


def markdown(result: RunResult, *, environment: str = "", limit: int = LIMIT) -> str:
    """Return a plan as GitHub-flavoured Markdown, without outputs and values of resources.

    Args:
        result: what ``plan`` gave back.
        environment: what was planned, for the title.
        limit: how many characters there may be. The table of stacks is always whole. Failures
            and changes that do not fit are left out, those that destroy or replace something
            last of all, and a sentence says how many.
    """
    title = f"## Plan of {code(environment)}" if environment else "## Plan"
    head = f"{title} ({result.target})\n\n{STACKS}{''.join(_overview(result.stacks))}\n"
    if result.speculative:
        head += SAMPLES
    failures = [_failure(stack) for stack in result.stacks if stack.failure or stack.because]
    rows = sorted(
        (_row(stack, change) for stack in result.stacks for change in _in_order(stack.changes)),
        key=lambda row: _rank(row.word),
    )
    if not failures and not rows:
        same = all(stack.status is Status.UNCHANGED for stack in result.stacks)
        return f"{head}Nothing would change.\n\n" if same else head
    room = limit - len(head) - FRAME
    told = _fitting(failures, map(len, failures), room)
    shown = _fitting(rows, _costs(rows), room - sum(map(len, told)))
    cut = _cut(len(failures) - len(told), rows[len(shown) :])
    return "".join((head, cut, f"{MARK}\n\n", *told, *_details(result.stacks, shown)))


def code(text: str) -> str:
    """Return text as code that Markdown leaves alone, also in a cell of a table."""
    if text and text == text.strip() and not re.search(r"[`|\\\r\n]", text):
        return f"`{text}`"
    return f"<code>{_entities(text)}</code>"


def _entities(text: str) -> str:
    """Return text as HTML in which no character means anything to Markdown."""
    return re.sub(r"[^A-Za-z0-9 ./:,-]", lambda found: f"&#{ord(found[0])};", text)


def _overview(stacks: Sequence[StackResult]) -> Iterator[str]:
    """Yield the table's lines; what is not known of a stack that was not planned is a ``?``."""
    for stack in stacks:
        result = stack.status.value if stack.ok else f"**{stack.status.value}**"
        note = " (speculative)" if stack.speculative else ""
        numbers = [number or "" for number in astuple(stack.counts)]
        yield _line(
            code(stack.stack),
            f"{result}{note}",
            *(numbers if stack.status in KNOWN else "?" * len(numbers)),
        )
    totals = [sum(numbers) for numbers in zip(*(astuple(s.counts) for s in stacks), strict=True)]
    whole = all(stack.status in KNOWN for stack in stacks)
    yield _line("all" if whole else "all that were planned", "", *(totals or astuple(Counts())))


def _line(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |\n"


def _failure(stack: StackResult) -> str:
    """Return why a stack was not planned, in a block that nothing in it can end."""
    lines = [f"Not planned because of {', '.join(stack.because)}."]
    if stack.failure is not None:
        lines = [stack.failure.message]
        for problem in stack.failure.problems:
            lines += [f"  {line}" for line in problem.text.splitlines()]
            if problem.address:
                lines.append(f"  at {problem.construct_path or '?'} ({problem.address})")
    text = "\n".join(lines)
    if (more := len(text) - LONGEST_FAILURE) > 0:
        text = f"{text[:LONGEST_FAILURE]}\n({more} characters more are in the log.)"
    if stack.failure is not None:
        text += f"\n{stack.failure.remedy}"
    fence = "`" * (1 + max(2, *map(len, re.findall("`*", text))))
    return f"{code(stack.stack)}: {stack.status.value}\n\n{fence}text\n{text}\n{fence}\n\n"


def _in_order(changes: Iterable[Change]) -> list[Change]:
    return sorted(changes, key=lambda change: (change.construct_path, change.address))


def _row(stack: StackResult, change: Change) -> _Row:
    word = WORDS.get(change.actions, " then ".join(change.actions))
    # What is gone from the settings has no construct any more: its address is all there is.
    place = change.construct_path.removeprefix(f"{stack.stack}/") or change.address
    kind = change.address.partition(".")[0]
    shown = f"**{word}**" if word in LOUD else word
    return _Row(stack.stack, word, _line(shown, code(place), code(kind)))


def _rank(word: str) -> int:
    return ORDER.index(word) if word in ORDER else len(ORDER)


def _costs(rows: Iterable[_Row]) -> Iterator[int]:
    """Yield how many characters each row takes; the first of a stack brings the frame."""
    begun = set()
    for row in rows:
        frame = 0 if row.stack in begun else FRAME + len(_entities(row.stack))
        begun.add(row.stack)
        yield frame + len(row.text)


def _fitting(items: Sequence[T], costs: Iterable[int], room: int) -> list[T]:
    """Return as many items as there is room for, from the first."""
    found = []
    for item, cost in zip(items, costs, strict=True):
        room -= cost
        if room < 0:
            break
        found.append(item)
    return found


def _cut(failures: int, rows: Sequence[_Row]) -> str:
    parts = []
    if failures:
        parts.append(f"{failures} {'failure' if failures == 1 else 'failures'}")
    if rows:
        parts.append(f"{len(rows)} {'change' if len(rows) == 1 else 'changes'} ({_counted(rows)})")
    return f"There is no room here for {' and '.join(parts)}.\n\n" if parts else ""


def _details(stacks: Iterable[StackResult], shown: Iterable[_Row]) -> Iterator[str]:
    by_stack: dict[str, list[_Row]] = {}
    for row in shown:
        by_stack.setdefault(row.stack, []).append(row)
    for stack in stacks:
        rows = by_stack.get(stack.stack, [])
        if not rows:
            continue
        every = [_row(stack, change) for change in stack.changes]
        missing = len(every) - len(rows)
        more = f"{missing} more of this stack left out.\n\n" if missing else ""
        yield (
            f"<details><summary><code>{_entities(stack.stack)}</code>: {_counted(every)}</summary>"
            f"\n\n{CHANGES}{''.join(row.text for row in rows)}\n{more}</details>\n\n"
        )


def _counted(rows: Iterable[_Row]) -> str:
    """Return how many rows there are of each word, such as ``destroy 1, add 12``."""
    counts = Counter(row.word for row in rows)
    return ", ".join(f"{word} {counts[word]}" for word in sorted(counts, key=_rank))
