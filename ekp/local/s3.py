"""Corrections of moto's S3, each for what Terraform's AWS provider or a test of it sees."""

from typing import Any

from moto.iam.access_control import PermissionResult
from moto.s3.exceptions import AccessDeniedByLock
from moto.s3.models import (
    FakeBucket,
    FakeDeleteMarker,
    FakeKey,
    FakeTableStorageBucket,
    S3Backend,
)

from .documents import allows, effects_on_everyone

NULL_VERSION = "null"
SUSPENDED = "Suspended"
LOG_SERVICE = "logging.s3.amazonaws.com"


def install() -> None:
    """Correct bucket policies, access logs and deletions; a second call changes nothing."""
    FakeBucket.get_permission = _get_permission  # type: ignore[method-assign] # no other hook
    # moto has no public one.
    judge = "_log_permissions_enabled_policy"
    setattr(FakeBucket, judge, staticmethod(_admits_logs))
    S3Backend.delete_object = _delete_object  # type: ignore[method-assign] # the same


_moto_delete_object = S3Backend.delete_object


def _get_permission(self: FakeBucket, action: str, resource: str) -> PermissionResult:
    """Judge a call by the bucket's policy.

    moto refuses where a condition does not hold, so a bucket that wants TLS refuses everyone. Here
    every call counts as made over TLS, as it would be on AWS. Who calls is not known: a statement
    counts when it names everyone.
    """
    if self.policy is None:
        return PermissionResult.NEUTRAL
    known = {
        "aws:securetransport": "true",
        "aws:resourceaccount": self.account_id,
        "s3:resourceaccount": self.account_id,
    }
    # HEAD has no action of its own. Source: S3 API reference, "HeadObject", permissions.
    asked = "s3:GetObject" if action == "s3:HeadObject" else action
    effects = effects_on_everyone(self.policy, asked, resource, known)
    if "Deny" in effects:
        return PermissionResult.DENIED
    return PermissionResult.PERMITTED if "Allow" in effects else PermissionResult.NEUTRAL


def _admits_logs(target_bucket: FakeBucket, target_prefix: str | None) -> bool:
    """Tell whether a bucket's policy lets S3 write other buckets' access logs.

    moto fails at a statement about everyone, and does not see a list of resources.
    """
    if target_bucket.policy is None:
        return False
    key = f"{target_bucket.arn}/{target_prefix or ''}log"
    return allows(target_bucket.policy, [LOG_SERVICE], ["s3:PutObject"], key)


def _delete_object(
    self: S3Backend,
    bucket_name: str,
    key_name: str,
    version_id: str | None = None,
    bypass: bool = False,  # noqa: FBT001, FBT002 - moto's own parameter
) -> tuple[bool, dict[str, Any]]:
    # moto takes a bucket with suspended versions for one that never had any: it deletes them all,
    # and fails at a delete marker. The provider suspends versions before it empties a bucket.
    bucket = self.get_bucket(bucket_name)
    if isinstance(bucket, FakeTableStorageBucket) or bucket.versioning_status != SUSPENDED:
        return _moto_delete_object(self, bucket_name, key_name, version_id, bypass)
    versions = bucket.keys.getlist(key_name, [])
    if not versions:
        return False, {}
    wanted = version_id or NULL_VERSION
    gone = [item for item in versions if item.version_id == wanted]
    if any(isinstance(item, FakeKey) and item.is_locked(governance_bypass=bypass) for item in gone):
        raise AccessDeniedByLock
    kept = [item for item in versions if item.version_id != wanted]
    answer = {"version-id": wanted}
    if version_id is None:
        kept.append(_null_marker(versions[-1]))
        answer["delete-marker"] = "true"
    bucket.keys.setlist(key_name, kept)
    if not kept:
        bucket.keys.pop(key_name)
    return True, answer


def _null_marker(current: FakeKey) -> FakeDeleteMarker:
    marker = FakeDeleteMarker(key=current)
    marker._version_id = NULL_VERSION  # noqa: SLF001 - moto has no other name for it
    return marker
