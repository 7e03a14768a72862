"""What the stand-in refuses, as Terraform shows it."""

import json
import os
from typing import Any

import pytest

from .conftest import CERT_MANAGER, Terraform, bundle, pinned

REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("a long name", pinned("x" * 54), "must be between 1 and 53, got: 54"),
    ("an odd name", pinned("One"), "release name is invalid: 'One'"),
    (
        "no namespace",
        {"name": "one", **CERT_MANAGER},
        "The release 'one' sets no namespace",
    ),
    ("an odd namespace", pinned("one", namespace="a_b"), "namespace 'a_b' of the release 'one'"),
    (
        "no YAML",
        pinned("one", values=["a: 1\nb: [\n"]),
        "values[0] of the release 'one' is not valid YAML: line 3",
    ),
    (
        "no mapping",
        pinned("one", values=["a: 1", "# first\n- a\n"]),
        "values[1] of the release 'one' is no mapping: line 2 begins a list",
    ),
    (
        "a chart that is not pinned",
        pinned("one", repository="https://charts.example.com", chart="x"),
        "modules/addons/charts.py has no chart 'x' of https://charts.example.com",
    ),
    (
        "a chart of another repository",
        pinned("one", repository="https://charts.example.com"),
        "it is pinned from oci://quay.io/jetstack/charts",
    ),
    (
        "another version",
        pinned("one", version="v1.0.0"),
        "version 'v1.0.0' is not in modules/addons/charts.py, which pins v1.21.1",
    ),
    ("no version", pinned("one", version=None), "Helm would take the newest of the day"),
    ("no folder", bundle(chart="./nowhere"), "'./nowhere' is no folder in"),
    ("another local version", bundle(version="2.0.0"), "the planned version is '1.0.0'"),
    ("a bad set", pinned("one", set=[{"name": "a", "value": "1,2"}]), "key '2' has no value"),
    (
        "an odd type",
        pinned("one", set=[{"name": "a", "value": "1", "type": "number"}]),
        "must be one of: auto, string, literal, got: 'number'",
    ),
    ("an odd revision", pinned("one", set_wo_revision=0), "must be at least 1, got: 0"),
    (
        "too much for a Secret",
        pinned("one", values=[json.dumps({"a": os.urandom(800_000).hex()})]),
        "must have at most 1048576 bytes",
    ),
]


@pytest.mark.parametrize(
    ("release", "words"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_a_plan_refuses(helm: Terraform, release: dict[str, Any], words: str) -> None:
    helm.write(one={name: value for name, value in release.items() if value is not None})

    assert words in helm.refused()


def test_what_terraform_itself_checks_is_in_the_schema(helm: Terraform) -> None:
    helm.write(one={"name": "one", "namespace": "default", "colour": "red"})

    said = helm.refused()

    assert 'The argument "chart" is required' in said
    assert 'No argument or block type is named "colour"' in said


PROVIDERS = [
    ({}, "names no cluster"),
    ({"helm_driver": "tape"}, "must be one of: memory, configmap, secret, sql"),
    ({"experiments": {"manifest": True}}, "the local AWS has no Kubernetes"),
    ({"kubernetes": {"config_path": "x", "config_paths": ["y"]}}, "cannot be specified when"),
    ({"kubernetes": {"colour": "red"}}, "colour"),
]


@pytest.mark.parametrize(("provider", "words"), PROVIDERS)
def test_a_provider_block_that_cannot_be_is_refused(
    helm: Terraform, provider: dict[str, Any], words: str
) -> None:
    helm.write(provider=provider, one=pinned("one"))

    assert words in helm.refused()


def test_a_chart_is_not_rendered_for_a_data_source(helm: Terraform) -> None:
    body = json.loads((helm.directory / "main.tf.json").read_text())
    body["data"] = {"helm_template": {"x": {"name": "x", **CERT_MANAGER}}}
    (helm.directory / "main.tf.json").write_text(json.dumps(body))

    assert "helm_template renders a chart, and local mode has no charts" in helm.refused()


@pytest.mark.parametrize(
    ("identifier", "words"),
    [
        ("base", "expected namespace/name"),
        ("kube-system/gone", "Unable to get Helm release gone: release: not found"),
    ],
)
def test_what_is_not_there_is_not_imported(helm: Terraform, identifier: str, words: str) -> None:
    helm.write(base=pinned("base"))

    done = helm.run("import", "-no-color", "helm_release.base", identifier)

    assert done.returncode == 1
    assert words in " ".join(done.stderr.split())
