"""Every field of a contract has a sample, so any layer can be planned before what it reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from modules.core.layer import Sample, samples
from modules.core.subnets import MAX_ZONES
from modules.stacks.cluster import ClusterContract
from modules.stacks.network import NetworkContract

import pytest


def test_a_sample_is_found_for_every_field() -> None:
    @dataclass(frozen=True)
    class Contract:
        one: Annotated[str, Sample("vpc-0")]
        many: Annotated[Sequence[str], Sample(("subnet-0", "subnet-1"))]

    assert samples(Contract) == {"one": "vpc-0", "many": ["subnet-0", "subnet-1"]}


def test_a_field_without_a_sample_is_refused_by_name() -> None:
    @dataclass(frozen=True)
    class Contract:
        vpc_id: str

    with pytest.raises(TypeError, match=r"Contract\.vpc_id needs a Sample"):
        samples(Contract)


def test_a_text_does_not_take_a_list_as_sample() -> None:
    @dataclass(frozen=True)
    class Contract:
        vpc_id: Annotated[str, Sample(("vpc-0",))]

    with pytest.raises(TypeError, match=r"Contract\.vpc_id: a str has a str as sample"):
        samples(Contract)


def test_a_list_does_not_take_a_text_as_sample() -> None:
    @dataclass(frozen=True)
    class Contract:
        subnet_ids: Annotated[Sequence[str], Sample("subnet-0")]

    with pytest.raises(TypeError, match=r"a Sequence\[str\] a tuple"):
        samples(Contract)


def test_a_field_is_text_or_a_list_of_texts() -> None:
    @dataclass(frozen=True)
    class Contract:
        zones: Annotated[Sequence[int], Sample(("1",))]

    with pytest.raises(TypeError, match=r"Contract\.zones"):
        samples(Contract)


def test_the_samples_hold_a_subnet_of_every_tier_for_the_most_zones_a_layer_may_ask_for() -> None:
    found = samples(NetworkContract)

    for tier in ("public", "private", "isolated"):
        assert len(set(found[f"{tier}_subnet_ids"])) == MAX_ZONES
    subnets = [i for tier in ("public", "private", "isolated") for i in found[f"{tier}_subnet_ids"]]
    assert len(set(subnets)) == 3 * MAX_ZONES


def test_samples_are_of_no_real_account() -> None:
    text = f"{samples(NetworkContract)} {samples(ClusterContract)}"

    assert "111122223333" in text
    assert not [
        account for account in ("111111111111", "222222222222", "333333333333") if account in text
    ]
