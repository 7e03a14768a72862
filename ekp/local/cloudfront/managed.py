"""The policies that CloudFront brings, by their ids, which are the same in every account."""

from typing import Any

NOTHING: dict[str, Any] = {
    "HeadersConfig": {"HeaderBehavior": "none"},
    "CookiesConfig": {"CookieBehavior": "none"},
    "QueryStringsConfig": {"QueryStringBehavior": "none"},
}
ALL_QUERY_STRINGS: dict[str, Any] = {"QueryStringsConfig": {"QueryStringBehavior": "all"}}
ALL_COOKIES: dict[str, Any] = {"CookiesConfig": {"CookieBehavior": "all"}}


def _named(name: str, **settings: Any) -> dict[str, Any]:
    return {"Name": f"Managed-{name}", "Comment": "", **settings}


def _cached(name: str, ttls: tuple[int, int, int], encodings: tuple[bool, bool]) -> dict[str, Any]:
    shortest, usual, longest = ttls
    gzip, brotli = encodings
    key = {"EnableAcceptEncodingGzip": gzip, "EnableAcceptEncodingBrotli": brotli, **NOTHING}
    return _named(
        name,
        MinTTL=shortest,
        DefaultTTL=usual,
        MaxTTL=longest,
        ParametersInCacheKeyAndForwardedToOrigin=key,
    )


CACHE_POLICIES = {
    "658327ea-f89d-4fab-a63d-7e88639e58f6": _cached(
        "CachingOptimized", (1, 86400, 31536000), (True, True)
    ),
    "b2884449-e4de-46a7-ac36-70bc7f1ddd6d": _cached(
        "CachingOptimizedForUncompressedObjects", (1, 86400, 31536000), (False, False)
    ),
    "4135ea2d-6df8-44a3-9df3-4b5a84be39ad": _cached("CachingDisabled", (0, 0, 0), (False, False)),
    "83da9c7e-98b4-4e11-a168-04f0df8e2c65": _named("UseOriginCacheControlHeaders"),
    "4cc15a8a-d715-48a4-82b8-cc0b614638fe": _named("UseOriginCacheControlHeaders-QueryStrings"),
    "08627262-05a9-4f76-9ded-b50ca2e3a84f": _named("Elemental-MediaPackage"),
    "2e54312d-136d-493c-8eb9-b001f22f67d2": _named("Amplify"),
}
ORIGIN_REQUEST_POLICIES = {
    "216adef6-5c7f-47e4-b989-5492eafa07d3": _named(
        "AllViewer",
        **ALL_COOKIES,
        **ALL_QUERY_STRINGS,
        HeadersConfig={"HeaderBehavior": "allViewer"},
    ),
    "b689b0a8-53d0-40ab-baf2-68738e2966ac": _named(
        "AllViewerExceptHostHeader",
        **ALL_COOKIES,
        **ALL_QUERY_STRINGS,
        HeadersConfig={
            "HeaderBehavior": "allExcept",
            "Headers": {"Quantity": 1, "Items": ["Host"]},
        },
    ),
    "33f36d7e-f396-46d9-90e0-52428a34d9dc": _named("AllViewerAndCloudFrontHeaders-2022-06"),
    "59781a5b-3903-41f3-afcb-af62929ccde1": _named("CORS-CustomOrigin"),
    "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf": _named("CORS-S3Origin"),
    "775133bc-15f2-49f9-abea-afb2e0bf67d2": _named("Elemental-MediaTailor-PersonalizedManifests"),
    "acba4595-bd28-49b8-b9fe-13317c0390fa": _named("UserAgentRefererHeaders"),
    "bf0718e1-ba1e-49d1-88b1-f726733018ae": _named("HostHeaderOnly"),
}
RESPONSE_HEADERS_POLICIES = {
    "60669652-455b-4ae9-85a4-c4c02393f86c": _named("SimpleCORS"),
    "5cc3b908-e619-4b99-88e5-2cf7f45965bd": _named("CORS-With-Preflight"),
    "67f7725c-6f97-4210-82d7-5512b31e9d03": _named("SecurityHeadersPolicy"),
    "e61eb60c-9c35-4d20-a928-2b84e02af89c": _named("CORS-and-SecurityHeadersPolicy"),
    "eaab4381-ed33-4a86-88ca-d9558dc6cd63": _named("CORS-with-preflight-and-SecurityHeadersPolicy"),
}
