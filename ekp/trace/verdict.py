"""What came of a request, in a word and in a sentence."""

from collections.abc import Sequence

from ekp.configured.environment import Configured
from ekp.evaluate.hop import Hop, Verdict
from ekp.evaluate.stage import Stage
from ekp.traffic.distributions import distributions

from .question import Entry, Question


def outcome(hops: Sequence[Hop]) -> Verdict:
    """Return what came of a request by what it met."""
    last = hops[-1] if hops else None
    if last is None or last.verdict is Verdict.MISSING:
        return Verdict.MISSING
    if last.ends:
        return last.verdict
    if last.stage is not Stage.WORKLOAD:
        return Verdict.MISSING
    unsure = any(hop.verdict is Verdict.MAY_REFUSE for hop in hops)
    return Verdict.MAY_REFUSE if unsure else Verdict.PASSES


def sentence(configured: Configured, question: Question, hops: Sequence[Hop]) -> str:
    """Return what came of a request: a sentence without its first words, "The request"."""
    if not hops:
        return "is not followed"
    last = hops[-1]
    found = outcome(hops)
    match found:
        case Verdict.PASSES | Verdict.MAY_REFUSE:
            unsure = _unsure(hops) if found is Verdict.MAY_REFUSE else ""
            if last.region in question.out:
                unsure += (
                    ", although its alarm fires: Route 53 has no healthy region to answer with"
                )
            bare = sum(hop.verdict is Verdict.MISSING for hop in hops)
            unguarded = f"; {bare} guard{'s' * (bare > 1)} on the way missing" if bare else ""
            return f"reaches {last.name} in {last.region}{unsure}{unguarded}"
        case Verdict.ANSWERS:
            status = f" with {last.status}" if last.status else ""
            return f"is answered{status} by {last.stage.value}: {last.why}"
        case Verdict.REFUSES if last.status is None:
            return f"is dropped, without an answer, by {last.by}"
        case Verdict.REFUSES:
            page = _page(configured, question, last)
            return f"is refused with {last.status} by {last.by}{page}"
    status = f" and is answered {last.status}" if last.status else ""
    return f"gets no further{status}: {last.why}{_page(configured, question, last)}"


def _unsure(hops: Sequence[Hop]) -> str:
    by_aws = all(hop.by.endswith(" rule") for hop in hops if hop.verdict is Verdict.MAY_REFUSE)
    return ", if AWS's managed rules let it" if by_aws else ", if all that may refuse it lets it"


def _page(configured: Configured, question: Question, last: Hop) -> str:
    """Return what users see in place of some answers of a region."""
    if question.entry is not Entry.NAME or last.region is None:
        return ""
    statuses = {
        status
        for stack in configured.stacks
        for one in distributions(stack)
        for status in one.last_resort
    }
    return "; users see the page of last resort" if last.status in statuses else ""
