"""DNSSEC: key-signing keys made from KMS keys, and the signing of a zone."""

import re

from cryptography.hazmat.primitives import serialization
from moto.core.utils import utcnow
from moto.kms.models import Key, kms_backends
from moto.route53.exceptions import HostedZoneNotEmpty, InvalidInput, Route53ClientError
from moto.route53.models import FakeZone

from ..documents import allows
from .names import written
from .signing_key import KeySigningKey
from .zones import Zones

SERVICE = ("dnssec-route53.amazonaws.com",)
ACTIONS = ("kms:DescribeKey", "kms:GetPublicKey", "kms:Sign")
KEY_ARN = re.compile(r"arn:[\w-]+:kms:us-east-1:(\d{12}):key/(.+)")
NAME = re.compile(r"[a-zA-Z0-9_]{3,128}")
MAX_KEYS = 2
ACTIVE, INACTIVE = "ACTIVE", "INACTIVE"


class Dnssec(Zones):
    """What can be done with key-signing keys and signing."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.keys: dict[str, dict[str, KeySigningKey]] = {}
        self.signing: set[str] = set()

    def keys_of(self, zone_id: str) -> tuple[FakeZone, dict[str, KeySigningKey]]:
        """Give a zone and its keys by name."""
        zone = self.get_hosted_zone(zone_id)
        return zone, self.keys.setdefault(zone.resource_id, {})

    def key_signing_key(self, zone_id: str, name: str) -> KeySigningKey:
        """Give a key by zone and name."""
        _, keys = self.keys_of(zone_id)
        if name not in keys:
            raise _refuse(
                "NoSuchKeySigningKey", "The specified key-signing key (KSK) doesn't exist."
            )
        return keys[name]

    def create_key_signing_key(
        self, zone_id: str, name: str, kms_arn: str, status: str, caller_reference: str
    ) -> KeySigningKey:
        """Make a key-signing key from a KMS key that Route53 may use."""
        zone, keys = self.keys_of(zone_id)
        if zone.private_zone:
            raise InvalidInput("DNSSEC is not supported for private hosted zones.")
        if not NAME.fullmatch(name):
            raise _refuse(
                "InvalidKeySigningKeyName", f"The key-signing key name {name} is invalid."
            )
        if name in keys:
            raise _refuse(
                "KeySigningKeyAlreadyExists",
                "You've already created a key-signing key (KSK) with this name or with the same "
                "customer managed key ARN.",
            )
        if len(keys) == MAX_KEYS:
            raise _refuse(
                "TooManyKeySigningKeys", "You've reached the limit for the number of KSKs."
            )
        point = _point(_kms_key(kms_arn))
        key = KeySigningKey(written(zone.name), name, kms_arn, point, status, caller_reference)
        keys[name] = key
        return key

    def set_key_status(self, zone_id: str, name: str, status: str) -> None:
        """Activate or deactivate a key; a signed zone keeps an active one."""
        key = self.key_signing_key(zone_id, name)
        zone, keys = self.keys_of(zone_id)
        others = [item for item in keys.values() if item.status == ACTIVE and item is not key]
        if status == INACTIVE and zone.resource_id in self.signing and not others:
            raise _refuse(
                "KeySigningKeyInUse",
                "The key-signing key (KSK) that you specified can't be deactivated because it's "
                "the only KSK for a currently-enabled DNSSEC. Disable DNSSEC signing, or add or "
                "enable another KSK.",
            )
        key.status, key.last_modified_date = status, utcnow()

    def delete_key_signing_key(self, zone_id: str, name: str) -> None:
        """Delete a key that is inactive."""
        key = self.key_signing_key(zone_id, name)
        if key.status != INACTIVE:
            raise _refuse(
                "InvalidKeySigningKeyStatus",
                f"Key Signing Key with name {name} cannot be deleted because current status is not "
                "INACTIVE.",
            )
        del self.keys_of(zone_id)[1][name]

    def enable_dnssec(self, zone_id: str) -> None:
        """Sign a zone that has an active key."""
        zone, keys = self.keys_of(zone_id)
        if not any(key.status == ACTIVE for key in keys.values()):
            raise _refuse(
                "KeySigningKeyWithActiveStatusNotFound",
                f"Hosted zone with ID '{zone.resource_id}' does not have a Key Signing Key in "
                "ACTIVE status.",
            )
        self.signing.add(zone.resource_id)

    def disable_dnssec(self, zone_id: str) -> None:
        """Sign a zone no more."""
        zone, _ = self.keys_of(zone_id)
        if zone.resource_id not in self.signing:
            raise _refuse("DNSSECNotFound", "The hosted zone doesn't have any DNSSEC resources.")
        self.signing.discard(zone.resource_id)

    def delete_hosted_zone(self, id_: str) -> FakeZone | None:
        """Delete a zone that has no keys."""
        zone, keys = self.keys_of(id_)
        if keys:
            error = HostedZoneNotEmpty()
            error.message = (
                "The specified hosted zone contains DNSSEC Key Signing Keys and so cannot be "
                "deleted."
            )
            raise error
        deleted = super().delete_hosted_zone(id_)
        self.keys.pop(zone.resource_id, None)
        return deleted


def _refuse(code: str, message: str) -> Route53ClientError:
    return Route53ClientError(code, message)


def _kms_key(arn: str) -> Key:
    match = KEY_ARN.fullmatch(arn)
    key = kms_backends[match[1]]["us-east-1"].keys.get(match[2]) if match else None
    if key is None:
        raise _refuse("InvalidKMSArn", f"The CMK with ARN '{arn}' is not a key in us-east-1.")
    if (key.key_spec, key.key_usage) != ("ECC_NIST_P256", "SIGN_VERIFY"):
        raise _refuse(
            "InvalidKMSArn",
            f"The CMK with ARN '{arn}' must have the key spec ECC_NIST_P256 and the key usage "
            "SIGN_VERIFY.",
        )
    if not key.enabled or not allows(key.policy, SERVICE, ACTIONS):
        raise _refuse(
            "InvalidKMSArn",
            f"The CMK with ARN '{arn}' did not grant all required permissions for DNSSEC usage. "
            "Please review your key-policy, and verify that you and Route 53 have permissions to "
            "perform the following actions: DescribeKey, GetPublicKey, and Sign.",
        )
    return key


def _point(key: Key) -> bytes:
    encoded = key.private_key.public_key()
    public = serialization.load_der_public_key(encoded)
    return public.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )[1:]
