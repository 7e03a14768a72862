"""Nodes kept for some pods: pods ask for the label and bear the taint."""

from modules.core.placement import Placement

import pytest
from pydantic import ValidationError


def test_a_pod_asks_for_the_label_and_bears_the_taint_of_the_same_name() -> None:
    place = Placement(value="ingress")

    assert place.node_selector == {"workload": "ingress"}
    assert place.tolerations == [
        {"key": "workload", "operator": "Equal", "value": "ingress", "effect": "NoSchedule"}
    ]


def test_what_is_no_label_is_refused() -> None:
    with pytest.raises(ValidationError, match="value"):
        Placement(value="the ingress")
