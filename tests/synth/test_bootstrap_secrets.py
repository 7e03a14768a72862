"""What releases read and nobody but people makes is written down, and can be made in time."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modules.addons import argo_cd, jaeger, kubecost_aggregator, prometheus_stack
from modules.addons.argo_cd import ArgoCd, ArgoCdConfig
from modules.addons.argo_cd_values import Slack
from modules.addons.jaeger import Jaeger, JaegerConfig, JaegerStore, OpenSearch
from modules.addons.kubecost_aggregator import Kubecost, KubecostConfig
from modules.addons.prometheus_stack import PrometheusStack, PrometheusStackConfig
from modules.aws.bucket import BucketOutputs
from modules.aws.workload_identity import Mechanism
from modules.core.availability import Availability
from modules.core.context import Context

import pytest
from cdktf import TerraformStack

from ekp.runner import stacks as synthesized
from tests.support.literal_secrets import secrets
from tests.support.platform import CLUSTER, SIGN_IN
from tests.support.release_rules import Installed, installed
from tests.support.secret_references import Place, made, referred
from tests.support.synth import Synth

HUB = "management-eu-west-1-management"
# Made for a repair that the job of Vault asks for, and taken away after it; its volume is optional.
ON_REQUEST = {("vault", "vault-root-token")}
# An object of Rancher's names it, which is text in the settings of a job.
BY_A_JOB = {("cattle-global-data", "azureadconfig-applicationsecret")}


def listed(plan: Synth) -> list[dict[str, Any]]:
    """Return the Secrets that a stack writes down."""
    found: list[dict[str, Any]] = plan.json["//"]["ekp"].get("bootstrap_secrets", [])
    return found


def places(found: list[dict[str, Any]]) -> set[Place]:
    return {(one["namespace"], one["name"]) for one in found}


def namespaces(plan: Synth) -> set[str]:
    """Return the namespaces that a stack makes."""
    return {
        body["metadata"]["name"]
        for release in installed(plan)
        for body in release.objects
        if body["kind"] == "Namespace"
    }


@pytest.fixture(scope="session")
def clusters(stacks: Mapping[str, Synth]) -> Mapping[str, list[Installed]]:
    """The releases of every cluster, by environment and region."""
    found: dict[str, list[Installed]] = {}
    for id_, plan in stacks.items():
        found.setdefault(id_.rpartition("-")[0], []).extend(installed(plan))
    return {place: releases for place, releases in found.items() if releases}


def test_every_secret_that_a_release_names_is_made_by_one_or_is_written_down(
    stacks: Mapping[str, Synth], clusters: Mapping[str, list[Installed]]
) -> None:
    assert len(clusters) == 5
    for place, releases in clusters.items():
        known = {
            secret
            for id_, plan in stacks.items()
            if id_.rpartition("-")[0] == place
            # Argo CD finds those of repositories by their label; no release names them.
            for secret in places([one for one in listed(plan) if "url" not in one["keys"]])
        }
        assert made(releases)
        assert referred(releases) - made(releases) - ON_REQUEST == known - BY_A_JOB, place


def test_a_secret_that_blocks_can_be_made_before_its_stack_is_deployed(
    outdir: Path, stacks: Mapping[str, Synth]
) -> None:
    known = synthesized.load(outdir)
    blocking = 0
    for id_, plan in stacks.items():
        earlier = {space for other in known[id_].depends_on for space in namespaces(stacks[other])}
        for secret in listed(plan):
            if secret["blocks"]:
                assert secret["namespace"] in earlier, (id_, secret["name"])
                blocking += 1
    assert blocking


def test_the_hub_s_secrets_are_written_down_with_what_their_readers_look_for(
    stacks: Mapping[str, Synth],
) -> None:
    found = {one["name"]: one for one in listed(stacks[HUB])}

    assert {name: (one["keys"], one["blocks"]) for name, one in found.items()} == {
        "argocd-entra-id": (["client-secret"], False),
        "azureadconfig-applicationsecret": (["applicationsecret"], False),
        "kubecost-licence": (["productkey.json"], True),
        "kubecost-entra-id": (["clientSecret"], True),
        "repository-6fb7b021": (["type", "url", "username", "password"], False),
    }
    assert found["argocd-entra-id"]["labels"] == {"app.kubernetes.io/part-of": "argocd"}
    assert all(one["purpose"] for one in found.values())


def test_a_stack_that_reads_no_such_secret_writes_nothing(stacks: Mapping[str, Synth]) -> None:
    with_none = [p.json["//"]["ekp"] for id_, p in stacks.items() if id_.endswith("-cluster")]

    assert with_none
    assert all("bootstrap_secrets" not in facts for facts in with_none)


def test_what_is_written_down_is_no_secret_itself(stacks: Mapping[str, Synth]) -> None:
    assert [path for plan in stacks.values() for path in secrets(listed(plan))] == []


FULL_ARGO_CD = ArgoCdConfig(sign_in=SIGN_IN, slack=Slack(channel="platform"))
FULL_KUBECOST = KubecostConfig(licensed=True, sign_in=SIGN_IN)
FULL_METRICS = PrometheusStackConfig(sign_in=SIGN_IN)
FULL_TRACES = JaegerConfig(
    store=JaegerStore.OPENSEARCH,
    opensearch=OpenSearch(urls=("https://search.ekp.example",), secret="search-login"),
)
OFFERED = [
    *argo_cd.bootstrap_secrets(FULL_ARGO_CD),
    *kubecost_aggregator.bootstrap_secrets(FULL_KUBECOST),
    *prometheus_stack.bootstrap_secrets(FULL_METRICS),
    *jaeger.bootstrap_secrets(FULL_TRACES),
]


def test_with_every_setting_on_the_add_ons_offer_what_their_values_name(
    stack: TerraformStack, ctx: Context
) -> None:
    on_aws: dict[str, Any] = {"ctx": ctx, "cluster": CLUSTER, "identity": Mechanism.IRSA}
    high = Availability.HIGH
    host = "tool.ekp.example"
    store = BucketOutputs(name="costs", arn="arn:aws:s3:::costs", domain_name="")
    ArgoCd(stack, "argo-cd", config=FULL_ARGO_CD, availability=high, host=host, **on_aws)
    Kubecost(
        stack,
        "kubecost",
        config=FULL_KUBECOST,
        availability=high,
        host=host,
        store=store,
        costs=None,
        **on_aws,
    )
    PrometheusStack(stack, "metrics", ctx=ctx, config=FULL_METRICS, availability=high, after=[])
    Jaeger(stack, "jaeger", config=FULL_TRACES, after=[])
    # Argo CD looks for it by a name of its own, which stands in no value.
    by_its_own_name = {("argocd", "argocd-notifications-secret")}

    offered = {(one.namespace, one.name) for one in OFFERED}

    assert referred(installed(Synth(stack))) | by_its_own_name == offered


def test_what_the_platform_reads_never_blocks_for_its_namespaces_come_with_it() -> None:
    platform = [
        *prometheus_stack.bootstrap_secrets(FULL_METRICS),
        *jaeger.bootstrap_secrets(FULL_TRACES),
    ]

    assert len(platform) == 3
    assert not any(one.blocks for one in platform)


def test_jaeger_with_a_password_that_comes_later_is_not_waited_for(
    stack: TerraformStack, other_stack: TerraformStack
) -> None:
    Jaeger(stack, "jaeger", config=FULL_TRACES, after=[])
    Jaeger(other_stack, "jaeger", config=JaegerConfig(), after=[])

    # Helm waits for a release that is atomic, whatever `wait` says.
    for found, waited in ((stack, False), (other_stack, True)):
        release = Synth(found).one("helm_release")
        assert (release["wait"], release["atomic"]) == (waited, waited)
