"""What our checks are made of: a function that judges one thing and may look at all the others.

checkov's own classes for Python checks show a check one resource alone. These are its graph
checks, which see all of a stack (or all objects of a cluster), so that "a route table without a
way out" or "a namespace without a default deny" can be said.
"""

from collections.abc import Callable, Sequence
from typing import Any

from checkov.common.checks_infra.registry import get_graph_checks_registry
from checkov.common.graph.checks_infra.base_check import BaseGraphCheck

from policies.entities import Entity, Everything, is_true, listed
from policies.graph import everything

__all__ = [
    "Entity",
    "Everything",
    "Judge",
    "Verdict",
    "cluster_check",
    "is_true",
    "listed",
    "stack_check",
]

STACKS = ("terraform", "terraform_plan")
CLUSTERS = ("kubernetes",)

Verdict = bool | None
"""True: it passes. False: it fails. None: the check says nothing about it."""

Judge = Callable[[Entity, Everything], Verdict]


class _Check(BaseGraphCheck):
    """One check as checkov runs it."""

    def __init__(self, id_: str, title: str, kinds: Sequence[str], judge: Judge) -> None:
        super().__init__()
        self.id = id_
        self.name = title
        self.resource_types = list(kinds)
        self._judge = judge

    def run(self, graph_connector: Any) -> tuple[list[Any], list[Any], list[Any]]:
        """Judge each entity of the check's kinds; what is not judged is in no list."""
        every = everything(graph_connector)
        passed: list[Any] = []
        failed: list[Any] = []
        for one in every.of(*self.resource_types):
            verdict = self._judge(one, every)
            if verdict is not None:
                (passed if verdict else failed).append(one.vertex)
        return passed, failed, []


def stack_check(id_: str, title: str, *kinds: str) -> Callable[[Judge], Judge]:
    """Make a function a check of Terraform, synthesized and planned.

    Args:
        id_: ``EKP_<AREA>_<N>``; it is never given to another check.
        title: What the check makes certain, as a sentence that begins with "Ensure".
        kinds: What it judges, such as ``aws_lb``.
    """
    return _check(STACKS, id_, title, kinds)


def cluster_check(id_: str, title: str, *kinds: str) -> Callable[[Judge], Judge]:
    """Make a function a check of Kubernetes objects; all of a cluster stand beside each other."""
    return _check(CLUSTERS, id_, title, kinds)


def _check(
    frameworks: Sequence[str], id_: str, title: str, kinds: Sequence[str]
) -> Callable[[Judge], Judge]:
    def register(judge: Judge) -> Judge:
        for framework in frameworks:
            checks = get_graph_checks_registry(framework).checks
            # checkov loads a folder of checks anew for each of its runs.
            checks[:] = [one for one in checks if one.id != id_]
            checks.append(_Check(id_, title, kinds, judge))
        return judge

    return register
