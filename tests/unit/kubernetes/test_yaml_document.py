"""YAML text reaches Helm as it was meant, whatever Terraform makes of strings."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from modules.kubernetes.guardrails import tenant_guardrails
from modules.kubernetes.yaml_document import WIDTH, as_data, dumper, to_yaml

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ekp.synth import project_root
from tests.support.random_tenants import random_tenants
from tests.support.shop import SITE
from tests.support.tenants import tenancy

HELM_VALUES = project_root() / "helm-values"
TOKEN = "${TfToken[TOKEN.7]}"


class Colour(StrEnum):
    RED = "red"


def unescaped(text: str) -> str:
    """Return what Terraform makes of text without expressions (tested for real below)."""
    return text.replace("$${", "${").replace("%%{", "%{")


def test_keys_stay_in_their_order_and_nothing_is_an_alias() -> None:
    shared = {"a": 1}

    assert to_yaml({"z": shared, "b": [shared], "empty": {}}) == (
        "z:\n  a: 1\nb:\n- a: 1\nempty: {}\n"
    )


def test_a_token_is_quoted_so_that_an_account_id_stays_a_string() -> None:
    text = to_yaml({"account": TOKEN}).replace(TOKEN, "012345678901")

    assert yaml.safe_load(text) == {"account": "012345678901"}


def test_a_token_inside_text_is_quoted_too() -> None:
    assert to_yaml({"arn": f"arn:aws:iam::{TOKEN}:role/x"}) == (
        f'arn: "arn:aws:iam::{TOKEN}:role/x"\n'
    )


def test_templates_of_helm_and_variables_of_others_survive() -> None:
    text = to_yaml({"a": "{{ .Values.x }}", "b": "${binary_remote_addr}", "c": "%{REQ(X)}%"})

    assert "{{ .Values.x }}" in text
    assert "$${binary_remote_addr}" in text
    assert "%%{REQ(X)}%" in text


def test_text_of_several_lines_is_a_block_that_people_can_read() -> None:
    assert to_yaml({"config": "one\ntwo\n"}) == "config: |\n  one\n  two\n"


def test_an_enum_is_its_value() -> None:
    assert to_yaml({"colour": Colour.RED, "all": (Colour.RED,)}) == "colour: red\nall:\n- red\n"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"a": {"b": ["#{TfToken[TOKEN.0]}"]}}, r"\.a\.b\[0\]: a list that Terraform fills in"),
        ({"port": -1.8881545897087505e289}, r"\.port: a number that Terraform fills in"),
        ({"a": Path("x")}, r"\.a: PosixPath is no plain data"),
    ],
)
def test_what_yaml_text_cannot_hold_is_refused(value: Mapping[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        to_yaml(value)


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(min_size=1), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.text(min_size=1), plain))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_any_plain_data_comes_back_as_it_was(value: dict[str, Any]) -> None:
    text = to_yaml(value)
    if "$${" not in text and "%%{" not in text:
        assert yaml.safe_load(text) == value


def test_terraform_itself_gives_back_what_was_written(tmp_path: Path) -> None:
    terraform = shutil.which("terraform")
    if terraform is None:
        pytest.skip("Terraform is not installed")
    value = {
        "nginx": "${binary_remote_addr}",
        "doubled": "$${x} %%{y} $ { % {",
        "helm": '{{ printf "%s" .x }}',
        "block": 'one "two"\n${three}\n',
    }
    (tmp_path / "main.tf.json").write_text(
        json.dumps({"output": {"text": {"value": to_yaml(value)}}}), encoding="utf-8"
    )
    for arguments in (["apply", "-auto-approve", "-input=false"], ["output", "-raw", "text"]):
        done = subprocess.run(
            [terraform, *arguments], cwd=tmp_path, check=True, capture_output=True, text=True
        )

    assert yaml.safe_load(done.stdout) == value


def test_libyaml_and_python_write_the_same_text() -> None:
    bundles = [
        {"objects": [manifest.as_dict() for manifest in tenant_guardrails(tenancy(one), SITE)]}
        for one in random_tenants(4, seed=3)
    ]
    values = [yaml.safe_load(file.read_text()) for file in sorted(HELM_VALUES.glob("*.yaml"))]
    odd = {"token": TOKEN, "long": "x " * 500, "é": "ü\t\n", "number": "1e3", "yes": "y"}

    assert len(values) > 20
    for value in [*bundles, *values, odd]:
        first, second = (
            yaml.dump(as_data(value), Dumper=dumper(base), sort_keys=False, width=WIDTH)
            for base in (yaml.SafeDumper, yaml.CSafeDumper)
        )
        assert first == second
