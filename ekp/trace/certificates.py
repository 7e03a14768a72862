"""Whether a certificate holds for a host, as Terraform asks ACM for it."""

from modules.core.wildcards import covers

from ekp.configured.reading import Reader, Resource
from ekp.runner.stacks import Stack


def certificate(reader: Reader, stack: Stack, arn: object) -> Resource | None:
    """Return the certificate behind an ARN, through the proof that it was issued; None: none."""
    found = reader.referred(stack, arn)
    if found is not None and found.address.startswith("aws_acm_certificate_validation."):
        return reader.referred(found.stack, found.body.get("certificate_arn"))
    return found


def names(found: Resource) -> tuple[str, ...]:
    """Return the names that a certificate holds for."""
    body = found.body
    return (str(body.get("domain_name")), *(body.get("subject_alternative_names") or ()))


def covering(found: Resource, host: str) -> str | None:
    """Return the name of a certificate that holds for a host; a wildcard holds for one label."""
    return next((name for name in names(found) if covers(name, host)), None)
