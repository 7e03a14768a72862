"""Corrections of moto's ACM: certificates are issued by their DNS records, and kept while used."""

from collections.abc import Iterator
from typing import Any

from moto.acm.models import AWSCertificateManagerBackend, CertBundle
from moto.cloudfront.models import cloudfront_backends
from moto.core.exceptions import AWSError
from moto.elbv2.models import elbv2_backends
from moto.route53.models import route53_backends

from .route53.names import written

PENDING, ISSUED = "PENDING_VALIDATION", "ISSUED"


def install() -> None:
    """Correct the state and the deletion of certificates; a second call changes nothing."""
    CertBundle.check = _check  # type: ignore[method-assign] # no other hook
    AWSCertificateManagerBackend.delete_certificate = _delete_certificate  # type: ignore[method-assign] # the same


_moto_check = CertBundle.check
_moto_delete_certificate = AWSCertificateManagerBackend.delete_certificate


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
