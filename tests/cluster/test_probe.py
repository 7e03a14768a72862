"""Before a deploy the API is reached, and the role seen to be let in."""

from dataclasses import replace

import pytest

from ekp.cluster.connect import Api
from ekp.cluster.contract import Cluster
from ekp.cluster.errors import ForbiddenError, UnauthorizedError, UnreachableError
from ekp.cluster.probe import PATIENCE_SECONDS, probe

from .conftest import ROLE, Clock, connect
from .double import Double


def test_a_role_that_may_deploy_is_let_through_by_one_call(double: Double, api: Api) -> None:
    probe(api)

    assert double.requests == ["POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews"]


def test_a_role_with_too_little_is_told_which_policy_it_needs(double: Double, api: Api) -> None:
    double.allowed = False

    with pytest.raises(ForbiddenError, match=ROLE) as caught:
        probe(api)

    assert "AmazonEKSClusterAdminPolicy" in caught.value.remedy


def test_an_unknown_role_is_given_a_while_to_become_known(
    double: Double, api: Api, clock: Clock
) -> None:
    double.status = 401

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        double.status = 0

    probe(api, clock=clock, sleep=sleep)
    assert clock.now == 5

    double.status = 401
    with pytest.raises(UnauthorizedError, match=ROLE):
        probe(api, clock=clock, sleep=clock.sleep)


def test_an_endpoint_that_stays_silent_ends_the_probe(cluster: Cluster, clock: Clock) -> None:
    unreachable = connect(replace(cluster, endpoint="https://127.0.0.1:1"))

    with pytest.raises(UnreachableError):
        probe(unreachable, clock=clock, sleep=clock.sleep)

    assert clock.now == PATIENCE_SECONDS
