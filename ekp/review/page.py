"""A plan as one HTML page that asks for nothing else, for the one who has to say yes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup, escape

from ekp.gate.reports.wording import number, printable
from ekp.page.templates import templates
from ekp.runner.results import RunResult, StackResult
from ekp.runner.stacks import Stack
from ekp.runner.summary import LOUD, ORDER

from .changes import Item, items
from .layers import LayerLine, by_layer, total

_HEADINGS = {
    "destroy": "Destroyed",
    "replace": "Replaced",
    "forget": "Forgotten: they stay, and nobody looks after them",
    "change": "Changed",
    "add": "Added",
    "import": "Imported or moved",
}
_VERBS = {
    "destroy": "to destroy",
    "replace": "to replace",
    "forget": "to forget",
    "change": "to change",
    "add": "to add",
    "import": "to import or move",
}


@dataclass(frozen=True, slots=True)
class _Group:
    """The items of one stack under one heading."""

    stack: StackResult
    items: Sequence[Item]


@dataclass(frozen=True, slots=True)
class _Section:
    word: str
    heading: str
    groups: Sequence[_Group]

    @property
    def count(self) -> int:
        return sum(len(group.items) for group in self.groups)


def render(result: RunResult, stacks: Mapping[str, Stack], *, environment: str) -> str:
    """Return the page.

    Whatever the plan says is escaped, sensitive values are not in it, and a policy within the
    page lets a browser run and show nothing but the page's own script and style.

    Raises:
        RunnerError: a plan that the result names cannot be read.
    """
    found = items(result, stacks)
    lines = by_layer(result, stacks)
    return _TEMPLATES.get_template("page.html").render(
        environment=environment,
        result=result,
        sections=_sections(found, result),
        lines=lines,
        whole=total(lines),
        failures=[one for one in result.stacks if one.failure or one.because],
        verdict=_verdict(found, result),
        loud=any(one.word in LOUD for one in found),
        choices={
            "action": [word for word in ORDER if any(one.word == word for one in found)],
            "layer": list(dict.fromkeys(stacks[one.stack].layer for one in result.stacks)),
            "stack": [one.stack for one in result.stacks if one.changes],
        },
    )


def _sections(found: Sequence[Item], result: RunResult) -> list[_Section]:
    sections = []
    for word, several in groupby(found, key=lambda item: item.word):
        groups = [
            _Group(result.of(stack), list(own))
            for stack, own in groupby(several, key=lambda item: item.stack)
        ]
        sections.append(_Section(word, _HEADINGS.get(word, word), groups))
    return sections


def _verdict(found: Sequence[Item], result: RunResult) -> str:
    """Return in one line what would happen, and whether all of it is known."""
    counts = {word: sum(one.word == word for one in found) for word in _VERBS}
    told = ", ".join(f"{count} {_VERBS[word]}" for word, count in counts.items() if count)
    unplanned = sum(not one.ok for one in result.stacks)
    more = f"; {number(unplanned, 'stack')} not planned, so there is more" if unplanned else ""
    return f"{told or 'nothing would change'}{more}"


def _cells(line: LayerLine) -> dict[str, int]:
    counts = line.counts
    return {
        "destroy": counts.destroy,
        "replace": counts.replace,
        "change": counts.change,
        "add": counts.add,
        "import": counts.adopt,
    }


def _words(text: str) -> Markup:
    """Return a sentence in which names between backticks are set as such."""
    parts = text.split("`")
    name = Markup('<code class="name">{}</code>')
    return Markup(" ").join(
        name.format(printable(part)) if place % 2 else escape(printable(part))
        for place, part in enumerate(parts)
        if part
    )


def _line(text: str) -> Markup:
    """Return a line of a text with its spaces, which mean something to YAML."""
    return Markup(" ").join(escape(printable(part)) for part in text.split(" "))


_TEMPLATES = templates(
    __package__, printable, cells=_cells, line=_line, number=number, words=_words
)
