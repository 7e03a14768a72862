"""A service under the drill: its Rollout, and what belongs to it in Git."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ekp.evaluate.request import Object, Unsupported, named

_BUDGET = re.compile(r">\s*([0-9.]+)")
_BOUND = re.compile(r'le=~?"(\d+)')
_FAILS = "ServiceFailsRequests"
_SLOW = "service:istio_requests_slow:rate5m"
_PODS = ("Deployment", "StatefulSet", "DaemonSet")


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What a service promises its users, as its alerts know it."""

    budget: float
    """The share of requests that may fail."""
    bound: float
    """Milliseconds over which a request counts as slow."""
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One service."""

    rollout: Object
    objects: tuple[Object, ...]
    """Those of its namespace."""

    @property
    def namespace(self) -> str:
        """Its namespace."""
        return str(self.rollout["metadata"]["namespace"])

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.rollout["metadata"]["name"])

    @property
    def title(self) -> str:
        """As people call it: ``shop/catalog``."""
        return f"{self.namespace}/{self.name}"

    @property
    def by(self) -> str:
        """As reports name its Rollout."""
        return named(self.rollout)

    @property
    def labels(self) -> Mapping[str, str]:
        """Those of its pods."""
        found: Mapping[str, str] = self.rollout["spec"]["template"]["metadata"].get("labels") or {}
        return found

    def one(self, kind: str, name: str) -> Object | None:
        """Return an object of the namespace; None: it is not there."""
        for each in self.objects:
            if (each["kind"], each["metadata"]["name"]) == (kind, name):
                return each
        return None

    def selecting(self, kind: str) -> list[Object]:
        """Return the objects of a kind whose selector takes its pods."""
        return [
            each
            for each in self.objects
            if each["kind"] == kind and (wanted := _selector(each)) and self._has(wanted)
        ]

    def _has(self, wanted: Mapping[str, str]) -> bool:
        return wanted.items() <= self.labels.items()

    def promise(self) -> Promise:
        """Return what its alerts hold it to.

        Raises:
            Unsupported: there are no such alerts.
        """
        for each in self.objects:
            rules = _rules(each) if each["kind"] == "PrometheusRule" else []
            ours = [rule for rule in rules if self._is_ours(rule)]
            budgets = [
                float(found[1])
                for rule in ours
                if rule.get("alert") == _FAILS and (found := _BUDGET.search(rule["expr"]))
            ]
            bounds = [
                float(found[1])
                for rule in ours
                if rule.get("record") == _SLOW and (found := _BOUND.search(rule["expr"]))
            ]
            if budgets and bounds:
                # The slowest burn rate that alerts is the promise itself.
                return Promise(budget=min(budgets), bound=bounds[0], by=named(each))
        raise Unsupported(
            self.rollout, f"{_FAILS}, {_SLOW}", "no PrometheusRule says what it promises"
        )

    def _is_ours(self, rule: Mapping[str, Any]) -> bool:
        labels = rule.get("labels") or {}
        return (labels.get("namespace"), labels.get("service")) == (self.namespace, self.name)


def subjects(objects: Sequence[Object]) -> list[Subject]:
    """Return the services of an environment, by namespace and name."""
    found = [
        Subject(rollout=each, objects=_beside(each, objects))
        for each in objects
        if each["kind"] == "Rollout"
    ]
    return sorted(found, key=lambda one: (one.namespace, one.name))


def unmeasured(objects: Iterable[Object]) -> list[str]:
    """Return the workloads that no Rollout brings in."""
    return sorted(named(each) for each in objects if each["kind"] in _PODS)


def _beside(rollout: Object, objects: Sequence[Object]) -> tuple[Object, ...]:
    namespace = rollout["metadata"].get("namespace")
    return tuple(one for one in objects if one["metadata"].get("namespace") == namespace)


def _selector(found: Object) -> Mapping[str, str]:
    selector: Mapping[str, Any] = (found.get("spec") or {}).get("selector") or {}
    wanted: Mapping[str, str] = selector.get("matchLabels", selector)
    return wanted if all(isinstance(one, str) for one in wanted.values()) else {}


def _rules(found: Object) -> list[Mapping[str, Any]]:
    return [rule for group in found["spec"].get("groups") or () for rule in group["rules"]]
