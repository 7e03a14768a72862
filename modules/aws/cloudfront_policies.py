"""What a distribution does to requests and answers on their way."""

from typing import Any

from cdktf_cdktf_provider_aws.cloudfront_cache_policy import (
    CloudfrontCachePolicy,
    CloudfrontCachePolicyParametersInCacheKeyAndForwardedToOrigin,
    CloudfrontCachePolicyParametersInCacheKeyAndForwardedToOriginCookiesConfig,
    CloudfrontCachePolicyParametersInCacheKeyAndForwardedToOriginHeadersConfig,
    CloudfrontCachePolicyParametersInCacheKeyAndForwardedToOriginHeadersConfigHeaders,
    CloudfrontCachePolicyParametersInCacheKeyAndForwardedToOriginQueryStringsConfig,
)
from cdktf_cdktf_provider_aws.cloudfront_function import CloudfrontFunction
from cdktf_cdktf_provider_aws.cloudfront_origin_request_policy import (
    CloudfrontOriginRequestPolicy,
    CloudfrontOriginRequestPolicyCookiesConfig,
    CloudfrontOriginRequestPolicyHeadersConfig,
    CloudfrontOriginRequestPolicyHeadersConfigHeaders,
    CloudfrontOriginRequestPolicyQueryStringsConfig,
)
from cdktf_cdktf_provider_aws.cloudfront_response_headers_policy import (
    CloudfrontResponseHeadersPolicy,
    CloudfrontResponseHeadersPolicySecurityHeadersConfig,
    CloudfrontResponseHeadersPolicySecurityHeadersConfigContentTypeOptions,
    CloudfrontResponseHeadersPolicySecurityHeadersConfigFrameOptions,
    CloudfrontResponseHeadersPolicySecurityHeadersConfigReferrerPolicy,
    CloudfrontResponseHeadersPolicySecurityHeadersConfigStrictTransportSecurity,
)
from constructs import Construct
from pydantic import Field

from ..core.cloudfront import CLIENT_ADDRESS_HEADER
from ..core.config import Config
from ..core.context import Context

# Assigned, never added: what a client sent under that name is gone.
FUNCTION = f"""\
function handler(event) {{
  var request = event.request;
  request.headers['{CLIENT_ADDRESS_HEADER}'] = {{ value: event.viewer.ip }};
  return request;
}}
"""
DAY = 86_400


class SecurityHeadersConfig(Config):
    """Settings of the headers that tell browsers to be careful."""

    hsts_seconds: int = Field(default=365 * DAY, ge=300)
    """How long a browser insists on TLS; below a year, preload lists refuse the domain."""
    hsts_preload: bool = False
    """Consent to be built into browsers, which takes months to undo."""


class CloudfrontPolicies(Construct):
    """Security headers, the caller's address, and how static paths are cached."""

    def __init__(
        self, scope: Construct, id_: str, *, ctx: Context, config: SecurityHeadersConfig
    ) -> None:
        super().__init__(scope, id_)
        self.function_arn = CloudfrontFunction(
            self,
            "client-address",
            name=ctx.name("client-address"),
            comment=f"Writes the caller's address to {CLIENT_ADDRESS_HEADER}",
            runtime="cloudfront-js-2.0",
            code=FUNCTION,
            publish=True,
        ).arn
        self.response_headers_id = self._security_headers(ctx, config)
        self.static_cache_id = self._static_cache(ctx)
        self.static_request_id = CloudfrontOriginRequestPolicy(
            self,
            "static-request",
            name=ctx.name("static"),
            # Cookies stay away, so that nobody's page is kept for everybody.
            cookies_config=CloudfrontOriginRequestPolicyCookiesConfig(cookie_behavior="none"),
            headers_config=CloudfrontOriginRequestPolicyHeadersConfig(
                header_behavior="whitelist",
                headers=CloudfrontOriginRequestPolicyHeadersConfigHeaders(
                    items=[CLIENT_ADDRESS_HEADER]
                ),
            ),
            query_strings_config=CloudfrontOriginRequestPolicyQueryStringsConfig(
                query_string_behavior="all"
            ),
        ).id

    def _security_headers(self, ctx: Context, config: SecurityHeadersConfig) -> str:
        own = CloudfrontResponseHeadersPolicySecurityHeadersConfigFrameOptions
        return CloudfrontResponseHeadersPolicy(
            self,
            "security-headers",
            name=ctx.name("security-headers"),
            security_headers_config=CloudfrontResponseHeadersPolicySecurityHeadersConfig(
                strict_transport_security=(
                    CloudfrontResponseHeadersPolicySecurityHeadersConfigStrictTransportSecurity(
                        access_control_max_age_sec=config.hsts_seconds,
                        include_subdomains=True,
                        preload=config.hsts_preload,
                        override=True,
                    )
                ),
                content_type_options=(
                    CloudfrontResponseHeadersPolicySecurityHeadersConfigContentTypeOptions(
                        override=True
                    )
                ),
                # A service may know better whom it may be framed by, and whom to tell.
                frame_options=own(frame_option="DENY", override=False),
                referrer_policy=CloudfrontResponseHeadersPolicySecurityHeadersConfigReferrerPolicy(
                    referrer_policy="strict-origin-when-cross-origin", override=False
                ),
            ),
        ).id

    def _static_cache(self, ctx: Context) -> str:
        # All hosts share the distribution: without Host in the key one would get another's files.
        headers = CloudfrontCachePolicyParametersInCacheKeyAndForwardedToOriginHeadersConfigHeaders
        key: dict[str, Any] = {
            "cookies_config": (
                CloudfrontCachePolicyParametersInCacheKeyAndForwardedToOriginCookiesConfig(
                    cookie_behavior="none"
                )
            ),
            "headers_config": (
                CloudfrontCachePolicyParametersInCacheKeyAndForwardedToOriginHeadersConfig(
                    header_behavior="whitelist", headers=headers(items=["Host"])
                )
            ),
            "query_strings_config": (
                CloudfrontCachePolicyParametersInCacheKeyAndForwardedToOriginQueryStringsConfig(
                    query_string_behavior="all"
                )
            ),
        }
        return CloudfrontCachePolicy(
            self,
            "static-cache",
            name=ctx.name("static"),
            min_ttl=1,
            default_ttl=DAY,
            max_ttl=365 * DAY,
            parameters_in_cache_key_and_forwarded_to_origin=(
                CloudfrontCachePolicyParametersInCacheKeyAndForwardedToOrigin(
                    enable_accept_encoding_brotli=True, enable_accept_encoding_gzip=True, **key
                )
            ),
        ).id
