"""What the edge stack's distribution is made of: buckets, policies, function, access control."""

from .stack_parts import Resources, plain_http, policy

CLIENT_ADDRESS = """function handler(event) {
  var request = event.request;
  request.headers['true-client-ip'] = {value: event.viewer.ip};
  return request;
}
"""


def logs(*, changed: bool) -> Resources:
    """Give the bucket of the access logs, and the one of the last resort's page."""
    bucket = "${aws_s3_bucket.logs.id}"
    encryption = {"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}
    return {
        "aws_s3_bucket": {
            name: {"bucket": f"edge-{name}", "force_destroy": True} for name in ("logs", "page")
        },
        "aws_s3_bucket_versioning": {
            "page": {
                "bucket": "${aws_s3_bucket.page.id}",
                "versioning_configuration": {"status": "Enabled"},
            }
        },
        "aws_s3_object": {
            "page": {
                # Versioned from the first one on, and not to be asked about without TLS.
                "bucket": "${aws_s3_bucket_versioning.page.bucket}",
                "key": "static/404.html",
                "content": "changed" if changed else "first",
                "content_type": "text/html",
                "depends_on": ["aws_s3_bucket_policy.page"],
            }
        },
        "aws_s3_bucket_ownership_controls": {
            "logs": {"bucket": bucket, "rule": {"object_ownership": "BucketOwnerPreferred"}}
        },
        "aws_s3_bucket_public_access_block": {
            name: {
                "bucket": f"${{aws_s3_bucket.{name}.id}}",
                "block_public_acls": True,
                "block_public_policy": True,
                "ignore_public_acls": True,
                "restrict_public_buckets": True,
            }
            for name in ("logs", "page")
        },
        "aws_s3_bucket_server_side_encryption_configuration": {
            "logs": {"bucket": bucket, "rule": [encryption]}
        },
        "aws_s3_bucket_policy": {
            "page": {
                "bucket": "${aws_s3_bucket.page.id}",
                "policy": policy(
                    plain_http("edge-page"),
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "cloudfront.amazonaws.com"},
                        "Action": "s3:GetObject",
                        "Resource": "arn:aws:s3:::edge-page/*",
                        "Condition": {
                            "StringEquals": {
                                "AWS:SourceArn": "${aws_cloudfront_distribution.main.arn}"
                            }
                        },
                    },
                ),
            }
        },
    }


def policies(*, changed: bool) -> Resources:
    """Give the policies, the function and the access control of the distribution."""
    return {
        "aws_cloudfront_cache_policy": {
            "static": {
                "name": "static",
                "comment": "cached files",
                "min_ttl": 1,
                "default_ttl": 3600,
                "max_ttl": 86400,
                "parameters_in_cache_key_and_forwarded_to_origin": {
                    "enable_accept_encoding_gzip": True,
                    "enable_accept_encoding_brotli": True,
                    "cookies_config": {"cookie_behavior": "none"},
                    "headers_config": {
                        "header_behavior": "whitelist",
                        "headers": {"items": ["Host"]},
                    },
                    "query_strings_config": {
                        "query_string_behavior": "whitelist",
                        "query_strings": {"items": ["v"]},
                    },
                },
            }
        },
        "aws_cloudfront_origin_request_policy": {
            "static": {
                "name": "static",
                "cookies_config": {"cookie_behavior": "whitelist", "cookies": {"items": ["lang"]}},
                "headers_config": {
                    "header_behavior": "whitelist",
                    "headers": {"items": ["Origin", "True-Client-Ip"]},
                },
                "query_strings_config": {"query_string_behavior": "all"},
            }
        },
        "aws_cloudfront_response_headers_policy": {
            "security": {
                "name": "security",
                "security_headers_config": {
                    "content_type_options": {"override": True},
                    "frame_options": {"frame_option": "DENY", "override": True},
                    "referrer_policy": {"referrer_policy": "same-origin", "override": True},
                    "strict_transport_security": {
                        "access_control_max_age_sec": 63072000 if changed else 31536000,
                        "include_subdomains": True,
                        "preload": True,
                        "override": True,
                    },
                },
                "custom_headers_config": {
                    "items": [
                        {"header": "permissions-policy", "value": "camera=()", "override": True}
                    ]
                },
                "remove_headers_config": {"items": [{"header": "server"}]},
            }
        },
        "aws_cloudfront_function": {
            "client": {
                "name": "client-address",
                "runtime": "cloudfront-js-2.0",
                "comment": "overwrites the header",
                "publish": True,
                "code": CLIENT_ADDRESS + ("// changed\n" if changed else ""),
            }
        },
        "aws_cloudfront_origin_access_control": {
            "page": {
                "name": "page",
                "origin_access_control_origin_type": "s3",
                "signing_behavior": "always",
                "signing_protocol": "sigv4",
            }
        },
    }
