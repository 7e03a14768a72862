"""Service overload: more good requests than the services were sized for, at every entrance."""

from ekp.configured.environment import Configured

from ..place import Place
from ..report import Check, Drill
from . import at_entrances, behind, narrowing, under_load
from .tables import tables
from .view import View, view


def run(configured: Configured, place: Place) -> Drill:  # noqa: ARG001 - no part on the local AWS
    """Simulate arrivals at every entrance of every region, against the limits as they are written.

    Raises:
        Unsupported: an object would change an answer and is not evaluated.
    """
    found = view(configured)
    return Drill(
        name="overload",
        environment=configured.environment,
        title="A service is overloaded",
        broken="Requests come in bursts, from a client that floods, from one that asks again for "
        "each refusal, and from a thousand clients at once: simulated second by second against the "
        "token buckets of Envoy 1.38 (Istio 1.30), which fill without steps, and the leaky buckets "
        "of NGINX, as the fewest pods hold them.",
        checks=tuple(_checks(found)),
        tables=tables(found),
    )


def _checks(found: View) -> list[Check]:
    checks: list[Check] = []
    if found.services:
        checks += [
            at_entrances.every_client_has_a_limit(found),
            under_load.nobody_gets_more(found),
            under_load.good_clients_lose_nothing(found),
            under_load.pods_take_no_more(found),
            under_load.one_client_fills_no_service(found),
            narrowing.rates_narrow(found),
            narrowing.bursts_are_within(found),
            at_entrances.refusals_are_told(found),
            behind.unsafe_is_never_retried(found),
            behind.retries_stay_few(found),
            behind.callers_are_bounded(found),
        ]
    else:
        checks.append(at_entrances.no_services(found))
    if tools := at_entrances.tools_are_limited_before(found):
        checks.append(tools)
    return [*checks, under_load.not_looked_at()]
