"""What CloudFront adds to a distribution's settings when it gives them back."""

from copy import deepcopy
from typing import Any

from .errors import items_of

NONE: dict[str, Any] = {"Quantity": 0}
NO_SIGNERS: dict[str, Any] = {"Enabled": False, "Quantity": 0}
READ_METHODS: dict[str, Any] = {"Quantity": 2, "Items": ["HEAD", "GET"]}

DISTRIBUTION: dict[str, Any] = {
    "Aliases": NONE,
    "DefaultRootObject": "",
    "OriginGroups": NONE,
    "CacheBehaviors": NONE,
    "CustomErrorResponses": NONE,
    "Logging": {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""},
    "PriceClass": "PriceClass_All",
    "ViewerCertificate": {"CloudFrontDefaultCertificate": True},
    "Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}},
    "WebACLId": "",
    "HttpVersion": "http2",
    "IsIPV6Enabled": True,
    "ContinuousDeploymentPolicyId": "",
    "Staging": False,
}
ORIGIN: dict[str, Any] = {
    "OriginPath": "",
    "CustomHeaders": NONE,
    "ConnectionAttempts": 3,
    "ConnectionTimeout": 10,
    "OriginShield": {"Enabled": False},
    "OriginAccessControlId": "",
}
TIMEOUTS: dict[str, Any] = {"OriginReadTimeout": 30, "OriginKeepaliveTimeout": 5}
BEHAVIOR: dict[str, Any] = {
    "TrustedSigners": NO_SIGNERS,
    "TrustedKeyGroups": NO_SIGNERS,
    "AllowedMethods": READ_METHODS,
    "SmoothStreaming": False,
    "Compress": False,
    "LambdaFunctionAssociations": NONE,
    "FunctionAssociations": NONE,
    "FieldLevelEncryptionId": "",
    "GrpcConfig": {"Enabled": False},
}
# Only a behaviour that names no cache policy has these.
LEGACY_TTLS: dict[str, Any] = {"MinTTL": 0, "DefaultTTL": 86400, "MaxTTL": 31536000}


def over(given: dict[str, Any] | None, defaults: dict[str, Any]) -> dict[str, Any]:
    """Put what was given over the defaults; an empty text counts as given."""
    kept = {key: value for key, value in (given or {}).items() if value is not None}
    return {**deepcopy(defaults), **kept}


def filled(sent: dict[str, Any]) -> dict[str, Any]:
    """Give the settings that CloudFront gives back for those that were sent."""
    config = over(sent, DISTRIBUTION)
    config["Logging"] = over(config["Logging"], DISTRIBUTION["Logging"])
    config["ViewerCertificate"] = _certificate(config["ViewerCertificate"])
    config["Origins"] = _each(config["Origins"], _origin)
    config["DefaultCacheBehavior"] = _behavior(config["DefaultCacheBehavior"])
    config["CacheBehaviors"] = _each(config["CacheBehaviors"], _behavior)
    for name in ("Aliases", "OriginGroups", "CustomErrorResponses"):
        config[name] = counted(config[name])
    restriction = config["Restrictions"]["GeoRestriction"]
    config["Restrictions"] = {"GeoRestriction": counted(restriction)}
    return config


def counted(part: dict[str, Any]) -> dict[str, Any]:
    """Give a list in CloudFront's shape: its length, and its items unless there are none."""
    items = items_of(part)
    rest = {key: value for key, value in part.items() if key not in ("Items", "Quantity")}
    return {**rest, "Quantity": len(items), **({"Items": items} if items else {})}


def _each(part: dict[str, Any], change: Any) -> dict[str, Any]:
    return counted({**part, "Items": [change(item) for item in items_of(part)]})


def _origin(sent: dict[str, Any]) -> dict[str, Any]:
    origin = over(sent, ORIGIN)
    origin["CustomHeaders"] = counted(origin["CustomHeaders"])
    for name in ("CustomOriginConfig", "VpcOriginConfig"):
        if name in origin:
            origin[name] = over(origin[name], TIMEOUTS)
    return origin


def _behavior(sent: dict[str, Any]) -> dict[str, Any]:
    behavior = over(sent, BEHAVIOR)
    methods = over(behavior["AllowedMethods"], {"CachedMethods": READ_METHODS})
    methods["CachedMethods"] = counted(methods["CachedMethods"])
    behavior["AllowedMethods"] = counted(methods)
    for name in ("LambdaFunctionAssociations", "FunctionAssociations"):
        behavior[name] = counted(behavior[name])
    for name in ("TrustedSigners", "TrustedKeyGroups"):
        behavior[name] = counted(over(behavior[name], {"Enabled": False}))
    if behavior.get("ForwardedValues"):
        return over(behavior, LEGACY_TTLS)
    return behavior


def _certificate(sent: dict[str, Any]) -> dict[str, Any]:
    acm, iam = sent.get("ACMCertificateArn"), sent.get("IAMCertificateId")
    if not (acm or iam):
        return {
            "CloudFrontDefaultCertificate": True,
            "SSLSupportMethod": "vip",
            "MinimumProtocolVersion": "TLSv1",
            "CertificateSource": "cloudfront",
        }
    own = {"Certificate": acm or iam, "CertificateSource": "acm" if acm else "iam"}
    named = {key: value for key, value in sent.items() if value not in (None, "")}
    return {"MinimumProtocolVersion": "TLSv1", **named, "CloudFrontDefaultCertificate": False} | own
