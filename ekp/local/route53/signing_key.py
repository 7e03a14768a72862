"""A key-signing key, with the records that DNS has of it."""

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from moto.core.utils import utcnow

FLAG_OF_KSK, PROTOCOL, ECDSA_P256_SHA256, SHA256 = 257, 3, 13, 2


@dataclass
class KeySigningKey:
    """One key-signing key of a zone, with the records that the parent zone needs."""

    zone: str
    name: str
    kms_arn: str
    point: bytes
    status: str
    caller_reference: str
    created_date: datetime = field(default_factory=utcnow)
    last_modified_date: datetime = field(default_factory=utcnow)

    @property
    def _data(self) -> bytes:
        return FLAG_OF_KSK.to_bytes(2, "big") + bytes([PROTOCOL, ECDSA_P256_SHA256]) + self.point

    @property
    def key_tag(self) -> int:
        """Give the sum over the key that RFC 4034, appendix B, names it by."""
        total = sum(byte << (0 if index % 2 else 8) for index, byte in enumerate(self._data))
        return (total + (total >> 16)) & 0xFFFF

    @property
    def digest_value(self) -> str:
        """Give the hash of the owner's name and the key, RFC 4034, part 5.1.4."""
        labels = self.zone.rstrip(".").split(".")
        owner = b"".join(bytes([len(label)]) + label.encode() for label in labels) + b"\0"
        return hashlib.sha256(owner + self._data).hexdigest().upper()

    @property
    def public_key(self) -> str:
        """Give the key as DNS has it."""
        return base64.b64encode(self.point).decode()

    @property
    def ds_record(self) -> str:
        """Give the record that the parent zone has to hold."""
        return f"{self.key_tag} {ECDSA_P256_SHA256} {SHA256} {self.digest_value}"

    @property
    def dnskey_record(self) -> str:
        """Give the record that the zone itself holds."""
        return f"{FLAG_OF_KSK} {PROTOCOL} {ECDSA_P256_SHA256} {self.public_key}"

    def described(self) -> dict[str, object]:
        """Give it in the API's shape."""
        return {
            "Name": self.name,
            "KmsArn": self.kms_arn,
            "Flag": FLAG_OF_KSK,
            "SigningAlgorithmMnemonic": "ECDSAP256SHA256",
            "SigningAlgorithmType": ECDSA_P256_SHA256,
            "DigestAlgorithmMnemonic": "SHA-256",
            "DigestAlgorithmType": SHA256,
            "KeyTag": self.key_tag,
            "DigestValue": self.digest_value,
            "PublicKey": self.public_key,
            "DSRecord": self.ds_record,
            "DNSKEYRecord": self.dnskey_record,
            "Status": self.status,
            "CreatedDate": self.created_date,
            "LastModifiedDate": self.last_modified_date,
        }
