"""What holds for the platform's own jobs in every environment."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from ekp.evaluate.bundles import objects_of
from ekp.evaluate.request import Object
from tests.support.synth import Synth

Bound = set[tuple[str | None, str]]


@pytest.fixture(scope="session")
def clusters(stacks: Mapping[str, Synth]) -> Mapping[str, list[Object]]:
    """Every object of our own, by the cluster it is applied to."""
    found: dict[str, list[Object]] = {}
    for stack_id, plan in stacks.items():
        found.setdefault(stack_id.rpartition("-")[0], []).extend(objects_of(plan.json))
    return found


def pods(objects: list[Object]) -> Iterator[tuple[Object, Mapping[str, Any]]]:
    """Yield each job with the spec of its pods."""
    for one in objects:
        if one["kind"] == "Job":
            yield one, one["spec"]["template"]["spec"]
        elif one["kind"] == "CronJob":
            yield one, one["spec"]["jobTemplate"]["spec"]["template"]["spec"]


def accounts_with_rights(objects: list[Object]) -> Bound:
    """Return the service accounts that are bound to a role."""
    return {
        (subject.get("namespace"), subject["name"])
        for one in objects
        if one["kind"] in ("ClusterRoleBinding", "RoleBinding")
        for subject in one["subjects"]
        if subject["kind"] == "ServiceAccount"
    }


def test_a_job_has_a_token_of_kubernetes_where_its_account_has_rights_and_nowhere_else(
    clusters: Mapping[str, list[Object]],
) -> None:
    seen = {True: 0, False: 0}

    for objects in clusters.values():
        bound = accounts_with_rights(objects)
        for job, pod in pods(objects):
            has_rights = (job["metadata"]["namespace"], pod["serviceAccountName"]) in bound
            assert pod["automountServiceAccountToken"] is has_rights, job["metadata"]
            seen[has_rights] += 1

    assert min(seen.values()) > 5


def test_an_account_of_a_job_gives_its_token_to_no_pod_that_does_not_ask(
    clusters: Mapping[str, list[Object]],
) -> None:
    for objects in clusters.values():
        accounts = {
            (one["metadata"]["namespace"], one["metadata"]["name"]): one
            for one in objects
            if one["kind"] == "ServiceAccount"
        }
        for job, pod in pods(objects):
            account = accounts[job["metadata"]["namespace"], pod["serviceAccountName"]]
            assert account["automountServiceAccountToken"] is False


def test_an_upgrade_makes_every_job_anew_since_nobody_can_change_one(
    clusters: Mapping[str, list[Object]],
) -> None:
    jobs = [one for objects in clusters.values() for one in objects if one["kind"] == "Job"]

    assert len(jobs) > 30
    for job in jobs:
        annotations = job["metadata"]["annotations"]
        assert "post-upgrade" in annotations["helm.sh/hook"].split(",")
        assert annotations["helm.sh/hook-delete-policy"] == "before-hook-creation"
