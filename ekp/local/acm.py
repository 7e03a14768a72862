"""Corrections of moto's ACM: certificates are issued by their DNS records, and kept while used."""

import hashlib
from collections.abc import Iterator
from typing import Any

from moto.acm.models import AWSCertificateManagerBackend, CertBundle
from moto.cloudfront.models import cloudfront_backends
from moto.core.exceptions import AWSError
from moto.elbv2.models import elbv2_backends
from moto.route53.models import route53_backends

from .route53.names import written

PENDING, ISSUED = "PENDING_VALIDATION", "ISSUED"
VALIDATIONS = "acm-validations.aws."


def install() -> None:
    """Correct records, state and deletion of certificates; a second call changes nothing."""
    CertBundle.describe = _describe  # type: ignore[method-assign] # no other hook
    CertBundle.check = _check  # type: ignore[method-assign] # the same
    AWSCertificateManagerBackend.delete_certificate = _delete_certificate  # type: ignore[method-assign] # the same


_moto_describe = CertBundle.describe
_moto_check = CertBundle.check
_moto_delete_certificate = AWSCertificateManagerBackend.delete_certificate


def _describe(self: CertBundle) -> dict[str, Any]:
    # moto has one record for all accounts, so a record in one account proves the domain in all.
    described = _moto_describe(self)
    options = described["Certificate"].get("DomainValidationOptions", [])
    account = self.arn.split(":")[4]
    for option in options:
        option["ResourceRecord"] = _validation(account, option["DomainName"])
    # moto's order is that of a set, which differs from run to run.
    options.sort(
        key=lambda option: (option["DomainName"] != self.common_name, option["DomainName"])
    )
    return described


def _validation(account: str, name: str) -> dict[str, str]:
    """Give the record that proves a name: it depends on account and domain alone.

    All regions share it, and so do a domain and its wildcard.
    Source: ACM user guide, "DNS validation".
    """
    domain = name.removeprefix("*.").lower()
    token = hashlib.sha256(f"{account} {domain}".encode()).hexdigest()
    return {
        "Name": f"_{token[:32]}.{domain}.",
        "Type": "CNAME",
        "Value": f"_{token[32:]}.{VALIDATIONS}",
    }


def _check(self: CertBundle) -> None:
    # moto looks at the clock alone, so the provider waits a minute for what DNS proves at once.
    _moto_check(self)
    if self.status == PENDING and set(_wanted(self)) <= set(_present()):
        self.status = ISSUED


def _wanted(certificate: CertBundle) -> Iterator[tuple[str, str]]:
    for option in certificate.describe()["Certificate"]["DomainValidationOptions"]:
        record = option["ResourceRecord"]
        yield written(record["Name"]), written(record["Value"])


def _present() -> Iterator[tuple[str, str]]:
    """Give the CNAME records of all zones: a name may lie in another account's."""
    for partitions in list(route53_backends.values()):
        for backend in list(partitions.values()):
            for zone in list(backend.zones.values()):
                for record in list(zone.rrsets):
                    if record.type == "CNAME":
                        for value in record.records:
                            yield written(record.name), written(value)


def _delete_certificate(self: AWSCertificateManagerBackend, arn: str) -> None:
    # Terraform has to replace a certificate before it deletes the old one; moto hides the mistake.
    if arn in self._certificates and arn in set(_used(self.account_id, self.region_name)):
        raise AWSError(
            f"Certificate {arn} in account {self.account_id} is in use.",
            exception_type="ResourceInUseException",
        )
    _moto_delete_certificate(self, arn)


def _used(account: str, region: str) -> Iterator[Any]:
    for balancer in elbv2_backends[account][region].load_balancers.values():
        for listener in balancer.listeners.values():
            yield from listener.certificates or []
    for backend in list(cloudfront_backends[account].values()):
        distributions: dict[str, Any] = backend.distributions
        for distribution in distributions.values():
            yield distribution.distribution_config["ViewerCertificate"].get("ACMCertificateArn")
