"""What a service account carries so that its pods get their role."""

from ..aws.workload_identity import WorkloadIdentityOutputs

ANNOTATION = "eks.amazonaws.com/role-arn"


def service_account_annotations(identity: WorkloadIdentityOutputs) -> dict[str, str]:
    """Return the annotation for IRSA; with Pod Identity, EKS knows the pair and there is none."""
    return {ANNOTATION: identity.annotated_role_arn} if identity.annotated_role_arn else {}
