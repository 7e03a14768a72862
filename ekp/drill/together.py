"""Several drills one after the other: one that cannot be run does not end the others."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ekp.configured.environment import Configured
from ekp.evaluate.request import Unsupported
from ekp.runner.errors import RunnerError

from . import drills
from .place import Place
from .report import Check, Drill, Outcome, failed

RUNS = "The drill can be run to its end."


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What drills of one environment came to."""

    environment: str
    drills: tuple[Drill, ...]

    @property
    def outcome(self) -> Outcome:
        """Failed where a drill failed, passed where one passed and none failed."""
        return Outcome.of(drill.outcome for drill in self.drills)

    @property
    def checks(self) -> tuple[Check, ...]:
        """The checks of all drills."""
        return tuple(check for drill in self.drills for check in drill.checks)

    def to_json(self) -> dict[str, Any]:
        """A dict of plain values with the same keys every time."""
        return {
            "environment": self.environment,
            "outcome": self.outcome.value,
            "drills": [drill.to_json() for drill in self.drills],
        }


def run(
    names: Iterable[str],
    configured: Configured,
    place: Place,
    begins: Callable[[str], object] = lambda _: None,
    ended: Callable[[Drill], object] = lambda _: None,
) -> Report:
    """Run drills.

    Args:
        names: Of those that there are.
        configured: The environment.
        place: What they may use beside it.
        begins: Is told the name of each before it runs.
        ended: Is told what each came to.

    Raises:
        KeyError: there is no drill of a name.
    """
    found = []
    for name in names:
        begins(name)
        drill = _one(name, configured, place)
        ended(drill)
        found.append(drill)
    return Report(environment=configured.environment, drills=tuple(found))


def _one(name: str, configured: Configured, place: Place) -> Drill:
    breaks = drills.BREAKS[name]
    try:
        return drills.run(name, configured, place)
    except Unsupported as error:
        check = failed(
            RUNS,
            f"An evaluator does not understand {error}, and guesses nothing.",
            error.source,
            remedy="Take that part out of the object, or teach `ekp/evaluate` what it does.",
        )
    except RunnerError as error:
        check = failed(RUNS, error.message, remedy=error.remedy)
    except Exception as error:  # noqa: BLE001 - whatever it was, the other drills are wanted
        check = failed(
            RUNS,
            f"It ended early: {type(error).__name__}: {error}.",
            remedy="This is a mistake of the drill: the environment may be well.",
        )
    return Drill(
        name=name,
        environment=configured.environment,
        title=name.replace("-", " ").capitalize(),
        broken=f"{breaks[0].upper()}{breaks[1:]}.",
        checks=(check,),
    )
