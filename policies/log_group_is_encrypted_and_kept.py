"""EKP_LOGS_1: logs are encrypted with a key of ours and kept for a month at least, not for ever.

Without a time they are kept, and paid, for ever; after a few days nobody can tell any more what
happened before an incident was noticed.
"""

from policies.checks import Entity, Everything, stack_check

LEAST_DAYS = 30


@stack_check(
    "EKP_LOGS_1",
    "Ensure a log group has a KMS key and is kept for 30 days or more",
    "aws_cloudwatch_log_group",
)
def log_group_is_encrypted_and_kept(group: Entity, _: Everything) -> bool:
    """Fail without a key, and below 30 days; AWS reads 0, or no number, as never to expire."""
    return bool(group.body.get("kms_key_id")) and _is_long(group.body.get("retention_in_days"))


def _is_long(value: object) -> bool:
    text = str(value)
    return text.isdecimal() and int(text) >= LEAST_DAYS
