"""Answers that cannot be shared out are refused with the question to ask instead."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from ekp.cost.answer import read_answer
from ekp.cost.errors import AnswerError, UnreachableError
from ekp.cost.question import allocation_url, check_window, fetch
from ekp.cost.recommendations import read_recommendations
from tests.support.costs import CLUSTER, FIRST_HALF, payer, place, text

QUESTION = (
    "http://127.0.0.1:9090/model/allocation?window=month&aggregate=cluster,namespace"
    "&accumulate=true&idle=true&splitIdle=true&shareIdle=false"
)


def refused(content: str) -> AnswerError:
    with pytest.raises(AnswerError) as caught:
        read_answer(content, "answer.json")
    return caught.value


def changed(**changes: Any) -> str:
    """Return an answer of one row with other fields."""
    return text({f"{CLUSTER}/shop": {"cpuCost": 1.0, **changes}})


def without(field: str) -> str:
    told = json.loads(changed())
    del told["data"][0][f"{CLUSTER}/shop"][field]
    return json.dumps(told)


def test_amounts_are_read_exactly_as_they_are_written() -> None:
    row = '{"cpuCost": 0.1, "cpuCostAdjustment": 0.2, "ramCost": 1e-1, "totalCost": 0.4,'
    window = f'"start": "{FIRST_HALF[0]}", "end": "{FIRST_HALF[1]}"'
    told = f'{{"data": [{{"{CLUSTER}/shop": {row} "window": {{{window}}}, {window}}}}}]}}'

    (found,) = read_answer(told, "answer.json").allocations

    assert found.costs["cpu"] == Decimal("0.3")
    assert found.costs["other"] == 0


def test_what_the_total_has_beyond_its_parts_is_other_cost() -> None:
    told = changed(gpuCost=2.0, externalCost=0.5, sharedCost=1.0, totalCost=4.75)

    (found,) = read_answer(told, "answer.json").allocations

    assert found.costs["other"] == Decimal("2.75")
    assert found.direct == Decimal("3.75")
    assert found.shared == Decimal(1)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("<html>", "is not JSON"),
        ('{"code": 200, "data": [{"a/b": {"totalCost": NaN}}]}', "NaN is no number"),
        ("[]", "it has no data"),
        ('{"data": {}}', "data is no list of sets"),
        ('{"data": [[]]}', "data is no list of sets"),
        ('{"code": 400, "data": null, "message": "bad window"}', "error of Kubecost's: bad window"),
        ('{"code": 500, "data": null}', "error of Kubecost's: no reason given"),
        ('{"code": 200, "data": [{"a/b": 3}]}', "not an answer of Kubecost's allocation API"),
        (without("totalCost"), "has no totalCost"),
        (without("window"), "window is missing"),
        (changed(cpuCost=None), "cpuCost of ekp-prod-euw1-eks/shop is None"),
        (changed(totalCost="4"), "totalCost of ekp-prod-euw1-eks/shop is '4'"),
        (changed(cpuCost=1e300), "cpuCost of ekp-prod-euw1-eks/shop is 1E+300, no amount"),
        (changed(start="yesterday"), "Invalid isoformat string: 'yesterday'"),
        (changed(start="2026-11-01T00:00:00"), "has no time zone"),
        (text({"shop": "1", "billing": "2"}), "not by cluster and namespace: it has billing, shop"),
        (text({"a/b/c": "1"}), "not by cluster and namespace: it has a/b/c"),
        (text({f"{CLUSTER}/shop": "1", "__idle__": "2"}), "it has __idle__"),
        (text({"/shop": "1"}), "has no cluster or no namespace"),
        (text({f"{CLUSTER}/shop": "1"}, (FIRST_HALF[0], FIRST_HALF[0])), "covers no time"),
    ],
)
def test_what_is_no_answer_is_refused_with_the_right_question(content: str, reason: str) -> None:
    error = refused(content)

    assert reason in error.message
    assert "\n" not in error.message
    assert QUESTION in error.remedy


def test_costs_day_by_day_are_refused() -> None:
    told = json.loads(text({f"{CLUSTER}/shop": "1"}))
    told["data"] *= 2

    assert "holds 2 sets of costs" in refused(json.dumps(told)).message


@pytest.mark.parametrize("content", ['{"code": 200, "data": []}', '{"data": [null, {}]}'])
def test_a_window_without_costs_is_refused(content: str) -> None:
    assert refused(content).message == "answer.json holds no costs."


def test_idle_cost_of_nobody_that_is_nothing_does_no_harm() -> None:
    told = text({f"{CLUSTER}/shop": "1", "__idle__": {"totalCost": 0}})

    assert len(read_answer(told, "answer.json").allocations) == 1


@pytest.mark.parametrize(
    "window", ["month", "lastmonth", "7d", "12h", ",".join(FIRST_HALF), "yesterday"]
)
def test_windows_of_kubecosts_are_taken(window: str) -> None:
    check_window(window)

    assert f"window={window}&" in allocation_url("http://h:1/model/", window)


@pytest.mark.parametrize("window", ["", "november", "0d", "7d&aggregate=pod", "7d\n"])
def test_other_windows_are_refused(window: str) -> None:
    with pytest.raises(AnswerError, match="is no window of Kubecost's"):
        check_window(window)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "127.0.0.1:9090/model", "http:///model"])
def test_only_http_addresses_are_asked(url: str) -> None:
    with pytest.raises(UnreachableError, match="is no http or https address"):
        fetch(url)


def test_a_password_in_the_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(UnreachableError, match="carries a user or a password") as caught:
        fetch("http://somebody:hunter2@127.0.0.1:1/model")

    assert "hunter2" not in str(caught.value)


def test_nobody_at_the_address_is_told_with_the_way_to_kubecost() -> None:
    # Nothing listens on port 1 of this machine.
    with pytest.raises(UnreachableError, match=r"does not answer at 127\.0\.0\.1: ") as caught:
        fetch("http://127.0.0.1:1/model")

    assert "port-forward svc/kubecost-frontend 9090" in caught.value.remedy


def recommendation(**changes: Any) -> Mapping[str, Any]:
    return {
        "clusterID": CLUSTER,
        "namespace": "shop",
        "controllerKind": "rollout",
        "controllerName": "cart",
        "containerName": "cart",
        "recommendedRequest": {"cpu": "96m", "memory": "301Mi"},
        "monthlySavings": {"cpu": 1.005, "memory": 2},
        "latestKnownRequest": {"cpu": "250m", "memory": "512Mi"},
        **changes,
    }


@pytest.mark.parametrize("wrapped", [True, False])
def test_recommendations_come_sorted_by_what_they_save(wrapped: bool) -> None:  # noqa: FBT001
    rows = [
        recommendation(controllerName="more", monthlySavings={"cpu": -3, "memory": 0}),
        recommendation(),
        recommendation(namespace="istio-system", monthlySavings={"cpu": 30, "memory": 1}),
        recommendation(controllerName="right", monthlySavings={"cpu": 0, "memory": 0}),
        recommendation(clusterID="gone", monthlySavings={"cpu": 0.5, "memory": 0}),
    ]
    told = json.dumps({"Count": 5, "Recommendations": rows} if wrapped else rows)

    found = read_recommendations(told, "r.json", [place(payer("shop"))])

    assert [(one.tenant, one.workload, str(one.monthly_saving)) for one in found] == [
        (None, "rollout/cart", "31.00"),
        ("shop", "rollout/cart", "3.01"),
        (None, "rollout/cart", "0.50"),
        ("shop", "rollout/more", "-3.00"),
    ]
    assert found[1].cpu == ("250m", "96m")
    assert found[2].environment == ""


def test_no_recommendations_are_none() -> None:
    assert read_recommendations('{"Count": 0, "Recommendations": null}', "r.json", []) == ()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{}", "it holds no list of Recommendations"),
        ('[{"clusterID": "a", "namespace": "b"}]', "monthlySavings is missing"),
        ("[3]", "not an answer of Kubecost's request sizing API"),
        (json.dumps([recommendation(monthlySavings={"cpu": None, "memory": 1})]), "sizing API"),
    ],
)
def test_what_are_no_recommendations_is_refused(content: str, reason: str) -> None:
    with pytest.raises(AnswerError, match=reason) as caught:
        read_recommendations(content, "r.json", [])

    assert "/model/savings/requestSizingV2?window=7d" in caught.value.remedy
