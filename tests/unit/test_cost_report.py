"""What an environment costs is carried by its tenants, to the cent."""

from datetime import date
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ekp.cost.accounts import places
from ekp.cost.errors import AnswerError
from ekp.cost.plain import plain
from ekp.cost.report import Report, report
from ekp.cost.shares import Rule
from environments import load
from tests.support.costs import (
    CLUSTER,
    FIRST_HALF,
    HUB,
    HUB_PLACE,
    SECOND,
    SECOND_HALF,
    answer,
    payer,
    place,
)

SHOP, BILLING = payer("shop", "shop", "shop-jobs"), payer("billing")
COSTS = st.decimals("-5", "900", places=5)
ROWS = st.dictionaries(
    st.tuples(
        st.sampled_from([CLUSTER, SECOND, HUB, "gone"]),
        st.sampled_from(
            ["shop", "shop-jobs", "billing", "kube-system", "__idle__", "__unmounted__"]
        ),
    ).map("/".join),
    st.tuples(COSTS, COSTS, COSTS).map(
        lambda c: {"cpuCost": float(c[0]), "pvCost": float(c[1]), "sharedCost": float(c[2])}
    ),
    min_size=1,
)


def carried(found: Report, environment: str = "prod") -> dict[str | None, tuple[str, str]]:
    """Return each tenant's direct and shared cost."""
    (costs,) = (one for one in found.environments if one.environment == environment)
    return {line.tenant: (str(line.direct), str(line.shared)) for line in costs.lines}


@pytest.mark.requirement("R40")
def test_platform_idle_and_unmounted_costs_are_shared_by_direct_cost() -> None:
    told = answer(
        {
            f"{CLUSTER}/shop": "20",
            f"{SECOND}/shop-jobs": "10",
            f"{CLUSTER}/billing": "10",
            f"{CLUSTER}/kube-system": "3",
            f"{CLUSTER}/__idle__": "4",
            f"{SECOND}/__unmounted__": "1",
        }
    )

    found = report([told], [place(SHOP, BILLING)])

    assert carried(found) == {"billing": ("10.00", "2.00"), "shop": ("30.00", "6.00")}
    assert dict(found.environments[0].shared) == {
        "platform": Decimal("3.00"),
        "idle": Decimal("4.00"),
        "unallocated": Decimal("1.00"),
        "cluster overhead": Decimal("0.00"),
    }


def test_the_even_rule_splits_shared_cost_into_equal_parts() -> None:
    told = answer({f"{CLUSTER}/shop": "30", f"{CLUSTER}/billing": "10", f"{CLUSTER}/__idle__": "4"})

    found = report([told], [place(SHOP, BILLING)], rule=Rule.EVEN)

    assert carried(found) == {"billing": ("10.00", "2.00"), "shop": ("30.00", "2.00")}


def test_what_kubecost_shared_out_itself_is_shared_again_by_the_rule() -> None:
    rows = {
        f"{CLUSTER}/shop": {"cpuCost": 30.0, "sharedCost": 1.0},
        f"{CLUSTER}/billing": {"cpuCost": 10.0, "sharedCost": 7.0},
    }

    found = report([answer(rows)], [place(SHOP, BILLING)])

    assert carried(found) == {"billing": ("10.00", "2.00"), "shop": ("30.00", "6.00")}


def test_an_environment_without_tenants_pays_for_itself() -> None:
    found = report([answer({f"{HUB}/argocd": "5", f"{HUB}/__idle__": "2.5"})], [HUB_PLACE])

    assert carried(found, "management") == {None: ("0.00", "7.50")}
    assert found.environments[0].lines[0].cost_center == "cc-1004"


def test_a_tenant_without_any_cost_of_its_own_is_in_the_report() -> None:
    found = report([answer({f"{CLUSTER}/shop": "30"})], [place(SHOP, BILLING)])

    assert carried(found)["billing"] == ("0.00", "0.00")


