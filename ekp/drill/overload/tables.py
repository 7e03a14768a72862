"""Tables of the drill: arrivals against answers for each process, and limits by layer."""

from collections.abc import Iterator

from ..report import Table
from .processes import SECONDS
from .simulation import Course
from .view import View
from .words import figure

_COURSE = (
    "process",
    "clients",
    "offered/s, first",
    "offered/s, last",
    "answered/s, first",
    "answered/s, last",
    "refused",
    "by",
)
_LAYERS = ("layer", "counts", "a second", "at once", "pods", "by")


def tables(view: View) -> tuple[Table, ...]:
    """Return the tables, one for each way and one of all limits."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for way, places, course in view.courses():
        urls = ", ".join(way.urls)
        title = f"{way.name}, {urls} ({', '.join(places)}): {SECONDS} s with the fewest pods"
        found.setdefault(title, []).append(_row(course))
    arrivals = [
        Table(title=title, columns=_COURSE, rows=tuple(rows)) for title, rows in found.items()
    ]
    layers = tuple(dict.fromkeys(_layers(view)))
    if layers:
        arrivals.append(Table(title="Limits, from outside inwards", columns=_LAYERS, rows=layers))
    return tuple(arrivals)


def _row(course: Course) -> tuple[str, ...]:
    refused = sum(count for _, count in course.refused)
    return (
        course.process,
        f"{course.clients:,}",
        f"{course.offered[0]:,}",
        f"{course.offered[-1]:,}",
        f"{course.answered[0]:,}",
        f"{course.answered[-1]:,}",
        f"{refused:,}",
        ", ".join(f"{name} {count:,}" for name, count in course.refused) or "-",
    )


def _layers(view: View) -> Iterator[tuple[str, ...]]:
    for name, outer in (("edge", view.outer.edge), *view.outer.regions.items()):
        if outer:
            window = f"{outer.requests:,} in {outer.seconds} s"
            yield name, "a client", figure(outer.per_second), window, "-", outer.by
    for way in view.ways:
        for guard in way.guards:
            yield (
                guard.name if guard.whole else f"{guard.name} {way.service}",
                "a client",
                figure(guard.rate(way.door)),
                f"{guard.at_once(way.door):,}",
                str(way.door),
                guard.by,
            )
        if capacity := way.capacity:
            yield (
                f"{capacity.name} of {way.service}",
                "everybody",
                figure(capacity.bucket.per_second),
                f"{capacity.bucket.max_tokens:,}",
                str(way.pods),
                capacity.by,
            )
