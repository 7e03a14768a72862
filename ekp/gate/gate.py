"""The gate: what is scanned, put together, explained and judged."""

import platform
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from ekp.runner.stacks import Stack

from . import exceptions, scan, severity, units
from .errors import GateError
from .exceptions import Scope
from .findings import Exemption, Finding, Report, Scanned, Seen, Subject
from .pool import Pool
from .scan import Result
from .units import Placed, Unit

RENDER_AGAIN = "Render the chart again: `helm template` writes YAML of objects alone."
SERVICES = "services"
CHARTS = "charts"
BOOTSTRAP = "bootstrap"
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Services = Mapping[PurePosixPath, str]
"""The text of each service's objects, by its path in Git."""


@dataclass(frozen=True)
class Gate:
    """All that is judged, and what judges it.

    ``services`` holds each environment's services as Git has them; ``policies`` is the folder
    with exceptions and severities.
    """

    stacks: Mapping[str, Stack]
    services: Mapping[str, Services]
    policies: Path
    pool: Pool
    day: date
    exemptions: tuple[Exemption, ...] = field(init=False)
    severities: severity.Severities = field(init=False)
    _bundles: dict[str, tuple[Placed, ...]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Read exceptions and severities; both are wrong before anything is scanned."""
        object.__setattr__(self, "exemptions", exceptions.load(self.policies / "exceptions.yaml"))
        object.__setattr__(self, "severities", severity.load(self.policies / "severity.yaml"))

    def judge(
        self,
        environments: Sequence[str],
        *,
        plans: Mapping[str, Path],
        manifests: Path | None = None,
    ) -> Report:
        """Judge environments: their stacks, their objects, and the plans that there are.

        Args:
            environments: Names; an environment is judged as a whole.
            plans: By stack id, the plan's JSON.
            manifests: A folder of rendered third-party charts; reported, never gated.

        Raises:
            GateError: something could not be judged; that is never a pass.
        """
        began = time.monotonic()
        chosen = [one for one in self.stacks.values() if one.environment in environments]
        known = {one.environment for one in self.stacks.values()}
        gated = [
            *(units.synthesized(stack) for stack in chosen),
            *(units.planned(stack, plans[stack.id]) for stack in chosen if stack.id in plans),
            *self._clusters(chosen),
        ]
        reported = [_charts(manifests)] if manifests is not None else []
        results = self.pool.scan([*gated, *reported])
        findings = exceptions.explain(
            self._findings({unit: results[unit] for unit in gated}), self.exemptions, self.day
        )
        unplanned = {one.environment for one in chosen if one.id not in plans}
        scope = Scope(
            frozenset(environments), frozenset(set(environments) - unplanned), frozenset(known)
        )
        exemptions = self._asked_for(chosen)
        return Report(
            environments=tuple(environments),
            findings=findings,
            uses=exceptions.uses(findings, exemptions),
            problems=exceptions.problems(findings, exemptions, scope=scope, day=self.day),
            unused=exceptions.unused(findings, exemptions, scope=scope, day=self.day),
            charts=self._findings({unit: results[unit] for unit in reported}),
            scanned=tuple(self._scanned(chosen, plans)),
            versions=versions(chosen),
            passed=sum(results[unit].passed for unit in gated),
            day=self.day,
            seconds=time.monotonic() - began,
        )

    def judge_plan(self, stack: Stack, plan: Path) -> tuple[Finding, ...]:
        """Return what nothing explains in one plan, just before it is applied.

        Raises:
            GateError: the plan could not be judged.
        """
        results = self.pool.scan([units.planned(stack, plan)])
        found = exceptions.explain(self._findings(results), self.exemptions, self.day)
        return tuple(one for one in found if one.exemption is None)

    def _asked_for(self, chosen: Sequence[Stack]) -> tuple[Exemption, ...]:
        """Return the exceptions that these stacks should need.

        What an account needs first is judged when that is made, and by itself: its exceptions
        explain nothing in a deploy, nor do those of a deploy explain anything there.
        """
        first = any(stack.layer == BOOTSTRAP for stack in chosen)
        return tuple(
            one
            for one in self.exemptions
            if one.path.partition("/")[0].endswith(f"-{BOOTSTRAP}") is first
        )

    def _clusters(self, chosen: Sequence[Stack]) -> Iterable[Unit]:
        by_cluster: dict[tuple[str, str], list[Stack]] = {}
        for stack in chosen:
            by_cluster.setdefault((stack.environment, stack.region), []).append(stack)
        for (environment, region), stacks in by_cluster.items():
            with_objects = [one for one in stacks if "helm_release" in one.resources]
            if not with_objects:
                continue
            services = self.services.get(environment, {})
            texts = (f"{path}\n{text}".encode() for path, text in sorted(services.items()))
            source = b"".join((*(one.file.read_bytes() for one in with_objects), *texts))
            yield units.cluster(
                f"{environment}-{region}",
                source,
                partial(self._placed, with_objects, environment),
                Seen.OBJECTS,
            )

    def _placed(self, stacks: Sequence[Stack], environment: str) -> Iterable[Placed]:
        for stack in stacks:
            yield from self._bundles_of(stack)
        yield from self._services(environment)

    def _bundles_of(self, stack: Stack) -> tuple[Placed, ...]:
        # They are asked for to be scanned and to be counted, and reading them takes longest.
        if stack.id not in self._bundles:
            self._bundles[stack.id] = units.bundles(stack)
        return self._bundles[stack.id]

    def _services(self, environment: str) -> Iterable[Placed]:
        for path, text in sorted(self.services.get(environment, {}).items()):
            name = f"{environment}-{SERVICES}"
            where = Subject(f"{name}/{path.with_suffix('')}", environment, "", SERVICES, name, "")
            yield Placed(where, tuple(yaml.load_all(text, _LOADER)))

    def _findings(self, results: Mapping[Unit, Result]) -> tuple[Finding, ...]:
        found: dict[tuple[str, str], Finding] = {}
        for unit, result in results.items():
            for hit in result.failed:
                subject = unit.locate(hit)
                key = (hit.check, subject.path)
                if key in found:
                    seen = dict.fromkeys((*found[key].seen, unit.seen))
                    found[key] = replace(found[key], seen=tuple(seen))
                    continue
                found[key] = Finding(
                    hit.check, hit.title, self.severities.of(hit.check), subject, (unit.seen,)
                )
        return tuple(
            sorted(found.values(), key=lambda one: (one.severity.rank, one.check, one.subject.path))
        )

    def _scanned(self, chosen: Sequence[Stack], plans: Mapping[str, Path]) -> Iterable[Scanned]:
        for stack in chosen:
            yield Scanned(
                stack.id,
                stack.environment,
                stack.region,
                stack.layer,
                resources=sum(len(named) for named in stack.resources.values()),
                objects=sum(len(place.objects) for place in self._bundles_of(stack)),
                planned=stack.id in plans,
            )
        for environment in dict.fromkeys(stack.environment for stack in chosen):
            if self.services.get(environment):
                objects = sum(len(place.objects) for place in self._services(environment))
                name = f"{environment}-{SERVICES}"
                yield Scanned(name, environment, "", SERVICES, 0, objects, planned=None)


def versions(stacks: Iterable[Stack]) -> Mapping[str, str]:
    """Return what judged and what was judged, with versions, for the report."""
    providers = {
        source.rpartition("registry.terraform.io/")[2]: wanted
        for stack in stacks
        for source, wanted in stack.provider_versions.items()
    }
    return {
        "checkov": scan.version(),
        "Python": platform.python_version(),
        "ekp": metadata.version("enterprise-eks-platform"),
        **dict(sorted(providers.items())),
    }


def _charts(folder: Path) -> Unit:
    """Return the unit of third-party charts' manifests, as ``helm template`` writes them."""
    files = sorted(file for file in folder.rglob("*.y*ml") if file.is_file())
    if not files:
        raise GateError(
            f"{folder} holds no manifests (.yaml).",
            remedy="Put what `helm template` prints there, one file a release.",
        )
    contents = {file: _content(file) for file in files}

    def placed() -> Iterable[Placed]:
        for file, content in contents.items():
            path = file.relative_to(folder).with_suffix("")
            where = Subject(f"{CHARTS}/{path}", "", "", CHARTS, str(path), "")
            yield Placed(where, _manifests(file, content))

    source = b"".join(str(file).encode() + content for file, content in contents.items())
    return units.cluster(CHARTS, source, placed, Seen.CHART)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise GateError(
            f"{file} cannot be read: {error.strerror or error}.",
            remedy="Make it readable for this user, or take it away.",
        ) from error


def _manifests(file: Path, content: bytes) -> tuple[dict[str, Any], ...]:
    try:
        objects = [one for one in yaml.load_all(content, _LOADER) if one]
    except yaml.YAMLError as error:
        raise GateError(
            f"{file} is no YAML: {' '.join(str(error).split())}.", remedy=RENDER_AGAIN
        ) from error
    for number, one in enumerate(objects, start=1):
        if not _is_object(one):
            raise GateError(
                f"{file}: document {number} is no Kubernetes object with apiVersion, kind and "
                "metadata.",
                remedy=RENDER_AGAIN,
            )
    return tuple(objects)


def _is_object(one: Any) -> bool:
    return (
        isinstance(one, dict)
        and bool(one.get("apiVersion") and one.get("kind"))
        and (isinstance(one.get("metadata"), dict) or one["kind"] == "List")
    )
