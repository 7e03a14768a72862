"""The errors of the WAF API that moto lacks or names otherwise."""

from moto.wafv2.exceptions import WAFv2ClientError


def invalid(reason: str, field: str, parameter: str) -> WAFv2ClientError:
    """Refuse a parameter the way WAF writes it."""
    return WAFv2ClientError(
        "WAFInvalidParameterException",
        f"Error reason: {reason}, field: {field}, parameter: {parameter}",
    )


def in_use() -> WAFv2ClientError:
    """Refuse to delete what is used."""
    return WAFv2ClientError(
        "WAFAssociatedItemException",
        "AWS WAF couldn\u2019t perform the operation because your resource is being used by "
        "another resource or it\u2019s associated with another resource.",
    )


def duplicate() -> WAFv2ClientError:
    """Refuse a name that is taken."""
    return WAFv2ClientError(
        "WAFDuplicateItemException",
        "AWS WAF couldn\u2019t perform the operation because some resource in your request is a "
        "duplicate of an existing one.",
    )


def unavailable() -> WAFv2ClientError:
    """Refuse a resource that WAF does not find."""
    return WAFv2ClientError(
        "WAFUnavailableEntityException",
        "AWS WAF couldn\u2019t retrieve the resource that you requested. Retry your request.",
    )
