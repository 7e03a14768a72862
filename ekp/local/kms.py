"""Corrections of moto's KMS, each for a behaviour of Terraform's AWS provider."""

import json

from moto.kms.models import Key
from moto.kms.responses import KmsResponse

# What KMS takes when the request names no period.
DEFAULT_PERIOD_DAYS = 365


def install() -> None:
    """Keep the period of a key's rotation; a second call changes nothing."""
    KmsResponse.enable_key_rotation = _enable_key_rotation  # type: ignore[method-assign] # no other hook
    KmsResponse.get_key_rotation_status = _get_key_rotation_status  # type: ignore[method-assign] # the same


_moto_enable_key_rotation = KmsResponse.enable_key_rotation


def _key(self: KmsResponse) -> Key:
    backend = self.kms_backend
    return backend.keys[backend.get_key_id(self._get_param("KeyId"))]


def _enable_key_rotation(self: KmsResponse) -> str:
    # moto forgets the period, and the provider then plans to set it in every run.
    answer = _moto_enable_key_rotation(self)
    period = self._get_param("RotationPeriodInDays") or DEFAULT_PERIOD_DAYS
    _key(self).rotation_period_days = int(period)  # type: ignore[attr-defined] # the key's only new attribute
    return answer


def _get_key_rotation_status(self: KmsResponse) -> str:
    self._validate_cmk_id(self._get_param("KeyId"))
    key = _key(self)
    if not key.key_rotation_status:
        return json.dumps({"KeyId": key.arn, "KeyRotationEnabled": False})
    period = getattr(key, "rotation_period_days", DEFAULT_PERIOD_DAYS)
    return json.dumps(
        {"KeyId": key.arn, "KeyRotationEnabled": True, "RotationPeriodInDays": period}
    )
