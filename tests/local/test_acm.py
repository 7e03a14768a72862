"""The records that prove a domain to the certificate manager."""

from typing import Any

from .conftest import Clients
from .edge import HOME, issued

DOMAIN = "shop.example.com"


def records(acm: Any, *names: str) -> dict[str, dict[str, str]]:
    """Request a certificate, and give the record that each of its names asks for."""
    arn = acm.request_certificate(
        DomainName=names[0], SubjectAlternativeNames=list(names), ValidationMethod="DNS"
    )["CertificateArn"]
    options = acm.describe_certificate(CertificateArn=arn)["Certificate"]["DomainValidationOptions"]
    return {option["DomainName"]: option["ResourceRecord"] for option in options}


def test_a_domain_and_its_wildcard_share_one_record_in_all_regions(clients: Clients) -> None:
    found = records(clients("acm"), DOMAIN, f"*.{DOMAIN}", f"origin.{DOMAIN}")
    elsewhere = records(clients("acm", region=HOME), DOMAIN)

    assert list(found) == [DOMAIN, f"*.{DOMAIN}", f"origin.{DOMAIN}"]
    assert found[DOMAIN] == found[f"*.{DOMAIN}"] == elsewhere[DOMAIN]
    assert found[DOMAIN]["Name"].endswith(f".{DOMAIN}.")
    assert found[DOMAIN]["Value"].endswith(".acm-validations.aws.")


def test_every_domain_and_every_account_has_a_record_of_its_own(clients: Clients) -> None:
    found = records(clients("acm"), DOMAIN, f"origin.{DOMAIN}")
    other = records(clients("acm", account="999999999999"), DOMAIN)

    asked = [found[DOMAIN], found[f"origin.{DOMAIN}"], other[DOMAIN]]
    for part in ("Name", "Value"):
        assert len({record[part].partition(".")[0] for record in asked}) == len(asked)


def test_the_record_of_one_account_proves_nothing_to_another(clients: Clients) -> None:
    issued(clients, DOMAIN)
    acm = clients("acm", account="999999999998")

    records(acm, DOMAIN)

    (summary,) = acm.list_certificates()["CertificateSummaryList"]
    assert summary["Status"] == "PENDING_VALIDATION"
