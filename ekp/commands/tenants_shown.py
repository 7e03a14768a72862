"""How the commands of `ekp tenants` show a tenant, and how they refuse."""

import difflib
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Annotated, Any, NoReturn

import typer

from .console import complain

USAGE = 2

Name = Annotated[
    str, typer.Argument(metavar="NAME", help="The tenant, such as shop.", show_default=False)
]


def refuse(message: str, remedy: str) -> NoReturn:
    """Say why a command cannot be carried out as it was called."""
    complain(message, remedy)
    raise typer.Exit(USAGE)


def unknown(name: str, known: Collection[str]) -> NoReturn:
    """Say that there is no such tenant, and which there are."""
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"Did you mean {close[0]}? " if close else ""
    refuse(
        f"There is no tenant {name!r}.",
        f"{hint}Known tenants: {', '.join(sorted(known)) or 'none'}.",
    )


def page(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield a tenant's details line by line."""
    yield f"{found['tenant']}  (owner {found['owner']}, cost centre {found['cost_center']})"
    for role, groups in found["groups"].items():
        yield f"  {role} groups: {_listed(groups)}"
    yield f"  namespaces: {_listed(found['namespaces'])}"
    for name, here in found["environments"].items():
        yield ""
        yield f"{name}  ({_listed(here['regions'])})"
        quota = here["quota"]
        yield (
            f"  quota of each namespace: {quota['cpu']} CPUs, {quota['memory']} memory, "
            f"{quota['pods']} pods"
        )
        if here["monthly_budget"] is not None:
            yield f"  monthly budget: {here['monthly_budget']} US dollars"
        yield f"  applied from: {here['repository'] or 'nowhere, the environment has no delivery'}"
        yield from _what_runs(here)


def deletion(name: str, spaces: Sequence[str], found: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield what goes with a tenant, line by line; ``found`` are its details, None: unknown."""
    yield f"With {name} go:"
    yield f"  its place in the register, with namespaces {_listed(spaces)}"
    if found is None:
        yield "  what was made of its file, which is gone already"
        return
    for environment, here in found["environments"].items():
        yield f"  in {environment} ({_listed(here['regions'])}), with its next deploy:"
        yield "    guardrails, projects of Argo CD, and rights of its groups"
        for line in _what_runs(here):
            yield f"  {line}"
    yield (
        f"Namespaces ({_listed(found['namespaces'])}) and what is in them stay in the clusters, "
        "as do its secrets in Vault, until somebody deletes them."
    )


def _what_runs(here: Mapping[str, Any]) -> Iterator[str]:
    for one in here["services"]:
        least, most = one["pods"]
        hosts = _listed(one["hosts"]) if one["hosts"] else "no host, from inside alone"
        yield f"  service {one['service']}: {hosts}; {least} to {most} pods of {one['image']}"
    for one in here["secrets"]:
        yield f"  secret {one['secret']} of {one['service']}: {one['from']}"
    for name, address in here["databases"].items():
        yield f"  database {name}: {address}"
    for one in here["grants"]:
        what = ", ".join(f"{key} {value}" for key, value in one.items() if key != "kind")
        yield f"  AWS {one['kind']}: {what}"


def _listed(values: Sequence[str]) -> str:
    return ", ".join(values) or "none"
