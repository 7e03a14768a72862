"""A token that left its groups out is refused where it is verified, and its holder told why.

https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
"""

from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

from modules.core.hosts import AdminTool
from modules.core.identity import Identity, Issuer
from modules.core.site import Site
from modules.kubernetes.istio.admin_hosts import exposed
from modules.kubernetes.istio.overage import ANSWER, refuse_group_overage
from modules.kubernetes.istio.path_parameters import refuse_path_parameters
from modules.kubernetes.istio.rate_limits import per_client

import pytest

from ekp.evaluate.calls import GATEWAY, may_call
from ekp.evaluate.istio.authentication import authenticate
from ekp.evaluate.istio.headers import cleaned
from ekp.evaluate.request import Request, Token, Unsupported, Workload
from tests.support.custom_resources import mistakes

from .small_shop import BALANCER, ISSUER, ORDERS, SHARD_HOST, VISITOR, Made, asked, shop

LOGIN = Issuer(issuer=ISSUER, jwks_uri=f"{ISSUER}/keys", audiences=("shop",))
SITE = Site(domain="example.org", identity=Identity(issuers={"login": LOGIN}))
REFUSES = refuse_group_overage(SITE)[0].as_dict()
BY = "EnvoyFilter istio-system/group-overage"
GATE = Workload("istio-ingress", "gateway", {"app": "istio-ingressgateway"}, "istio-ingressgateway")
# As Entra ID writes them: in place of "groups", by the code flow and by the implicit flow.
POINTER: Made = {
    "_claim_names": {"groups": "src1"},
    "_claim_sources": {"src1": {"endpoint": "https://graph.example.org/me/getMemberObjects"}},
}
FLAG: Made = {"hasgroups": True}


def having(claims: Made) -> Token:
    return replace(VISITOR, claims={**VISITOR.claims, **claims})


def sent(path: str = "/orders/7", claims: Made = POINTER, **more: Any) -> Request:
    return replace(asked(path, **more), token=having(claims))


@pytest.mark.requirement("R17")
@pytest.mark.parametrize("claims", [POINTER, FLAG, {"hasgroups": "true"}])
def test_a_token_that_left_its_groups_out_ends_at_the_gateway(claims: Made) -> None:
    call = may_call(shop(REFUSES), BALANCER, sent(claims=claims), entrance=GATEWAY)

    assert (call.status, call.by, call.target) == (403, BY, None)
    assert may_call(shop(), BALANCER, sent(claims=claims), entrance=GATEWAY).allowed


def test_its_holder_is_told_what_to_do() -> None:
    call = may_call(shop(REFUSES), BALANCER, sent(), entrance=GATEWAY)

    assert call.hops[-1].why.endswith(ANSWER.strip())
    assert "groups assigned to the application" in ANSWER


@pytest.mark.requirement("R17")
def test_it_ends_at_the_pod_by_every_other_way() -> None:
    world = shop(REFUSES)
    by_shard = may_call(world, BALANCER, sent(host=SHARD_HOST), entrance="fast")
    inside = may_call(world, world.workload("shop", "cart"), sent(host=ORDERS))

    for call in (by_shard, inside):
        assert (call.status, call.by) == (403, BY)
        assert call.hops[-1].why.endswith(ANSWER.strip())


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"groups": []},
        {"groups": ["00000000-0000-0000-0000-0000000000ff"]},
        # Another claim is elsewhere, and the groups are here.
        {"_claim_names": {"address": "src1"}, "groups": ["a"]},
    ],
)
def test_every_other_token_goes_on(claims: Made) -> None:
    assert may_call(shop(REFUSES), BALANCER, sent(claims=claims), entrance=GATEWAY).allowed


def test_a_public_path_takes_a_request_without_a_token_and_none_with_such_a_token() -> None:
    world = shop(REFUSES)

    assert may_call(world, BALANCER, asked("/public", user=False), entrance=GATEWAY).allowed
    assert may_call(world, BALANCER, sent("/public"), entrance=GATEWAY).by == BY


@pytest.mark.parametrize("change", [{"expired": True}, {"verifiable": False}])
def test_a_token_that_is_not_believed_is_answered_as_before(change: Made) -> None:
    token = replace(having(POINTER), **change)
    call = may_call(shop(REFUSES), BALANCER, replace(asked(), token=token), entrance=GATEWAY)

    assert (call.status, call.by) == (401, "RequestAuthentication istio-ingress/tokens")


def test_a_tool_that_signs_people_in_itself_is_left_alone() -> None:
    tool = "grafana.example.org"
    opened = [one.as_dict() for one in exposed(AdminTool.GRAFANA, tool, SITE)]
    limits = [one.as_dict() for one in per_client(SITE)]
    world = shop(REFUSES, *opened, *limits)

    decision, _ = authenticate(world.objects, GATE, sent("/d/shop", host=tool))

    assert decision.allowed