@settings(max_examples=50)
@given(ROWS, st.sampled_from(Rule), st.randoms())
def test_all_parts_add_up_to_the_whole_of_every_environment(
    rows: dict[str, dict[str, object]], rule: Rule, random: Random
) -> None:
    rows[f"{CLUSTER}/shop"] = {"ramCost": 1.23456}
    where = [place(SHOP, BILLING), HUB_PLACE]
    found = report([answer(rows)], where, rule=rule)

    for one in found.environments:
        assert sum(line.total for line in one.lines) == one.total
        assert sum(line.shared for line in one.lines) == sum(one.shared.values())
        for line in one.lines:
            assert line.direct == sum(line.costs.values())
    known = sum(one.total for one in found.environments)
    assert found.total == known + sum(found.unknown.values())
    exact = sum(row.direct + row.shared for row in answer(rows).allocations)
    # Each environment and each unknown cluster is rounded once.
    assert abs(found.total - exact) <= Decimal("0.005") * 3

    shuffled = list(rows.items())
    random.shuffle(shuffled)
    again = report([answer(dict(shuffled))], [HUB_PLACE, place(BILLING, SHOP)], rule=rule)
    key = {one["environment"]: one for one in plain(found)["environments"]}
    assert {one["environment"]: one for one in plain(again)["environments"]} == key


def test_costs_of_a_cluster_that_the_settings_do_not_name_are_told_and_not_lost() -> None:
    found = report(
        [answer({f"{CLUSTER}/shop": "30", "ekp-old-euw1-eks/shop": "2.499"})], [place(SHOP)]
    )

    assert found.total == Decimal("32.50")
    assert dict(found.unknown) == {"ekp-old-euw1-eks": Decimal("2.50")}
    assert any("ekp-old-euw1-eks is no cluster of the settings" in one for one in found.warnings)


def test_an_answer_of_other_clusters_alone_is_refused_with_the_known_ones() -> None:
    with pytest.raises(AnswerError, match="No cluster of the answer is one of the settings: else"):
        report([answer({"else/shop": "1"})], [place(SHOP)])


def test_two_halves_of_a_month_make_the_month() -> None:
    rows = {f"{CLUSTER}/shop": "100", f"{CLUSTER}/__idle__": "10"}
    shop = payer("shop", budget="219.99")

    halves = [answer(rows, SECOND_HALF), answer(rows, FIRST_HALF)]
    (line,) = report(halves, [place(shop)]).environments[0].lines

    assert line.total == Decimal("220.00")
    assert line.budget is not None
    assert line.budget.allowed == Decimal("219.99")
    assert line.budget.state == "over budget"


def test_windows_that_overlap_are_refused() -> None:
    rows = {f"{CLUSTER}/shop": "100"}
    later = answer(rows, ("2026-11-15T23:00:00Z", "2026-11-20T00:00:00Z"))

    with pytest.raises(AnswerError, match="overlap; their costs would count twice"):
        report([answer(rows), later], [place(SHOP)])


def test_time_that_no_answer_tells_of_is_a_warning() -> None:
    rows = {f"{CLUSTER}/shop": "100", f"{CLUSTER}/__idle__": "1"}
    later = answer(rows, ("2026-11-18T00:00:00Z", "2026-11-20T00:00:00Z"))

    warnings = report([answer(rows), later], [place(SHOP)]).warnings

    assert [one for one in warnings if "nothing is known between" in one]


def test_a_window_without_data_at_its_start_is_a_warning_and_counts_less_of_the_budget() -> None:
    rows = {f"{CLUSTER}/shop": "100", f"{CLUSTER}/__idle__": "1"}
    told = answer(rows, ("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"), SECOND_HALF)
    found = report([told], [place(payer("shop", budget="300"))])

    assert [one for one in found.warnings if "has data for 2026-11-16" in one]
    budget = found.environments[0].lines[0].budget
    assert budget is not None
    assert budget.allowed == Decimal("150.00")


def test_an_answer_without_idle_cost_is_a_warning() -> None:
    (warning,) = report([answer({f"{CLUSTER}/shop": "1"})], [place(SHOP)]).warnings

    assert warning == f"answer.json tells of no idle cost of {CLUSTER}."


def test_clusters_and_tenants_of_the_settings_are_those_of_the_report() -> None:
    environments, _ = load(date(2026, 11, 21))

    found = {one.environment: one for one in places(environments.values())}

    # What the agent gives as the cluster's id is EKS's name of it.
    assert found["prod"].clusters == (CLUSTER, SECOND)
    assert found["prod"].payer("shop") == "shop"
    assert found["prod"].payer("istio-system") is None
    assert found["management"].clusters == (HUB,)
