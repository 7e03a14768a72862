"""EKP_LOGS_1: logs are encrypted with a key of ours and kept for a time that somebody chose.

Without a time they are kept, and paid, for ever.
"""

from policies.checks import Entity, Everything, stack_check


@stack_check(
    "EKP_LOGS_1",
    "Ensure a log group has a KMS key and a retention",
    "aws_cloudwatch_log_group",
)
def log_group_is_encrypted_and_kept(group: Entity, _: Everything) -> bool:
    """Fail without a key, and without a retention; AWS reads 0 as never to expire."""
    return bool(group.body.get("kms_key_id")) and _days(group.body.get("retention_in_days")) > 0


def _days(value: object) -> int:
    text = str(value)
    return int(text) if text.isdecimal() else 0
