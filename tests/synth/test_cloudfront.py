"""The distribution serves its hosts on TLS, tells the origin the truth, and has a last resort."""

from typing import Any

from modules.aws.certificate import CertificateOutputs
from modules.aws.cloudfront import Distribution, DistributionConfig, Origin
from modules.aws.cloudfront_policies import FUNCTION

import pytest
from cdktf import TerraformStack
from pydantic import ValidationError

from tests.support.edge_settings import edge_context, hosts
from tests.support.synth import Synth, document, ref

WEB_ACL = "arn:aws:wafv2:us-east-1:333333333333:global/webacl/a/b"
ISSUED = CertificateOutputs("arn:certificate", "us-east-1")
# AWS's own: caching disabled, and every header, cookie and query of the user.
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3"


def synth(
    stack: TerraformStack,
    vpc_origin_id: str | None = None,
    certificate: CertificateOutputs = ISSUED,
    **changes: Any,
) -> Synth:
    Distribution(
        stack,
        "distribution",
        ctx=edge_context(),
        config=DistributionConfig(**changes),
        hosts=hosts(),
        origin=Origin("origin.prod.ekp.example", "${var.secret}", vpc_origin_id),
        certificate=certificate,
        web_acl_arn=WEB_ACL,
    )
    return Synth(stack)


def found(plan: Synth) -> dict[str, Any]:
    return dict(plan.one("aws_cloudfront_distribution"))


def origins(plan: Synth) -> dict[str, Any]:
    return {origin["origin_id"]: origin for origin in found(plan)["origin"]}


def test_any_other_host_is_refused(stack: TerraformStack) -> None:
    assert found(synth(stack))["aliases"] == ["prod.ekp.example", "*.prod.ekp.example"]


@pytest.mark.requirement("R05")
@pytest.mark.requirement("R22")
def test_users_are_met_on_modern_tls_alone(stack: TerraformStack) -> None:
    distribution = found(synth(stack, static_paths=("/static/*",)))
    behaviors = [
        distribution["default_cache_behavior"],
        *distribution["ordered_cache_behavior"],
    ]

    assert distribution["viewer_certificate"]["minimum_protocol_version"] == "TLSv1.2_2021"
    assert {b["viewer_protocol_policy"] for b in behaviors} == {"redirect-to-https"}
    assert (distribution["http_version"], distribution["is_ipv6_enabled"]) == ("http2and3", True)


@pytest.mark.requirement("R07")
def test_the_web_acl_stands_before_it_by_its_arn(stack: TerraformStack) -> None:
    assert found(synth(stack))["web_acl_id"] == WEB_ACL


@pytest.mark.requirement("R15")
def test_the_origin_is_met_on_tls_with_the_secret(stack: TerraformStack) -> None:
    origin = origins(synth(stack))["regions"]

    assert origin["custom_origin_config"]["origin_protocol_policy"] == "https-only"
    assert origin["custom_origin_config"]["origin_ssl_protocols"] == ["TLSv1.2"]
    assert origin["custom_header"] == [{"name": "x-origin-verify", "value": "${var.secret}"}]


def test_the_caller_s_address_is_overwritten_on_every_way_to_the_origin(
    stack: TerraformStack,
) -> None:
    plan = synth(stack, static_paths=("/static/*",))
    distribution = found(plan)
    to_regions = [
        behavior
        for behavior in (
            distribution["default_cache_behavior"],
            *distribution["ordered_cache_behavior"],
        )
        if behavior["target_origin_id"] == "regions"
    ]

    assert plan.one("aws_cloudfront_function")["code"] == FUNCTION
    assert "request.headers['true-client-ip'] = { value: event.viewer.ip };" in FUNCTION
    assert len(to_regions) == 2
    for behavior in to_regions:
        (association,) = behavior["function_association"]
        assert association["event_type"] == "viewer-request"


def test_what_may_be_different_for_each_user_is_never_kept(stack: TerraformStack) -> None:
    default = found(synth(stack))["default_cache_behavior"]

    assert default["cache_policy_id"] == CACHING_DISABLED
    assert default["origin_request_policy_id"] == ALL_VIEWER


@pytest.mark.requirement("R06")
def test_cached_files_of_one_host_are_never_another_s(stack: TerraformStack) -> None:
    plan = synth(stack, static_paths=("/static/*",))
    key = plan.one("aws_cloudfront_cache_policy")["parameters_in_cache_key_and_forwarded_to_origin"]
    (_, static) = found(plan)["ordered_cache_behavior"]

    assert key["headers_config"]["headers"]["items"] == ["Host"]
    assert key["cookies_config"] == {"cookie_behavior": "none"}
    assert static["path_pattern"] == "/static/*"
    assert static["allowed_methods"] == ["GET", "HEAD", "OPTIONS"]


