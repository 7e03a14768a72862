"""Pods are entered in the target groups that Terraform made, and nothing else is asked for."""

from pathlib import Path

from modules.core.mesh import GATEWAY, GATEWAY_NAMESPACE
from modules.kubernetes.manifest import Manifest
from modules.kubernetes.target_groups import registered

import pytest

from ...support.custom_resources import mistakes

ARN = "${data.terraform_remote_state.ingress.outputs.gateway_target_group_arn}"


@pytest.fixture
def binding() -> Manifest:
    return registered(
        "gateway", namespace=GATEWAY_NAMESPACE, service=GATEWAY, port=80, target_group_arn=ARN
    )


@pytest.mark.requirement("R14")
def test_the_gateways_pods_are_targets_by_their_own_addresses(binding: Manifest) -> None:
    spec = binding.fields["spec"]

    assert spec["targetType"] == "ip"
    assert spec["serviceRef"] == {"name": "istio-ingressgateway", "port": 80}
    assert binding.namespace == "istio-ingress"


def test_a_token_of_terraform_is_passed_on_as_it_is(binding: Manifest) -> None:
    assert binding.fields["spec"]["targetGroupARN"] == ARN


def test_the_controller_is_asked_to_open_no_security_group(binding: Manifest) -> None:
    assert "networking" not in binding.fields["spec"]


def test_the_definition_of_the_chart_takes_it(binding: Manifest, tmp_path: Path) -> None:
    assert mistakes([binding.as_dict()], tmp_path) == []
