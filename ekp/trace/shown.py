"""A trace as people read it in a terminal: a table of hops, and the verdict below it."""

from collections.abc import Iterator

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from ekp.evaluate.hop import Hop, Verdict

from .tokens import SIGNATURE
from .traced import Trace

STYLES = {
    Verdict.PASSES: "green",
    Verdict.MAY_REFUSE: "yellow",
    Verdict.ANSWERS: "cyan",
    Verdict.REFUSES: "bold red",
    Verdict.MISSING: "bold magenta",
}
CONFIGURATION = (
    "Read from the synthesized configuration: no request was sent. AWS's managed rules look into "
    "what is sent, and are not evaluated."
)


def table(trace: Trace) -> Table:
    """Return the hops; regions are told apart by lines."""
    asked = trace.question
    title = f"{asked.method} {asked.scheme}://{asked.host}{asked.path} in {trace.environment}"
    found = Table(
        "stage, what",
        "verdict",
        "why, decided by",
        title=escape(title),
        title_justify="left",
        box=SIMPLE_HEAD,
        pad_edge=False,
    )
    for column, width in zip(found.columns, (28, 10, None), strict=True):
        column.overflow, column.max_width = "fold", width
    for place, hop in enumerate(trace.hops):
        following = trace.hops[place + 1 : place + 2]
        found.add_row(
            Text.assemble((hop.stage.value, "bold"), f"\n{hop.name}"),
            Text(word(hop), STYLES[hop.verdict]),
            _why(hop),
            end_section=bool(following) and following[0].region != hop.region,
        )
    return found


def word(hop: Hop) -> str:
    """Return a verdict, with the status where the hop itself answers."""
    return f"{hop.verdict.value} {hop.status}" if hop.status else hop.verdict.value


def _why(hop: Hop) -> Text:
    text = Text(hop.why)
    text.append(f"\n{hop.by}", "dim")
    if hop.remedy:
        text.append(f"\n→ {hop.remedy}", "bold")
    return text


def lines(trace: Trace) -> Iterator[tuple[str, str]]:
    """Yield what stands below the table, each line with its style."""
    yield f"The request {trace.verdict}.", STYLES[trace.outcome]
    for hop in trace.unguarded:
        yield f"Missing on the way: {hop.name}: {hop.why} → {hop.remedy}", STYLES[hop.verdict]
    if any(SIGNATURE in hop.why for hop in trace.hops):
        yield f"Of the token: {SIGNATURE}.", "dim"
    yield CONFIGURATION, "dim"
