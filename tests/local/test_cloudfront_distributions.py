"""Distributions of the CloudFront extension."""

from itertools import count
from typing import Any

import pytest

from .conftest import Clients
from .edge import HOME, behavior, config, issued, items
from .eks_cluster import refused

DOMAINS = (f"cdn{number}.example.com" for number in count(1))


@pytest.fixture
def cloudfront(clients: Clients) -> Any:
    return clients("cloudfront")


@pytest.fixture
def domain() -> str:
    """A domain that no other test uses: an alias is unique in the world."""
    return next(DOMAINS)


def make(cloudfront: Any, **settings: Any) -> Any:
    return cloudfront.create_distribution(DistributionConfig=config("one", **settings))


def read(cloudfront: Any, made: Any) -> Any:
    id_ = made["Distribution"]["Id"]
    return cloudfront.get_distribution_config(Id=id_)["DistributionConfig"]


def test_a_distribution_without_forwarded_values_comes_back_without_them(cloudfront: Any) -> None:
    found = read(cloudfront, make(cloudfront))

    default = found["DefaultCacheBehavior"]
    assert "ForwardedValues" not in default
    assert "DefaultTTL" not in default
    assert default["AllowedMethods"]["Items"] == ["HEAD", "GET"]
    assert found["ViewerCertificate"]["CloudFrontDefaultCertificate"] is True
    assert found["Aliases"] == {"Quantity": 0}


def test_forwarded_values_come_back_with_their_times(cloudfront: Any) -> None:
    legacy = {"QueryString": True, "Cookies": {"Forward": "none"}}
    default = {**behavior(ForwardedValues=legacy), "CachePolicyId": ""}

    found = read(cloudfront, make(cloudfront, DefaultCacheBehavior=default))

    assert found["DefaultCacheBehavior"]["ForwardedValues"]["QueryString"] is True
    assert found["DefaultCacheBehavior"]["DefaultTTL"] == 86400


def test_every_setting_comes_back_as_sent(clients: Clients, cloudfront: Any, domain: str) -> None:
    certificate = issued(clients, domain)
    settings = {
        "Aliases": items(domain, f"www.{domain}"),
        "CacheBehaviors": items(
            {"PathPattern": "/b/*", **behavior(Compress=True)},
            {"PathPattern": "/a/*", **behavior(TargetOriginId="group")},
        ),
        "CustomErrorResponses": items({"ErrorCode": 503, "ErrorCachingMinTTL": 0}),
        "HttpVersion": "http2and3",
        "IsIPV6Enabled": False,
        "OriginGroups": items(
            {
                "Id": "group",
                "FailoverCriteria": {"StatusCodes": items(502, 503)},
                "Members": items({"OriginId": "main"}, {"OriginId": "main"}),
            }
        ),
        "PriceClass": "PriceClass_100",
        "Restrictions": {"GeoRestriction": {"RestrictionType": "blacklist", **items("KP")}},
    }

    found = read(
        cloudfront,
        make(
            cloudfront,
            **settings,
            ViewerCertificate={
                "ACMCertificateArn": certificate,
                "SSLSupportMethod": "sni-only",
                "MinimumProtocolVersion": "TLSv1.2_2021",
            },
        ),
    )

    same = {key: found[key] for key in settings if key != "CacheBehaviors"}
    assert same == {key: value for key, value in settings.items() if key != "CacheBehaviors"}
    assert [item["PathPattern"] for item in found["CacheBehaviors"]["Items"]] == ["/b/*", "/a/*"]
    assert found["ViewerCertificate"] == {
        "CloudFrontDefaultCertificate": False,
        "ACMCertificateArn": certificate,
        "SSLSupportMethod": "sni-only",
        "MinimumProtocolVersion": "TLSv1.2_2021",
        "Certificate": certificate,
        "CertificateSource": "acm",
    }


def test_an_alias_belongs_to_one_distribution_in_the_world(
    clients: Clients, cloudfront: Any, domain: str
) -> None:
    viewer = {"ACMCertificateArn": issued(clients, domain), "SSLSupportMethod": "sni-only"}
    make(cloudfront, Aliases=items(domain), ViewerCertificate=viewer)
    other = clients("cloudfront", account="219999999999")

    with refused("CNAMEAlreadyExists", 409):
        cloudfront.create_distribution(
            DistributionConfig=config("two", Aliases=items(domain), ViewerCertificate=viewer)
        )
    with refused("InvalidViewerCertificate", 400, "isn't in us-east-1"):
        make(other, Aliases=items(domain), ViewerCertificate=viewer)


def test_an_alias_needs_a_certificate_of_us_east_1_that_covers_it(
    clients: Clients, cloudfront: Any, domain: str
) -> None:
    elsewhere, here = issued(clients, domain, "eu-west-1"), issued(clients, f"x.{domain}")

    def create(arn: str) -> None:
        viewer = {"ACMCertificateArn": arn, "SSLSupportMethod": "sni-only"}
        make(cloudfront, Aliases=items(domain), ViewerCertificate=viewer)

    with refused("InvalidViewerCertificate", 400, "isn't in us-east-1"):
        create(elsewhere)
    with refused("InvalidViewerCertificate", 400, "doesn't cover"):
        create(here)
    with refused("InvalidViewerCertificate", 400, "must attach a trusted certificate"):
        make(cloudfront, Aliases=items(domain))


def test_a_certificate_is_kept_while_a_distribution_uses_it(
    clients: Clients, cloudfront: Any, domain: str
) -> None:
    arn = issued(clients, domain)
    viewer = {"ACMCertificateArn": arn, "SSLSupportMethod": "sni-only"}
    make(cloudfront, Aliases=items(domain), ViewerCertificate=viewer)

    with refused("ResourceInUseException", 400):
        clients("acm", region=HOME).delete_certificate(CertificateArn=arn)


