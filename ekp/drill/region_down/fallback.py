"""What users see until DNS has left a lost region."""

from ekp.configured.environment import Configured
from ekp.configured.reading import Resource, every
from ekp.drill.report import Check, failed, holds
from ekp.evaluate.blocks import blocks
from ekp.traffic.distributions import ordered_behaviors

# What CloudFront answers where it reaches no origin, gets nothing in time, or the load balancer
# has no target. Source: CloudFront developer guide, "Troubleshooting error responses from your
# origin".
CODES = (502, 503, 504)
MUST = "Until DNS has left it, users see a page instead of a bare error."


def check(configured: Configured) -> Check:
    """Return whether errors of a lost region become the page of last resort."""
    found = every(configured.stacks, "aws_cloudfront_distribution")
    if not found:
        return failed(
            MUST,
            "No distribution is in front: a browser says that it cannot connect.",
            configured.environment,
            remedy="Set `edge.front` to cloudfront.",
        )
    wrong, told = [], []
    for one in found:
        pages = {
            int(each["error_code"]): str(each.get("response_page_path") or "")
            for each in blocks(one.body, "custom_error_response")
        }
        bare = [str(code) for code in CODES if not pages.get(code)]
        if bare:
            wrong.append(f"{one.label} passes {', '.join(bare)} on as they are.")
        for page in sorted({pages[code] for code in CODES if pages.get(code)}):
            bucket = _bucket(configured, one, page)
            if bucket is None:
                wrong.append(f"{page} of {one.label} comes from the regions themselves.")
            else:
                told.append(
                    f"{one.label} answers {', '.join(map(str, CODES))} with {page} of bucket "
                    f"{bucket.label} in {home(bucket)}; while that bucket cannot be read "
                    "either, and no edge has the page, the bare error is left."
                )
    return holds(
        not wrong,
        MUST,
        " ".join(wrong or told),
        [one.path for one in found],
        remedy="Let `edge.distribution` make the page: its custom_error_response for "
        f"{', '.join(map(str, CODES))} leads to the bucket of last resort.",
    )


def home(found: Resource) -> str:
    """Return the AWS region that a resource is made in."""
    alias = str(found.body.get("provider") or "aws").partition(".")[2]
    providers = found.stack.configuration.get("provider", {}).get("aws", [])
    for provider in providers if isinstance(providers, list) else [providers]:
        if str(provider.get("alias") or "") == alias:
            return str(found.body.get("region") or provider.get("region"))
    return found.stack.region


def _bucket(configured: Configured, distribution: Resource, page: str) -> Resource | None:
    """Return the bucket that a page is read from; None: another origin has it."""
    wanted = ""
    for _, behavior in ordered_behaviors(distribution.body):
        pattern = str(behavior.get("path_pattern", "*"))
        if pattern == "*" or page.startswith(pattern.rstrip("*")):
            wanted = str(behavior.get("target_origin_id"))
            break
    for origin in blocks(distribution.body, "origin"):
        if origin["origin_id"] == wanted:
            found = configured.reader.referred(distribution.stack, origin["domain_name"])
            return found if found and found.address.startswith("aws_s3_bucket.") else None
    return None
