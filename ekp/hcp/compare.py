"""Compare what HCP Terraform must have with what it has; nothing is asked of it."""

from collections.abc import Collection, Iterator, Mapping

from ekp.runner.variables import PREFIX

from . import found as there
from .errors import HcpError
from .steps import READABLE, SENSITIVE, Change, Kind, Plan, Step
from .wanted import MOST_SOURCES, VariableSet, Wanted, Workspace


def plan(
    wanted: Wanted,
    found: there.Found,
    environ: Mapping[str, str],
    *,
    update_secrets: bool = False,
) -> Plan:
    """Find the steps.

    Args:
        wanted: what must be.
        found: what is.
        environ: where values of variables are, as ``TF_VAR_<name>``.
        update_secrets: write values of sensitive variables that are there already too: HCP never
            gives them back, so that nobody can see whether they are the same.

    Raises:
        HcpError: there is something that no step may put right; everything at once.
    """
    _refuse(wanted, found)
    return Plan(
        wanted=wanted,
        found=found,
        steps=tuple(_steps(wanted, found, environ, update_secrets=update_secrets)),
        missing=_missing(wanted, found, environ),
        notes=tuple(_notes(wanted, found)),
    )


def _steps(
    wanted: Wanted, found: there.Found, environ: Mapping[str, str], *, update_secrets: bool
) -> Iterator[Step]:
    for name in wanted.projects:
        if name not in found.projects:
            yield Step(Kind.PROJECT, name, creates=True)
    for name, one in wanted.sets.items():
        yield from _step(Kind.SET, name, _of_set(one, found.sets.get(name)), found.sets)
    for name, space in wanted.workspaces.items():
        changes = _of_workspace(space, found.workspaces.get(name))
        yield from _step(Kind.WORKSPACE, name, changes, found.workspaces)
    for name, one in wanted.sets.items():
        members = found.sets[name].workspaces if name in found.sets else frozenset()
        yield from _step(Kind.MEMBERS, name, _names(one.workspaces, members))
    for name, space in wanted.workspaces.items():
        changes = _of_variables(
            space, found.workspaces.get(name), environ, update_secrets=update_secrets
        )
        yield from _step(Kind.VARIABLES, name, changes)
    known = found.ids.keys() | wanted.workspaces.keys()
    for name, space in wanted.workspaces.items():
        readers = found.workspaces[name].readers if name in found.workspaces else {}
        yield from _step(Kind.READERS, name, _names(space.readers & known, readers))
    for name, space in wanted.workspaces.items():
        sources = found.workspaces[name].sources if name in found.workspaces else {}
        # Others may have their own reasons to start a run.
        ours = sources.keys() & (space.sources | wanted.workspaces.keys())
        yield from _step(Kind.TRIGGERS, name, _names(space.sources & known, ours))


def _step(
    kind: Kind, name: str, changes: Iterator[Change], found: Mapping[str, object] | None = None
) -> Iterator[Step]:
    if listed := tuple(changes):
        yield Step(kind, name, listed, creates=found is not None and name not in found)


def _of_set(wanted: VariableSet, found: there.VariableSet | None) -> Iterator[Change]:
    if found is None:
        for key, value in wanted.variables.items():
            yield Change(key, None, value)
        return
    if found.description != wanted.description:
        yield Change("description", found.description, wanted.description)
    if found.everywhere:
        yield Change("global", True, False)
    for key, value in wanted.variables.items():
        variable = found.variables.get(key)
        if variable is None or variable.value != value:
            yield Change(key, _shown(variable), value)


def _of_workspace(wanted: Workspace, found: there.Workspace | None) -> Iterator[Change]:
    settings = found.settings if found else {}
    for name, value in sorted(wanted.settings.items()):
        if found is None or settings.get(name) != value:
            yield Change(name, settings.get(name), value)
    tags = found.tags if found else {}
    for key, value in wanted.tags.items():
        if tags.get(key) != value:
            yield Change(f"tag {key}", tags.get(key), value)


def _of_variables(
    wanted: Workspace,
    found: there.Workspace | None,
    environ: Mapping[str, str],
    *,
    update_secrets: bool,
) -> Iterator[Change]:
    for key in wanted.variables:
        variable = found.variables.get(key) if found else None
        if PREFIX + key not in environ:
            continue
        if variable is None or not variable.sensitive or update_secrets:
            # What can be read there is no less a secret here.
            yield Change(
                key, variable and (SENSITIVE if variable.sensitive else READABLE), SENSITIVE
            )


def _names(wanted: Collection[str], found: Collection[str]) -> Iterator[Change]:
    for name in sorted(set(wanted) - set(found)):
        yield Change(name, None, "added")
    for name in sorted(set(found) - set(wanted)):
        yield Change(name, "there", None)


def _shown(variable: there.Variable | None) -> object:
    if variable is None:
        return None
    return SENSITIVE if variable.sensitive else variable.value


def _missing(
    wanted: Wanted, found: there.Found, environ: Mapping[str, str]
) -> Mapping[str, tuple[str, ...]]:
    missing: dict[str, tuple[str, ...]] = {}
    for name, one in wanted.workspaces.items():
        has = found.workspaces[name].variables if name in found.workspaces else {}
        for key in one.variables:
            if key not in has and PREFIX + key not in environ:
                missing[key] = (*missing.get(key, ()), name)
    return missing


def _notes(wanted: Wanted, found: there.Found) -> Iterator[str]:
    known = set(found.ids) | set(wanted.workspaces)
    for name, one in wanted.workspaces.items():
        if absent := sorted(one.readers - known):
            yield (
                f"{name} will be readable by {', '.join(absent)} once there is such a workspace:"
                " run this again then."
            )
        if absent := sorted(one.sources - known):
            yield (
                f"{name} will run after {', '.join(absent)} once there is such a workspace: run"
                " this again then."
            )


def _refuse(wanted: Wanted, found: there.Found) -> None:
    problems = []
    pools = {str(each.settings["agent-pool"]) for each in wanted.workspaces.values()} - {""}
    if absent := sorted(pools - set(found.pools)):
        problems.append(
            f"{wanted.organization} has no agent pool {', '.join(absent)}: a person makes it, for"
            " the token that its agents start with."
        )
    for name, one in found.workspaces.items():
        if one.repository:
            problems.append(
                f"{name} is bound to the repository {one.repository}: HCP applies what is there,"
                " and nothing that is uploaded."
            )
        foreign = sorted(set(one.sources) - set(wanted.workspaces))
        inbound = wanted.workspaces[name].sources.union(foreign)
        if len(inbound) > MOST_SOURCES:
            problems.append(
                f"{name} would have {len(inbound)} run triggers, and HCP takes {MOST_SOURCES};"
                f" not ours are those from {', '.join(foreign)}."
            )
    if problems:
        raise HcpError(
            "\n".join(problems),
            remedy="Put it right in HCP Terraform, or name something else in the settings.",
        )
