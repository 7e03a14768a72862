"""CloudFront answers, refuses or calls an origin, and what it sends on cannot be forged."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from modules.stacks.edge import Front
from modules.stacks.ingress import IngressConfig

import pytest
from cdktf import App

from ekp.configured.environment import Configured
from ekp.evaluate.hop import Verdict
from ekp.evaluate.stage import Stage
from ekp.runner import stacks
from ekp.trace.question import Client, Entry
from tests.support import edge_settings
from tests.support.configured import with_stack, without

from .asking import APP, EDGE, ORIGIN, ask, at, each, missing, region

Change = Callable[[dict[str, Any]], object]


def edge(prod: Configured, change: Change) -> Configured:
    return with_stack(prod, EDGE, each("aws_cloudfront_distribution", change))


def test_http_is_redirected_to_https(prod: Configured) -> None:
    last = ask(prod, scheme="http", path="/basket?id=7").hops[-1]

    assert (last.verdict, last.status) == (Verdict.ANSWERS, 301)
    assert last.why == f"redirects to https://{APP}/basket?id=7"
    assert ask(prod, scheme="http", method="POST").hops[-1].status == 307


def test_where_only_https_is_taken_http_is_refused(prod: Configured) -> None:
    def change(body: dict[str, Any]) -> None:
        body["default_cache_behavior"]["viewer_protocol_policy"] = "https-only"

    last = ask(edge(prod, change), scheme="http").hops[-1]
    assert (last.verdict, last.status) == (Verdict.REFUSES, 403)


def test_a_method_that_a_path_does_not_take_is_refused_by_cloudfront(prod: Configured) -> None:
    last = ask(prod, path="/static/app.css", method="PUT").hops[-1]

    assert (last.stage, last.verdict, last.status) == (Stage.CDN, Verdict.REFUSES, 403)
    assert last.by == "prod-edge/distribution/Resource ordered_cache_behavior[1] allowed_methods"
    assert ask(prod, path="/app.css", method="PUT").entered is not None


def test_a_kept_answer_is_told_and_the_trace_goes_on(prod: Configured) -> None:
    found = ask(prod, path="/static/app.css")
    (told,) = (hop.why for hop in at(found, Stage.CDN) if "kept" in hop.why)

    assert told.startswith("the path falls under /static/*; kept: at most 31,536,000 s, when it ")
    assert told.endswith("this trace follows one that is not kept")
    assert found.entered is not None


@pytest.mark.parametrize(
    ("path", "method", "verdict", "status"),
    [
        ("/_ekp/unavailable.html", "GET", Verdict.ANSWERS, 200),
        # S3 decodes a path before it looks for the file.
        ("/_ekp/%75navailable.html", "HEAD", Verdict.ANSWERS, 200),
        ("/_ekp/unavailable.html", "OPTIONS", Verdict.REFUSES, 403),
        ("/_ekp/other.html", "GET", Verdict.REFUSES, 403),
    ],
)
def test_the_page_of_last_resort_is_served_from_s3_and_nothing_else(
    prod: Configured, path: str, method: str, verdict: Verdict, status: int
) -> None:
    last = ask(prod, path=path, method=method).hops[-1]

    assert (last.stage, last.verdict, last.status) == (Stage.ORIGIN, verdict, status)


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"path": f"/{'a' * 8192}"}, 413),
        ({"body_bytes": 1}, 403),
        ({"path": "/static/a.js", "body_bytes": 1}, 403),
    ],
)
def test_what_cloudfront_takes_of_nobody_is_refused_before_an_origin(
    prod: Configured, asked: dict[str, Any], status: int
) -> None:
    last = ask(prod, **asked).hops[-1]

    assert (last.stage, last.verdict, last.status) == (Stage.CDN, Verdict.REFUSES, status)
    assert ask(prod, method="POST", body_bytes=1).entered is not None


def allowed(*countries: str) -> Change:
    geo = {"restriction_type": "whitelist", "locations": list(countries)}
    return lambda body: body["restrictions"].update(geo_restriction=geo)


def test_a_country_that_is_not_served_is_refused_before_the_web_acl(prod: Configured) -> None:
    restricted = edge(prod, allowed("IE", "GB"))
    found = ask(restricted, client=Client(country="US"))

    assert (found.hops[-1].verdict, found.hops[-1].status) == (Verdict.REFUSES, 403)
    assert found.hops[-1].why == "US is not in its whitelist of 2 countries"
    assert at(found, Stage.GLOBAL_WAF) == []
    assert ask(restricted, client=Client(country="IE")).entered is not None
    assert Verdict.MAY_REFUSE in {hop.verdict for hop in at(ask(restricted), Stage.CDN)}


def test_a_client_of_too_many_requests_is_refused_by_the_global_web_acl(prod: Configured) -> None:
    last = ask(prod, rate=1000.0).hops[-1]

    assert (last.stage, last.verdict, last.status) == (Stage.GLOBAL_WAF, Verdict.REFUSES, 429)
    assert last.by == "prod-edge/web-acl/Resource rule rate"


def test_managed_rules_may_refuse_and_the_way_goes_on(prod: Configured) -> None:
    may, rest = at(ask(prod), Stage.GLOBAL_WAF)

    assert may.verdict is Verdict.MAY_REFUSE
    assert "AWSManagedRulesCommonRuleSet" in may.why
    assert (rest.verdict, rest.why) == (
        Verdict.PASSES,
        "1 of 8 rules match nothing (rate); no rule blocks it",
    )


def test_a_deep_host_is_the_distribution_s_and_its_certificate_does_not_hold(
    prod: Configured,
) -> None:
    found = ask(prod, host=f"a.{APP}")

    assert found.hops[0].name == "record *.prod.ekp.example A"
    assert found.hops[-1].verdict is Verdict.MISSING
    assert found.hops[-1].why == f"its certificate does not hold for a.{APP}"
    assert "edge.domain" in found.hops[-1].remedy


@pytest.mark.requirement("R01")
@pytest.mark.parametrize(
    ("change", "by", "goes_on"),
    [
        (lambda body: body["aliases"].pop(), "Resource aliases", False),
        (lambda body: body.update(enabled=False), "Resource enabled", False),
        (lambda body: body.pop("web_acl_id"), "Resource web_acl_id", True),
        (lambda body: body["origin"].pop(0), "target_origin_id", False),
    ],
    ids=["alias", "enabled", "web ACL", "origin"],
)
def test_what_the_distribution_lacks_is_named(
    prod: Configured, change: Change, by: str, *, goes_on: bool
) -> None:
    found = ask(edge(prod, change))

    (hop,) = missing(found)
    assert hop.by.startswith("prod-edge/distribution/Resource")
    assert by in hop.by
    assert hop.remedy
    assert (found.entered is not None) is goes_on


@pytest.mark.requirement("R01")
@pytest.mark.parametrize(
    ("kind", "setting", "goes_on"),
    [
        ("aws_acm_certificate", "edge.domain", False),
        ("aws_acm_certificate_validation", "edge.domain", False),
        ("aws_wafv2_web_acl", "edge.web_acl", True),
    ],
)
def test_what_stands_beside_the_distribution_is_named(
    prod: Configured, kind: str, setting: str, *, goes_on: bool
) -> None:
    found = ask(without(prod, EDGE, kind))

    (hop,) = missing(found)
    assert setting in hop.remedy
    assert (found.entered is not None) is goes_on


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({}, "it may block: the client's country is not known; listed: DE"),
        (
            {"client": Client(country="DE"), "headers": {"cookie": "aws-waf-token=x"}},
            "it may block: country DE is listed; AWS decides whether its token is valid",
        ),
    ],
)
def test_a_rule_of_ours_that_may_refuse_says_why_by_itself(
    prod: Configured, asked: dict[str, Any], why: str
) -> None:
    puzzle = {
        "name": "puzzle",
        "priority": 500,
        "action": {"captcha": {}},
        "statement": {"geo_match_statement": {"country_codes": ["DE"]}},
    }
    guarded = with_stack(
        prod, EDGE, each("aws_wafv2_web_acl", lambda acl: acl["rule"].append(puzzle))
    )

    groups, ours, _ = at(ask(guarded, **asked), Stage.GLOBAL_WAF)

    assert "puzzle" not in groups.why
    assert (ours.verdict, ours.why) == (Verdict.MAY_REFUSE, why)
    assert ours.by.endswith("rule puzzle")


def test_the_origin_s_own_name_lacks_no_distribution(prod: Configured) -> None:
    found = ask(prod, host=ORIGIN)

    assert missing(found) == []
    assert found.hops[-1].verdict is Verdict.REFUSES


def test_a_certificate_for_other_names_is_named(prod: Configured) -> None:
    change = each("aws_acm_certificate", lambda one: one["subject_alternative_names"].clear())
    (hop,) = missing(ask(with_stack(prod, EDGE, change)))

    assert hop.why == f"its certificate does not hold for {APP}"


def test_a_distribution_with_a_vpc_origin_calls_its_load_balancer(tmp_path: Path) -> None:
    app = App(outdir=str(tmp_path))
    edge_settings.ingress_stack(app, edge_settings.edge(front=Front.VPC_ORIGIN), IngressConfig())
    app.synth()
    within = Configured.of(stacks.load(tmp_path), "prod", [])
    found = ask(within)

    assert region(found) == "eu-west-1"
    past = ask(within, entry=Entry.FOREIGN_CDN).hops[-1]
    assert (past.verdict, past.why[:33]) == (Verdict.REFUSES, "it has no address in the internet")
    assert missing(found) == []
    assert [hop.name for hop in at(found, Stage.ORIGIN)] == ["origin ekp-prod-euw1-alb"]
