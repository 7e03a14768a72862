"""Policies, functions, access controls and VPC origins of the CloudFront extension."""

from typing import Any

import pytest

from .conftest import Clients
from .edge import CACHING_DISABLED, behavior, config, items
from .eks_cluster import network, refused

NOTHING = {
    "HeadersConfig": {"HeaderBehavior": "none"},
    "CookiesConfig": {"CookieBehavior": "none"},
    "QueryStringsConfig": {"QueryStringBehavior": "none"},
}


@pytest.fixture
def cloudfront(clients: Clients) -> Any:
    return clients("cloudfront")


def cache(name: str = "static", ttl: int = 60, **key: Any) -> dict[str, Any]:
    wanted = {"EnableAcceptEncodingGzip": False, **NOTHING, **key}
    times = {"MinTTL": 0, "DefaultTTL": ttl, "MaxTTL": ttl}
    return {"Name": name, **times, "ParametersInCacheKeyAndForwardedToOrigin": wanted}


def test_a_cache_policy_is_made_changed_listed_and_deleted(cloudfront: Any) -> None:
    made = cloudfront.create_cache_policy(CachePolicyConfig=cache())
    id_ = made["CachePolicy"]["Id"]
    changed = cloudfront.update_cache_policy(
        Id=id_, IfMatch=made["ETag"], CachePolicyConfig=cache(ttl=120)
    )
    found = cloudfront.get_cache_policy_config(Id=id_)
    own = cloudfront.list_cache_policies(Type="custom")["CachePolicyList"]
    with refused("PreconditionFailed", 412):
        cloudfront.delete_cache_policy(Id=id_, IfMatch=made["ETag"])
    cloudfront.delete_cache_policy(Id=id_, IfMatch=changed["ETag"])

    assert found["CachePolicyConfig"]["DefaultTTL"] == 120
    assert found["CachePolicyConfig"]["Comment"] == ""
    assert [item["CachePolicy"]["Id"] for item in own["Items"]] == [id_]
    with refused("NoSuchCachePolicy", 404):
        cloudfront.get_cache_policy(Id=id_)


def test_managed_policies_are_there_and_stay_as_they_are(cloudfront: Any) -> None:
    found = cloudfront.get_cache_policy(Id=CACHING_DISABLED)
    listed = cloudfront.list_origin_request_policies(Type="managed")["OriginRequestPolicyList"]
    names = [
        item["OriginRequestPolicy"]["OriginRequestPolicyConfig"]["Name"] for item in listed["Items"]
    ]

    assert found["CachePolicy"]["CachePolicyConfig"]["Name"] == "Managed-CachingDisabled"
    assert "Managed-AllViewer" in names
    with refused("IllegalDelete", 400):
        cloudfront.delete_cache_policy(Id=CACHING_DISABLED, IfMatch=found["ETag"])


def test_a_list_of_policies_comes_in_pages(cloudfront: Any) -> None:
    first = cloudfront.list_cache_policies(MaxItems="3")["CachePolicyList"]
    rest = cloudfront.list_cache_policies(Marker=first["NextMarker"])["CachePolicyList"]

    ids = [item["CachePolicy"]["Id"] for page in (first, rest) for item in page["Items"]]
    assert first["Quantity"] == 3
    assert len(ids) == len(set(ids)) > 3


def test_a_policy_that_is_used_is_not_deleted(cloudfront: Any) -> None:
    headers = {
        "Name": "security",
        "SecurityHeadersConfig": {"ContentTypeOptions": {"Override": True}},
    }
    made = {
        "CachePolicy": cloudfront.create_cache_policy(CachePolicyConfig=cache()),
        "OriginRequestPolicy": cloudfront.create_origin_request_policy(
            OriginRequestPolicyConfig={"Name": "origin", **NOTHING}
        ),
        "ResponseHeadersPolicy": cloudfront.create_response_headers_policy(
            ResponseHeadersPolicyConfig=headers
        ),
    }
    ids = {f"{kind}Id": answer[kind]["Id"] for kind, answer in made.items()}
    used = cloudfront.create_distribution(
        DistributionConfig=config("users", DefaultCacheBehavior=behavior(**ids))
    )["Distribution"]["Id"]

    deletions = {
        "CachePolicy": cloudfront.delete_cache_policy,
        "OriginRequestPolicy": cloudfront.delete_origin_request_policy,
        "ResponseHeadersPolicy": cloudfront.delete_response_headers_policy,
    }
    for kind, delete in deletions.items():
        with refused(f"{kind}InUse", 409):
            delete(Id=ids[f"{kind}Id"], IfMatch=made[kind]["ETag"])
    listed = cloudfront.list_distributions_by_cache_policy_id(CachePolicyId=ids["CachePolicyId"])
    assert listed["DistributionIdList"]["Items"] == [used]