def test_a_distribution_is_disabled_before_it_is_deleted(cloudfront: Any) -> None:
    made = make(cloudfront)
    id_ = made["Distribution"]["Id"]

    with refused("DistributionNotDisabled", 409):
        cloudfront.delete_distribution(Id=id_, IfMatch=made["ETag"])
    settings = {**read(cloudfront, made), "Enabled": False}
    changed = cloudfront.update_distribution(
        Id=id_, IfMatch=made["ETag"], DistributionConfig=settings
    )
    with refused("PreconditionFailed", 412):
        cloudfront.delete_distribution(Id=id_, IfMatch=made["ETag"])
    cloudfront.delete_distribution(Id=id_, IfMatch=changed["ETag"])

    with refused("NoSuchDistribution", 404):
        cloudfront.get_distribution(Id=id_)


def test_an_update_needs_the_present_version(cloudfront: Any) -> None:
    made = make(cloudfront)
    update = {"Id": made["Distribution"]["Id"], "DistributionConfig": read(cloudfront, made)}

    with refused("InvalidIfMatchVersion", 400):
        cloudfront.update_distribution(**update)
    with refused("PreconditionFailed", 412):
        cloudfront.update_distribution(**update, IfMatch="E0")
    with refused("IllegalUpdate", 400):
        changed = {**update["DistributionConfig"], "CallerReference": "other"}
        cloudfront.update_distribution(
            Id=update["Id"], DistributionConfig=changed, IfMatch=made["ETag"]
        )


def test_what_a_distribution_names_has_to_exist(cloudfront: Any) -> None:
    def create(**default: Any) -> None:
        make(cloudfront, DefaultCacheBehavior=behavior(**default))

    with refused("NoSuchOrigin", 404):
        create(TargetOriginId="none")
    with refused("NoSuchCachePolicy", 404):
        create(CachePolicyId="none")
    with refused("NoSuchOriginRequestPolicy", 404):
        create(OriginRequestPolicyId="none")
    with refused("NoSuchResponseHeadersPolicy", 404):
        create(ResponseHeadersPolicyId="none")
    with refused("InvalidFunctionAssociation", 400):
        function = {
            "EventType": "viewer-request",
            "FunctionARN": "arn:aws:cloudfront::1:function/f",
        }
        create(FunctionAssociations=items(function))
    with refused("InvalidArgument", 400, "ForwardedValues cannot be used"):
        create(ForwardedValues={"QueryString": True, "Cookies": {"Forward": "none"}})
    with refused("InvalidArgument", 400, "ForwardedValues is required"):
        create(CachePolicyId="")
    with refused("InvalidWebACLId", 400):
        make(cloudfront, WebACLId="arn:aws:wafv2:us-east-1:1:global/webacl/none/1")


def test_access_logs_need_a_bucket_that_takes_acls(clients: Clients, cloudfront: Any) -> None:
    s3 = clients("s3", region=HOME)
    s3.create_bucket(Bucket="cdn-logs-closed")
    s3.create_bucket(Bucket="cdn-logs-open", ObjectOwnership="BucketOwnerPreferred")

    def create(bucket: str) -> Any:
        logging = {"Enabled": True, "IncludeCookies": False, "Prefix": "", "Bucket": bucket}
        return read(cloudfront, make(cloudfront, Logging=logging))

    with refused("InvalidArgument", 400, "does not enable ACL access"):
        create("cdn-logs-closed.s3.amazonaws.com")
    with refused("InvalidArgument", 400, "does not exist"):
        create("cdn-logs-none.s3.amazonaws.com")
    assert create("cdn-logs-open.s3.amazonaws.com")["Logging"]["Enabled"] is True


def test_tags_are_kept_listed_and_gone_with_the_distribution(cloudfront: Any) -> None:
    tags = {"Items": [{"Key": "team", "Value": "platform"}]}
    made = cloudfront.create_distribution_with_tags(
        DistributionConfigWithTags={
            "DistributionConfig": config("tagged", Enabled=False),
            "Tags": tags,
        }
    )
    arn = made["Distribution"]["ARN"]
    cloudfront.tag_resource(Resource=arn, Tags={"Items": [{"Key": "owner", "Value": "me"}]})
    cloudfront.untag_resource(Resource=arn, TagKeys={"Items": ["team"]})
    left = cloudfront.list_tags_for_resource(Resource=arn)["Tags"]["Items"]
    listed = cloudfront.list_distributions()["DistributionList"]
    cloudfront.delete_distribution(Id=made["Distribution"]["Id"], IfMatch=made["ETag"])

    assert left == [{"Key": "owner", "Value": "me"}]
    assert [item["ARN"] for item in listed["Items"]] == [arn]
    assert cloudfront.list_distributions()["DistributionList"]["Quantity"] == 0
    with refused("NoSuchResource", 404):
        cloudfront.list_tags_for_resource(Resource=arn)


def test_an_invalidation_is_kept_with_its_distribution(cloudfront: Any) -> None:
    id_ = make(cloudfront)["Distribution"]["Id"]
    batch = {"Paths": items("/static/*"), "CallerReference": "now"}

    made = cloudfront.create_invalidation(DistributionId=id_, InvalidationBatch=batch)

    found = cloudfront.get_invalidation(DistributionId=id_, Id=made["Invalidation"]["Id"])
    assert found["Invalidation"]["InvalidationBatch"]["Paths"]["Items"] == ["/static/*"]
