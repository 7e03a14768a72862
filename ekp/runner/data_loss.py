"""What a destroy loses for ever: data that no deploy makes anew, and when it is past recovery."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .imports import kind_of

Attributes = Mapping[str, Any]

AT_ONCE = "at once"
# What KMS and Secrets Manager wait where Terraform says nothing.
DAYS = 30


@dataclass(frozen=True)
class Lost:
    """Something that a later deploy makes anew, but empty. ``when`` says how long it may be saved.

    ``what`` is a kind in the plural, ``name`` tells one from the others.
    """

    what: str
    name: str
    when: str


def of(resources: Mapping[str, Attributes]) -> Iterator[Lost]:
    """What is lost with the resources of a state (address -> attributes)."""
    for address, attributes in resources.items():
        tell = KINDS.get(kind_of(address))
        found = tell(attributes) if tell else None
        if found is not None:
            yield found


def _bucket(attributes: Attributes) -> Lost | None:
    # One that is not emptied is refused, and so is the whole destroy.
    if not attributes.get("force_destroy"):
        return None
    return Lost("buckets with all objects", str(attributes.get("bucket")), AT_ONCE)


def _key(attributes: Attributes) -> Lost:
    days = attributes.get("deletion_window_in_days") or DAYS
    name = str(attributes.get("description") or attributes.get("key_id"))
    return Lost(
        "KMS keys, and what they encrypt",
        f"{name} ({attributes.get('key_id')})",
        f"disabled at once; for {days} days `aws kms cancel-key-deletion` brings them back",
    )


def _secret(attributes: Attributes) -> Lost:
    days = attributes.get("recovery_window_in_days")
    days = DAYS if days is None else int(days)
    when = f"for {days} days `aws secretsmanager restore-secret` brings them back"
    return Lost("secrets", str(attributes.get("name")), when if days else AT_ONCE)


def _named(what: str, attribute: str) -> Callable[[Attributes], Lost]:
    return lambda attributes: Lost(what, str(attributes.get(attribute)), AT_ONCE)


# Type -> what is lost with such a resource; None: nothing.
KINDS: Mapping[str, Callable[[Attributes], Lost | None]] = {
    "aws_cloudwatch_log_group": _named("log groups with all logs", "name"),
    "aws_db_instance": _named("databases", "identifier"),
    "aws_kms_key": _key,
    "aws_rds_cluster": _named("databases", "cluster_identifier"),
    "aws_route53_zone": _named("DNS zones: made anew they have other name servers", "name"),
    "aws_s3_bucket": _bucket,
    "aws_secretsmanager_secret": _secret,
}
