"""Checks of limits at the entrances: every client has one, and refusals say so."""

from ekp.gate.reports.wording import number

from ..report import Check, holds, skipped
from .view import View
from .ways import Guard, Way
from .words import figure, listed

_TOO_MANY = 429
RATES = "`edge.rates` of the environment"
LOOSE = "refuses nobody, or not all that is too much"


def every_client_has_a_limit(view: View) -> Check:
    """Check that on every way to a service something counts all requests of each client."""
    bare, kept = [], []
    for way, places in view.ways.items():
        guards = [one for one in way.guards if one.whole]
        where = f"{way.entrance} for {', '.join(way.urls)} ({', '.join(places)})"
        if guards:
            kept.append(f"{way.entrance}: {_each(way, guards[0])}")
        else:
            loose = f"; {', '.join(way.loose)} {LOOSE}" if way.loose else ""
            bare.append(f"{where}{loose}")
    return holds(
        not bare,
        "Every entrance limits each client on every host that leads to a service",
        listed([f"no limit at {one}" for one in bare] or kept),
        view.limits,
        remedy=f"Deploy layer tenants, which makes EnvoyFilter istio-ingress/clients from {RATES} "
        "and a Policy for each service of a shard; no object may switch it off.",
    )


def tools_are_limited_before(view: View) -> Check | None:
    """Check hosts of tools, which the gateway leaves out: a web ACL has to count clients there."""
    open_ones = [
        (each.region, host, view.outer.before(each.region))
        for each in view.regions
        for host, counted in each.tools
        if not counted
    ]
    if not open_ones:
        return None
    bare = [f"{host} ({region})" for region, host, outer in open_ones if outer is None]
    kept = [
        f"{host}: {figure(outer.per_second)} a second at the web ACL of {region}"
        for region, host, outer in open_ones
        if outer
    ]
    return holds(
        not bare,
        "Hosts of tools, on which the gateway counts nobody, are limited by a web ACL",
        listed([f"nothing limits a client on {one}" for one in bare] or kept),
        [outer.by for _, _, outer in open_ones if outer],
        remedy="Give the region a web ACL (`regions[R].ingress.web_acl`).",
    )


def refusals_are_told(view: View) -> Check:
    """Check the status of refusals, and that Envoy's name who refuses."""
    wrong, told = [], []
    for way in view.ways:
        for guard in (*way.guards, *([way.capacity] if way.capacity else [])):
            if guard.status != _TOO_MANY:
                wrong.append(f"{guard.by} answers {guard.status}")
            elif guard.by.startswith("EnvoyFilter") and not guard.told:
                wrong.append(f"{guard.by} does not say who refuses")
            else:
                who = f"x-ekp-limited-by: {guard.told}" if guard.told else "no header; its log says"
                told.append(f"{guard.name}: {guard.status}, {who}")
    for outer in view.outer.all:
        if outer.status != _TOO_MANY:
            wrong.append(f"{outer.by} answers {outer.status}")
        told.append(f"web ACL: {outer.status}, its metrics say")
    return holds(
        not wrong,
        "Refusals are 429, and the mesh's say in `x-ekp-limited-by` who refuses",
        listed(wrong or told),
        [*view.acls, *view.limits],
        remedy="Deploy layer tenants, which writes `status` and `response_headers_to_add`.",
    )


def no_services(view: View) -> Check:
    """Return what is said where the environment has no services."""
    return skipped(
        "Services keep their promises under more requests than they were sized for",
        f"{view.configured.environment} has no services.",
        remedy="List services in a tenant of the environment.",
    )


def _each(way: Way, guard: Guard) -> str:
    return (
        f"{figure(guard.rate(way.door))} a second and {guard.at_once(way.door):,} at once over "
        f"{number(way.door.fewest, 'pod')}, each for itself"
    )
