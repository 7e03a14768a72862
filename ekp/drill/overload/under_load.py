"""Checks of what is simulated: clients, ordinary clients beside a flood, pods."""

from ekp.gate.reports.wording import number

from ..report import Check, holds, skipped
from .at_entrances import LOOSE
from .processes import SECONDS
from .view import View
from .ways import Way
from .words import figure, listed


def nobody_gets_more(view: View) -> Check:
    """Check every client of every process against the bound of every limit on its way."""
    wrong, told = [], []
    most: dict[Way, int] = {}
    for way, places, course in view.courses():
        if not course.clients_fit:
            wrong.append(f"{way.name} ({', '.join(places)}): {course.process}")
        most[way] = max(most.get(way, 0), course.most_of_client)
    for way, got in most.items():
        if guard := way.tightest:
            at_once, rate = guard.at_once(way.door), guard.rate(way.door)
            told.append(
                f"{way.name}: at most {at_once:,} and {figure(rate)} for each second, so "
                f"{int(at_once + rate * SECONDS):,} in {SECONDS} s; the most that one got: {got:,}"
            )
    return holds(
        not wrong,
        "No client gets more than its rate and its burst, over any stretch of time",
        listed([f"more than the bound on {one}" for one in wrong] or told),
        view.limits,
        remedy="An entrance has to remember more clients than ask at a time (a gateway's "
        "`max_dynamic_descriptors`, a shard's `zoneSize`): deploy layer tenants.",
    )


def good_clients_lose_nothing(view: View) -> Check:
    """Check that clients within their limits are served while another one floods."""
    wrong, told = [], []
    for way, places, course in view.courses():
        if not course.good_beside_few or not course.good_requests:
            continue
        lost = f"{way.name}, {course.process}"
        if course.lost_by_good:
            by = ", ".join(f"{name} {count:,}" for name, count in course.refused)
            wrong.append(
                f"{lost} ({', '.join(places)}): {course.lost_by_good:,} of "
                f"{course.good_requests:,} good requests refused (all refusals: {by})"
            )
        else:
            told.append(f"{lost}: 0 of {course.good_requests:,} good requests refused")
    return holds(
        not wrong,
        "An ordinary client loses nothing, even while another one floods",
        listed(wrong or told),
        view.limits,
        remedy="What one client may have at once has to be less than the fewest pods take: lower "
        "`edge.rates.gateway` or the service's `client_rate`, or raise `scaling` or `capacity`.",
    )


def pods_take_no_more(view: View) -> Check:
    """Check that each service's pods have a limit of their own, and what they took under load."""
    bare, wrong, told = [], [], []
    most: dict[str, int] = {}
    for way, places, course in view.courses():
        if way.capacity and not course.pods_fit:
            wrong.append(f"{way.name} ({', '.join(places)}): {course.process}")
        most[way.service] = max(most.get(way.service, 0), course.most_of_pod)
    for (service, guard, loose), places in view.capacities.items():
        if guard is None:
            counts = f" ({', '.join(loose)} {LOOSE})" if loose else ""
            bare.append(f"a pod of {service} takes whatever comes{counts} ({', '.join(places)})")
            continue
        said = (
            f"{service}: {figure(guard.bucket.per_second)} a second and "
            f"{guard.bucket.max_tokens:,} at once, so {guard.bucket.most(SECONDS):,} in "
            f"{SECONDS} s"
        )
        took = f"; the most that one took: {most[service]:,}" if service in most else ""
        told.append(said + took)
    return holds(
        not bare and not wrong,
        "A pod never takes more than its capacity, however many clients there are",
        listed([*bare, *(f"more than the bound on {one}" for one in wrong)] or told),
        _capacities(view),
        remedy="Set the service's `capacity` to what a load test of one pod shows.",
    )


def one_client_fills_no_service(view: View) -> Check:
    """Check a client's rate against what the fewest pods take; say how many clients fill all."""
    wrong, told = [], []
    for way in view.ways:
        guard, capacity = way.tightest, way.capacity
        if guard is None or capacity is None:
            continue
        rate, each = guard.rate(way.door), capacity.bucket.per_second
        said = f"{way.name}: a client {figure(rate)} a second"
        if rate > each * way.pods.fewest:
            wrong.append(
                f"{said}, {number(way.pods.fewest, 'pod')} {figure(each * way.pods.fewest)}"
            )
        told.append(
            f"{said}; {number(way.pods.fewest, 'pod')} take {figure(each * way.pods.fewest)} "
            f"({int(each * way.pods.fewest / rate):,} clients at their full rate), all "
            f"{way.pods.most} that the autoscaler may start {figure(each * way.pods.most)} "
            f"({int(each * way.pods.most / rate):,} clients). Beyond that pods refuse everybody "
            "alike"
        )
    return holds(
        not wrong,
        "No client alone fills a service: its rate is below what the fewest pods take",
        listed(wrong or told),
        _capacities(view),
        remedy="Give the service a `client_rate`, or raise `scaling.min_replicas` or `capacity`.",
    )


def not_looked_at() -> Check:
    """Return what no figure here can tell."""
    return skipped(
        "A pod bears its capacity in CPU and memory, and the autoscaler follows in time",
        "Requests are counted here, none is sent: how long they take, what they cost and when new "
        "pods are ready is not known. That requests come evenly to all pods of an entrance is "
        "assumed.",
        remedy="Run a load test on one pod and on the whole service; set `capacity` and `scaling` "
        "by it.",
    )


def _capacities(view: View) -> list[str]:
    return list(dict.fromkeys(guard.by for _, guard, _ in view.capacities if guard))