def test_the_page_of_last_resort_needs_no_region_and_one_distribution_may_read_it(
    stack: TerraformStack,
) -> None:
    plan = synth(stack)
    policy = plan.all("aws_s3_bucket_policy")["distribution/last-resort/bucket/policy"]
    (_, read) = document(policy["policy"])["Statement"]
    errors = found(plan)["custom_error_response"]
    (page,) = found(plan)["ordered_cache_behavior"]

    assert read["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert read["Action"] == ["s3:GetObject"]
    assert read["Condition"]["StringEquals"] == {
        "AWS:SourceArn": ref(plan.address("aws_cloudfront_distribution", "distribution"), "arn")
    }
    assert {(e["error_code"], e["response_code"]) for e in errors} == {
        *((502, 502), (503, 503), (504, 504)),
    }
    assert {e["response_page_path"] for e in errors} == {"/_ekp/unavailable.html"}
    assert page["path_pattern"] == "/_ekp/*"
    assert page["target_origin_id"] == "last-resort"
    assert plan.one("aws_s3_object")["key"] == "_ekp/unavailable.html"


def test_a_service_s_own_503_reaches_the_user_where_settings_say_so(stack: TerraformStack) -> None:
    plan = synth(stack, last_resort_statuses=(502, 504))

    assert {e["error_code"] for e in found(plan)["custom_error_response"]} == {502, 504}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"static_paths": ("/a/*", "/a/*")}, "static_paths names /a/\\* twice; remove one"),
        ({"last_resort_statuses": (502, 502)}, "last_resort_statuses names 502 twice"),
        ({"allowed_countries": ("UK",)}, "'UK' is no country code; write two capital letters"),
    ],
)
def test_what_cloudfront_would_refuse_at_the_end_of_an_apply_is_refused_before_it(
    changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        DistributionConfig(**changes)


def test_a_certificate_of_another_region_is_refused(stack: TerraformStack) -> None:
    elsewhere = CertificateOutputs("arn:certificate", "eu-west-1")

    with pytest.raises(ValueError, match="in eu-west-1, AWS takes one of us-east-1 alone; make it"):
        synth(stack, certificate=elsewhere)


def test_browsers_are_told_to_insist_on_tls(stack: TerraformStack) -> None:
    headers = synth(stack).one("aws_cloudfront_response_headers_policy")["security_headers_config"]

    assert headers["strict_transport_security"] == {
        "access_control_max_age_sec": 31_536_000,
        "include_subdomains": True,
        "preload": False,
        "override": True,
    }
    assert headers["content_type_options"] == {"override": True}


def test_requests_are_logged_without_cookies(stack: TerraformStack) -> None:
    plan = synth(stack)
    logging = found(plan)["logging_config"]

    assert logging["include_cookies"] is False
    assert logging["bucket"] == ref(
        plan.address("aws_s3_bucket", "distribution/logs"), "bucket_regional_domain_name"
    )


def test_its_logs_are_encrypted_by_a_key_that_their_service_may_use_for_them_alone(
    stack: TerraformStack,
) -> None:
    plan = synth(stack)
    encryption = plan.all("aws_s3_bucket_server_side_encryption_configuration")
    by_default = encryption["distribution/logs/encryption"]["rule"][0]
    key = plan.one("aws_kms_key")
    (delivery,) = (s for s in document(key["policy"])["Statement"] if s["Sid"] == "LogDelivery")

    assert by_default["apply_server_side_encryption_by_default"] == {
        "sse_algorithm": "aws:kms",
        "kms_master_key_id": ref(plan.address("aws_kms_key", "distribution/logs-key"), "arn"),
    }
    assert delivery["Principal"] == {"Service": "delivery.logs.amazonaws.com"}
    assert delivery["Action"] == ["kms:GenerateDataKey*"]
    bucket = plan.all("aws_s3_bucket")["distribution/logs"]["bucket"]
    assert delivery["Condition"] == {
        "StringEquals": {"kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{bucket}"}
    }


@pytest.mark.parametrize(
    ("countries", "restriction"),
    [((), {"restriction_type": "none"}), (("IE",), {"restriction_type": "whitelist"})],
)
def test_countries_can_be_the_only_ones_served(
    stack: TerraformStack, countries: tuple[str, ...], restriction: dict[str, str]
) -> None:
    geo = found(synth(stack, allowed_countries=countries))["restrictions"]["geo_restriction"]

    assert restriction.items() <= geo.items()
    assert tuple(geo.get("locations", ())) == countries


def test_an_origin_shield_is_one_setting(stack: TerraformStack) -> None:
    origin = origins(synth(stack, origin_shield_region="eu-west-1"))["regions"]

    assert origin["origin_shield"] == {"enabled": True, "origin_shield_region": "eu-west-1"}


def test_a_vpc_origin_takes_the_place_of_an_address(stack: TerraformStack) -> None:
    origin = origins(synth(stack, vpc_origin_id="vo-1"))["regions"]

    assert origin["vpc_origin_config"]["vpc_origin_id"] == "vo-1"
    assert "custom_origin_config" not in origin