def test_beside_the_refusal_of_paths_each_says_its_own() -> None:
    paths = refuse_path_parameters()[0].as_dict()
    world = shop(REFUSES, paths)

    assert may_call(world, BALANCER, sent("/orders/7;x"), entrance=GATEWAY).by == (
        "EnvoyFilter istio-system/path-parameters"
    )
    assert may_call(world, BALANCER, sent(), entrance=GATEWAY).by == BY


def test_the_claim_of_the_groups_is_the_one_of_the_settings() -> None:
    identity = Identity(issuers={"login": LOGIN}, groups_claim="teams")
    (refuses,) = refuse_group_overage(Site(domain="example.org", identity=identity))
    world = shop(refuses.as_dict())
    teams: Made = {"_claim_names": {"teams": "src1"}}

    assert may_call(world, BALANCER, sent(claims=teams), entrance=GATEWAY).by == BY
    assert may_call(world, BALANCER, sent(claims=POINTER), entrance=GATEWAY).allowed


def test_where_nobody_verifies_tokens_there_is_nothing_to_refuse() -> None:
    assert refuse_group_overage(Site(domain="example.org")) == []


def test_istio_takes_the_object(tmp_path: Path) -> None:
    assert mistakes([REFUSES], tmp_path) == []


def config(made: Made, number: int = 0) -> Made:
    found: Made = made["spec"]["configPatches"][number]
    return found


def rules(made: Made) -> Made:
    found: Made = config(made)["patch"]["value"]["typed_config"]["rules"]
    return found


def own(made: Made) -> Made:
    found: Made = rules(made)["policies"]["group-overage"]
    return found


def reply(made: Made) -> Made:
    found: Made = config(made, 1)["patch"]["value"]["typed_config"]
    return found


def asks(made: Made) -> list[Made]:
    both = reply(made)["local_reply_config"]["mappers"][0]["filter"]["and_filter"]["filters"]
    found: list[Made] = both[1]["or_filter"]["filters"]
    return found


def test_it_is_refused_though_nobody_says_why() -> None:
    made = deepcopy(REFUSES)
    silent = [one for one in made["spec"]["configPatches"] if one["applyTo"] == "HTTP_FILTER"]
    made["spec"]["configPatches"] = silent
    call = may_call(shop(made), BALANCER, sent(), entrance=GATEWAY)

    assert (call.by, call.hops[-1].why) == (BY, "the token has the claim _claim_names.groups")


@pytest.mark.parametrize(
    "change",
    [
        lambda made: rules(made).update(action="LOG"),
        lambda made: rules(made).update(audit_logging_options={}),
        lambda made: config(made)["match"].update(proxy={}),
        lambda made: config(made)["match"].update(context="ANY"),
        lambda made: config(made)["patch"]["value"].update(disabled=True),
        lambda made: own(made).update(permissions=[{"url_path": {}}]),
        lambda made: own(made).update(condition={}),
        lambda made: own(made)["principals"].append({"any": True}),
        lambda made: own(made)["principals"][0]["metadata"].update(invert=True),
        lambda made: own(made)["principals"][0]["metadata"].update(value={"bool_match": True}),
        lambda made: own(made)["principals"][0]["metadata"].update(path=[{"key": "payload"}]),
        lambda made: own(made)["principals"][0]["metadata"].update(filter="another"),
    ],
)
def test_a_refusal_that_does_something_else_is_an_error(change: Any) -> None:
    made = deepcopy(REFUSES)
    change(made)

    with pytest.raises(Unsupported, match=f"{BY}: spec\\.configPatches\\[0\\]"):
        authenticate(shop(made).objects, GATE, sent())
    with pytest.raises(Unsupported, match=f"{BY}: spec\\.configPatches\\[0\\]"):
        cleaned([made], GATE, sent(), gateway=True)


@pytest.mark.parametrize(
    "change",
    [
        lambda made: config(made, 1)["patch"].update(operation="REMOVE"),
        lambda made: config(made, 1)["match"]["listener"].update(portNumber=8080),
        lambda made: reply(made).update(server_name="x"),
        lambda made: reply(made).update({"@type": "type.googleapis.com/other"}),
        lambda made: reply(made)["local_reply_config"].update(body_format={}),
        lambda made: reply(made)["local_reply_config"]["mappers"][0].update(status_code=200),
        lambda made: reply(made)["local_reply_config"]["mappers"][0].update(body={}),
        lambda made: asks(made)[0].update(status_code_filter={}),
        lambda made: asks(made)[0]["metadata_filter"].update(match_if_key_not_found=True),
        lambda made: reply(made)["local_reply_config"]["mappers"][0].update(
            filter={"and_filter": {"filters": []}}
        ),
    ],
)
def test_an_answer_that_says_something_else_is_an_error(change: Any) -> None:
    made = deepcopy(REFUSES)
    change(made)

    with pytest.raises(Unsupported, match=f"{BY}: spec\\.configPatches\\[1\\]"):
        authenticate(shop(made).objects, GATE, sent())