def test_settings_that_cloudfront_refuses_are_refused(cloudfront: Any) -> None:
    with refused("InvalidArgument", 400, "EnableAcceptEncodingGzip is invalid for policy with"):
        cloudfront.create_cache_policy(
            CachePolicyConfig=cache(ttl=0, EnableAcceptEncodingGzip=True)
        )
    with refused("InvalidArgument", 400, "HeaderBehavior is invalid for policy with"):
        headers = {"HeaderBehavior": "whitelist", "Headers": items("Host")}
        cloudfront.create_cache_policy(CachePolicyConfig=cache(ttl=0, HeadersConfig=headers))
    with refused("InvalidArgument", 400, "Headers contains Authorization"):
        headers = {"HeaderBehavior": "whitelist", "Headers": items("Authorization")}
        cloudfront.create_origin_request_policy(
            OriginRequestPolicyConfig={"Name": "o", **NOTHING, "HeadersConfig": headers}
        )
    with refused("InvalidArgument", 400, "X-Frame-Options that is a security header"):
        custom = items({"Header": "X-Frame-Options", "Value": "DENY", "Override": True})
        cloudfront.create_response_headers_policy(
            ResponseHeadersPolicyConfig={"Name": "r", "CustomHeadersConfig": custom}
        )
    cloudfront.create_cache_policy(CachePolicyConfig=cache("taken"))
    with refused("CachePolicyAlreadyExists", 409):
        cloudfront.create_cache_policy(CachePolicyConfig=cache("taken"))


def function(cloudfront: Any, code: bytes = b"one") -> Any:
    settings = {"Comment": "", "Runtime": "cloudfront-js-2.0"}
    return cloudfront.create_function(Name="f", FunctionConfig=settings, FunctionCode=code)


def test_a_function_has_a_stage_to_develop_in_and_a_live_one(cloudfront: Any) -> None:
    made = function(cloudfront)
    with refused("NoSuchFunctionExists", 404):
        cloudfront.describe_function(Name="f", Stage="LIVE")
    published = cloudfront.publish_function(Name="f", IfMatch=made["ETag"])["FunctionSummary"]
    changed = cloudfront.update_function(
        Name="f",
        IfMatch=made["ETag"],
        FunctionConfig=published["FunctionConfig"],
        FunctionCode=b"two",
    )

    stages = {
        stage: cloudfront.get_function(Name="f", Stage=stage) for stage in ("DEVELOPMENT", "LIVE")
    }
    assert published["FunctionMetadata"]["Stage"] == "LIVE"
    assert {stage: found["FunctionCode"].read() for stage, found in stages.items()} == {
        "DEVELOPMENT": b"two",
        "LIVE": b"one",
    }
    assert stages["DEVELOPMENT"]["ETag"] == changed["ETag"] != made["ETag"]
    assert changed["FunctionSummary"]["Status"] == "UNPUBLISHED"
    with refused("PreconditionFailed", 412):
        cloudfront.publish_function(Name="f", IfMatch=made["ETag"])


def test_a_function_runs_only_published_and_is_not_deleted_while_it_runs(cloudfront: Any) -> None:
    made = function(cloudfront)
    arn = made["FunctionSummary"]["FunctionMetadata"]["FunctionARN"]
    runs = items({"EventType": "viewer-request", "FunctionARN": arn})
    wanted = config("runs", DefaultCacheBehavior=behavior(FunctionAssociations=runs))

    with refused("InvalidFunctionAssociation", 400):
        cloudfront.create_distribution(DistributionConfig=wanted)
    cloudfront.publish_function(Name="f", IfMatch=made["ETag"])
    cloudfront.create_distribution(DistributionConfig=wanted)
    with refused("FunctionInUse", 409):
        cloudfront.delete_function(Name="f", IfMatch=made["ETag"])
    live = cloudfront.describe_function(Name="f", Stage="LIVE")
    assert live["FunctionSummary"]["Status"] == "DEPLOYED"


