"""Variables without a default: asked for before a run, stood in for on the local AWS."""

from pathlib import Path

import pytest

from ekp.runner import stacks as synthesized
from ekp.runner import variables
from ekp.runner.stacks import Stack
from ekp.runner.variables import MissingVariableError

from .synthesis import Sketch, synthesize

SECRET = {"type": "string", "sensitive": True, "description": "The value CloudFront sends."}
SKETCHES = {
    "dev-edge": Sketch(extra={"variable": {"current": SECRET}}),
    "dev-ingress": Sketch(
        extra={"variable": {"current": SECRET, "next": SECRET, "size": {"default": 3}}}
    ),
}


@pytest.fixture
def stacks(tmp_path: Path) -> list[Stack]:
    return list(synthesized.load(synthesize(tmp_path / "cdktf.out", SKETCHES)).values())


def test_all_missing_variables_are_named_at_once_with_who_needs_them(stacks: list[Stack]) -> None:
    with pytest.raises(MissingVariableError) as raised:
        variables.require(stacks, {})

    assert raised.value.message.splitlines() == [
        "TF_VAR_current is not set (for dev-edge, dev-ingress). The value CloudFront sends.",
        "TF_VAR_next is not set (for dev-ingress). The value CloudFront sends.",
    ]
    assert 'export TF_VAR_current="$(openssl rand -hex 32)"' in raised.value.remedy


def test_nothing_is_missing_when_the_environment_has_every_value(stacks: list[Stack]) -> None:
    given = {"TF_VAR_current": "a", "TF_VAR_next": "b"}

    variables.require(stacks, given)

    assert variables.stand_ins(stacks, given) == {}


def test_what_stands_in_locally_is_the_same_in_every_run_and_leaves_given_values(
    stacks: list[Stack],
) -> None:
    first = variables.stand_ins(stacks, {"TF_VAR_next": "given"})

    assert list(first) == ["TF_VAR_current"]
    assert first == variables.stand_ins(stacks, {"TF_VAR_next": "given"})
    assert variables.stand_ins(stacks, {})["TF_VAR_next"] != first["TF_VAR_current"]
