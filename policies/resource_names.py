"""Whether the ARN in a policy says which resource it means."""

import re

ARN = re.compile(r"arn:([^:]+):([^:]+):[^:]*:([^:]*):(.+)")
# Kinds of load balancers stand between the type and the name.
BALANCERS = ("app", "gwy", "net")
# Their ARNs have a name alone, and what belongs to it behind that.
# Source: AWS service authorization reference, column "ARN" of each service.
WITHOUT_TYPE = ("codecommit", "execute-api", "sns", "sqs")


def is_unnamed(resource: str) -> bool:
    """Tell whether an ARN says no more than the service, or the type: ``role/*`` is every role.

    ``role/shop-*`` is named, and so is everything of a named thing: ``shop-receipts/*``. What an
    expression makes up is named by what it refers to.
    """
    whole = ARN.fullmatch(resource)
    if whole is None:
        # Wildcards reach past colons, so that "arn:aws:s3*" is complete to IAM.
        return re.match(r"[*?]|arn:.*[*?]", resource) is not None
    partition, service, account, name = whole.groups()
    if _is_any(partition) or "*" in service or "?" in service:
        return True
    words = re.split("[:/]", name)
    if service in WITHOUT_TYPE or (service == "s3" and not account):
        return _is_any(words[0])
    if "*" in words[0] or "?" in words[0]:  # it goes on past the type
        return True
    if words[1:2] and words[1] in BALANCERS:
        del words[1]
    return len(words) > 1 and all(_is_any(word) for word in words[1::2])


def _is_any(word: str) -> bool:
    return bool(word) and not word.strip("*?")