def test_a_function_has_a_name_of_its_own_and_a_limited_size(cloudfront: Any) -> None:
    with refused("FunctionSizeLimitExceeded", 413):
        function(cloudfront, b"x" * 10241)
    made = function(cloudfront)
    with refused("FunctionAlreadyExists", 409):
        function(cloudfront)
    assert cloudfront.list_functions()["FunctionList"]["Quantity"] == 1
    cloudfront.delete_function(Name="f", IfMatch=made["ETag"])
    with refused("NoSuchFunctionExists", 404):
        cloudfront.get_function(Name="f")


def test_an_access_control_is_changed_and_kept_while_it_is_used(cloudfront: Any) -> None:
    wanted = {
        "Name": "page",
        "SigningProtocol": "sigv4",
        "SigningBehavior": "always",
        "OriginAccessControlOriginType": "s3",
    }
    made = cloudfront.create_origin_access_control(OriginAccessControlConfig=wanted)
    id_ = made["OriginAccessControl"]["Id"]
    with refused("OriginAccessControlAlreadyExists", 409):
        cloudfront.create_origin_access_control(OriginAccessControlConfig=wanted)
    changed = cloudfront.update_origin_access_control(
        Id=id_,
        IfMatch=made["ETag"],
        OriginAccessControlConfig={**wanted, "SigningBehavior": "never"},
    )
    origin = {
        "Id": "main",
        "DomainName": "page.s3.eu-west-1.amazonaws.com",
        "OriginAccessControlId": id_,
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }
    cloudfront.create_distribution(DistributionConfig=config("page", Origins=items(origin)))

    found = cloudfront.get_origin_access_control_config(Id=id_)
    assert found["OriginAccessControlConfig"]["SigningBehavior"] == "never"
    with refused("PreconditionFailed", 412):
        cloudfront.delete_origin_access_control(Id=id_, IfMatch=made["ETag"])
    with refused("OriginAccessControlInUse", 409):
        cloudfront.delete_origin_access_control(Id=id_, IfMatch=changed["ETag"])


def test_a_vpc_origin_leads_to_a_load_balancer_and_is_kept_while_it_is_used(
    clients: Clients, cloudfront: Any
) -> None:
    _, subnets = network(clients("ec2"))
    balancer = clients("elbv2").create_load_balancer(
        Name="inside", Subnets=subnets, Scheme="internal"
    )["LoadBalancers"][0]
    endpoint = {
        "Name": "inside",
        "Arn": balancer["LoadBalancerArn"],
        "HTTPPort": 80,
        "HTTPSPort": 443,
        "OriginProtocolPolicy": "https-only",
        "OriginSslProtocols": items("TLSv1.2"),
    }
    with refused("InvalidArgument", 400, "does not exist"):
        gone = {**endpoint, "Arn": f"{balancer['LoadBalancerArn']}0"}
        cloudfront.create_vpc_origin(VpcOriginEndpointConfig=gone)
    made = cloudfront.create_vpc_origin(
        VpcOriginEndpointConfig=endpoint, Tags={"Items": [{"Key": "team", "Value": "platform"}]}
    )
    id_, arn = made["VpcOrigin"]["Id"], made["VpcOrigin"]["Arn"]
    found = cloudfront.get_vpc_origin(Id=id_)
    origin = {
        "Id": "main",
        "DomainName": balancer["DNSName"],
        "VpcOriginConfig": {"VpcOriginId": id_},
    }
    wanted = config("vpc", Origins=items(origin), Enabled=False)
    used = cloudfront.create_distribution(DistributionConfig=wanted)

    assert (made["VpcOrigin"]["Status"], found["VpcOrigin"]["Status"]) == ("Deploying", "Deployed")
    assert found["VpcOrigin"]["VpcOriginEndpointConfig"] == endpoint
    assert cloudfront.list_tags_for_resource(Resource=arn)["Tags"]["Items"][0]["Key"] == "team"
    timeouts = used["Distribution"]["DistributionConfig"]["Origins"]["Items"][0]["VpcOriginConfig"]
    assert timeouts == {"VpcOriginId": id_, "OriginReadTimeout": 30, "OriginKeepaliveTimeout": 5}
    with refused("CannotDeleteEntityWhileInUse", 409):
        cloudfront.delete_vpc_origin(Id=id_, IfMatch=found["ETag"])
    cloudfront.delete_distribution(Id=used["Distribution"]["Id"], IfMatch=used["ETag"])
    cloudfront.delete_vpc_origin(Id=id_, IfMatch=found["ETag"])
    with refused("EntityNotFound", 404):
        cloudfront.get_vpc_origin(Id=id_)
