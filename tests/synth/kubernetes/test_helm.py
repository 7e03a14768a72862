"""Releases are pinned, atomic, in order, and sign in with a token of the deploying role."""

import base64
import json
import random
from dataclasses import replace
from pathlib import Path

from modules.addons.charts import CHARTS, METRICS_SERVER
from modules.core.context import Context
from modules.core.helm_size import CHART_LIMIT, SYNTH_LIMIT
from modules.kubernetes.apply import Manifests
from modules.kubernetes.helm import HelmRelease
from modules.kubernetes.manifest import Manifest
from modules.kubernetes.providers import helm_provider

import pytest
from cdktf import App, TerraformStack, TerraformVariable

from tests.support import settings
from tests.support.releases import after, named, objects, values
from tests.support.synth import Synth

OBJECT = Manifest(api_version="v1", kind="ConfigMap", name="x", namespace="kube-system")


def release(stack: TerraformStack, **changes: object) -> HelmRelease:
    """Make the release of a small chart."""
    return HelmRelease(
        stack,
        "release",
        **{"chart": METRICS_SERVER, "namespace": "kube-system"} | changes,  # type: ignore[arg-type]
    )


def test_a_release_is_of_the_pinned_chart(stack: TerraformStack) -> None:
    release(stack)
    found = named(Synth(stack), "metrics-server")

    assert (found["repository"], found["chart"], found["version"]) == (
        METRICS_SERVER.repository,
        METRICS_SERVER.name,
        METRICS_SERVER.version,
    )


def test_a_release_that_fails_is_taken_back_and_its_jobs_are_waited_for(
    stack: TerraformStack,
) -> None:
    release(stack)
    found = named(Synth(stack), "metrics-server")

    assert found["atomic"] is True
    assert found["cleanup_on_fail"] is True
    assert found["wait"] is True
    assert found["wait_for_jobs"] is True
    assert found["max_history"] == 5


def test_no_release_makes_a_namespace_for_it_would_have_no_labels(stack: TerraformStack) -> None:
    release(stack)
    Manifests(stack, "objects", name="objects", namespace="kube-system", manifests=[OBJECT])

    assert {r["create_namespace"] for r in Synth(stack).all("helm_release").values()} == {False}


def test_overrides_win_over_the_values_file(stack: TerraformStack) -> None:
    role = TerraformVariable(stack, "role", type="string")
    release(stack, overrides={"serviceAccount": {"annotations": {"role": role.string_value}}})
    found = values(named(Synth(stack), "metrics-server"))

    assert found["serviceAccount"]["annotations"] == {"role": "${var.role}"}


def test_a_release_stands_after_what_it_needs(stack: TerraformStack) -> None:
    first = Manifests(stack, "base", name="base", namespace="kube-system", manifests=[OBJECT])
    second = release(stack, after=[first.resource])
    Manifests(
        stack,
        "last",
        name="last",
        namespace="kube-system",
        manifests=[OBJECT],
        after=[second.resource],
    )

    assert after(Synth(stack), "last") == {"base", "metrics-server"}


def test_objects_are_values_so_that_templates_in_them_survive(stack: TerraformStack) -> None:
    note = Manifest(
        api_version="v1",
        kind="ConfigMap",
        name="alerts",
        fields={"data": {"text": "{{ $labels.pod }} is down"}},
    )
    Manifests(stack, "objects", name="objects", namespace="kube-system", manifests=[note])

    (found,) = objects(named(Synth(stack), "objects"))
    assert found["data"]["text"] == "{{ $labels.pod }} is down"


def test_all_bundles_of_a_stack_share_one_copy_of_their_chart_which_travels_with_it(
    tmp_path: Path,
) -> None:
    app = App(outdir=str(tmp_path / "out"))
    stack = TerraformStack(app, "test")
    _provider(stack, settings.context())
    for name in ("one", "two"):
        Manifests(stack, name, name=name, namespace="kube-system", manifests=[OBJECT])
    app.synth()

    folder = tmp_path / "out" / "stacks" / "test"
    plan = Synth.read(folder / "cdk.tf.json")
    (chart,) = {r["chart"] for r in plan.all("helm_release").values()}
    assert chart.startswith("./assets/")
    assert (folder / chart / "Chart.yaml").is_file()
    assert "toYaml" in (folder / chart / "templates" / "objects.yaml").read_text()


