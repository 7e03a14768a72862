"""What the gate finds, as frozen values that every report is made from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property


class Severity(StrEnum):
    """How bad a finding is, worst first; ``policies/severity.yaml`` says which check has which."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


class Seen(StrEnum):
    """Where a finding was seen."""

    SYNTHESIZED = "synthesized"
    PLAN = "plan"
    OBJECTS = "objects"
    CHART = "chart"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a finding is about.

    ``path`` is the construct's path; a Kubernetes object follows its release's path after a colon
    (``prod-eu-west-1-tenants/tenant-shop/release:Namespace/shop``). ``resource`` is the
    Terraform address, or the object as ``Kind/namespace/name``. ``layer`` is a stack's layer,
    ``services`` for objects that Git holds, or ``charts``.
    """

    path: str
    environment: str
    region: str
    layer: str
    stack: str
    resource: str


@dataclass(frozen=True, slots=True)
class Exemption:
    """An exception of ``policies/exceptions.yaml``.

    ``path`` is a glob: ``*`` stands for a part of a path's segment, ``**`` for any segments,
    ``{a,b}`` for one of these texts.
    ``environments`` is empty for all of them. ``plan_only`` marks a finding that plans alone show.
    ``line`` is where it stands in the file.
    """

    check: str
    path: str
    environments: tuple[str, ...]
    reason: str
    owner: str
    expires: date
    plan_only: bool = False
    line: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """A check that something fails, once, whatever the number of places where it was seen."""

    check: str
    title: str
    severity: Severity
    subject: Subject
    seen: tuple[Seen, ...]
    exemption: Exemption | None = None


@dataclass(frozen=True, slots=True)
class Use:
    """An exception and how many findings it explains."""

    exemption: Exemption
    findings: int


@dataclass(frozen=True, slots=True)
class Scanned:
    """One stack (or an environment's services) that was looked at.

    ``planned`` tells whether its plan was looked at too; it is None where there is no plan to be
    had, such as for services.
    """

    name: str
    environment: str
    region: str
    layer: str
    resources: int
    objects: int
    planned: bool | None


@dataclass(frozen=True)
class Report:
    """What the gate found.

    ``problems`` are those of the exceptions, one line each; ``unused`` are those of them that say
    that an exception explains nothing.
    ``charts`` are findings in third-party charts' manifests: reported, never gated. ``passed``
    counts checks that passed, ``seconds`` is wall time.
    """

    environments: tuple[str, ...]
    findings: tuple[Finding, ...]
    uses: tuple[Use, ...]
    problems: tuple[str, ...]
    unused: tuple[str, ...]
    charts: tuple[Finding, ...]
    scanned: tuple[Scanned, ...]
    versions: Mapping[str, str]
    passed: int
    day: date
    seconds: float

    @cached_property
    def open(self) -> tuple[Finding, ...]:
        """The findings that nothing explains."""
        return tuple(one for one in self.findings if one.exemption is None)

    @cached_property
    def exempted(self) -> tuple[Finding, ...]:
        """The findings that an exception explains."""
        return tuple(one for one in self.findings if one.exemption is not None)

    @property
    def closed(self) -> bool:
        """Whether the gate is closed: a finding without an exception, or a wrong exception."""
        return bool(self.open or self.problems)

    @property
    def stops_deploys(self) -> bool:
        """Whether a deploy is refused: an exception too many is put right by day."""
        return bool(self.open or set(self.problems) - set(self.unused))