def test_the_provider_signs_in_by_the_aws_cli_as_the_deploying_role(
    stack: TerraformStack, ctx: Context
) -> None:
    _provider(stack, ctx)
    (found,) = Synth(stack).json["provider"]["helm"]
    login = found["kubernetes"]["exec"]

    assert login["command"] == "aws"
    assert login["args"][:4] == ["eks", "get-token", "--cluster-name", "ekp-prod-euw1-eks"]
    assert ctx.deploy_role_arn in login["args"]
    assert "token" not in found["kubernetes"]
    assert "secret" not in json.dumps(found).lower()


def _provider(stack: TerraformStack, ctx: Context) -> None:
    helm_provider(
        stack,
        ctx=ctx,
        cluster_name="ekp-prod-euw1-eks",
        endpoint="https://example.eks.amazonaws.com",
        certificate_authority="Y2VydGlmaWNhdGU=",
    )


def test_a_bundle_that_helm_could_not_keep_is_refused_before_any_cluster_sees_it(
    stack: TerraformStack,
) -> None:
    noise = random.Random(1).randbytes(700_000)  # noqa: S311 - the same text in every run
    text = base64.b64encode(noise).decode()
    big = Manifest(api_version="v1", kind="ConfigMap", name="x", fields={"data": {"text": text}})

    with pytest.raises(ValueError, match=r"release big takes about \d+ bytes .* split it"):
        Manifests(stack, "big", name="big", namespace="kube-system", manifests=[big])


def test_a_chart_that_helm_could_not_keep_is_refused_with_its_size_and_the_limit(
    stack: TerraformStack,
) -> None:
    big = replace(METRICS_SERVER, stored_bytes=CHART_LIMIT)

    with pytest.raises(ValueError, match=rf"metrics-server takes about \d+ .* {CHART_LIMIT} are"):
        release(stack, chart=big)


def test_what_a_release_sets_counts_on_top_of_what_is_measured_of_its_chart(
    stack: TerraformStack,
) -> None:
    noise = random.Random(1).randbytes(100_000)  # noqa: S311 - the same text in every run
    dashboards = {"args": [base64.b64encode(noise).decode()]}
    chart = replace(METRICS_SERVER, stored_bytes=CHART_LIMIT - 100_000)

    release(stack, chart=chart)
    with pytest.raises(ValueError, match="smaller values"):
        HelmRelease(stack, "more", chart=chart, namespace="kube-system", overrides=dashboards)


def test_a_chart_that_nobody_measured_leaves_more_room_free(stack: TerraformStack) -> None:
    noise = random.Random(1).randbytes(600_000)  # noqa: S311 - the same text in every run
    dashboards = {"args": [base64.b64encode(noise).decode()]}

    with pytest.raises(ValueError, match=f"{SYNTH_LIMIT} are allowed"):
        release(stack, chart=replace(METRICS_SERVER, stored_bytes=None), overrides=dashboards)


def test_every_chart_is_pinned_once_to_one_version() -> None:
    assert len({(c.repository, c.name) for c in CHARTS}) == len(CHARTS)
    assert len({c.folder for c in CHARTS}) == len(CHARTS)
    for chart in CHARTS:
        assert chart.repository.startswith(("https://", "oci://"))
        assert chart.version[-1].isdigit(), "a pin is one version, never a range"


def test_a_chart_without_a_values_file_is_a_mistake_that_names_the_file(
    stack: TerraformStack,
) -> None:
    with pytest.raises(FileNotFoundError, match=r"none\.yaml"):
        release(stack, chart=replace(METRICS_SERVER, folder="none"))
