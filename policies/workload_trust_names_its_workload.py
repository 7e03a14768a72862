"""EKP_IAM_1: a role of a workload is for that workload: one service account of one cluster.

Without ``sub`` any pod of the cluster has the role, without ``aud`` a token made for another
audience has it; without its tags, any pod that anybody in the account associates with it.
"""

from collections.abc import Iterator, Mapping

from policies.checks import Entity, Everything, Verdict, stack_check
from policies.iam_documents import Statement, allowed

AUDIENCE = "sts.amazonaws.com"
# What Pod Identity tags a session with. Source: EKS user guide, "Grant pods access to AWS
# resources based on tags". A cluster's name is another region's too; its ARN is not.
POD_TAGS = (
    "aws:requesttag/eks-cluster-arn",
    "aws:requesttag/kubernetes-namespace",
    "aws:requesttag/kubernetes-service-account",
)


@stack_check(
    "EKP_IAM_1",
    "Ensure a workload's role trusts one service account of one cluster",
    "aws_iam_role",
)
def workload_trust_names_its_workload(role: Entity, everything: Everything) -> Verdict:
    """Fail trust in a web identity or Pod Identity that is not bound, and trust in everybody.

    Roles of AWS services and of people are not judged; nor is a document that a plan does not know.
    """
    statements = allowed(role.body.get("assume_role_policy"), everything)
    verdicts = [found for one in statements or () for found in _verdicts(one)]
    return all(verdicts) if verdicts else None


def _verdicts(statement: Statement) -> Iterator[bool]:
    if statement.inverted or any("*" in name for name in _names(statement)):
        yield False
    exact = _exact(statement)
    if "Federated" in statement.principals and statement.allows("sts:AssumeRoleWithWebIdentity"):
        subjects = {_issuer(key) for key in exact if key.endswith(":sub")}
        audiences = {
            _issuer(key)
            for key, values in exact.items()
            if key.endswith(":aud") and set(values) == {AUDIENCE}
        }
        yield bool((subjects & audiences) - {""})
    if "pods.eks.amazonaws.com" in statement.principals.get("Service", ()):
        yield all(key in exact for key in POD_TAGS)


def _names(statement: Statement) -> Iterator[str]:
    for names in statement.principals.values():
        yield from names


def _exact(statement: Statement) -> Mapping[str, tuple[str, ...]]:
    """Return the keys that must be there, with the only values they may have.

    Other operators hold where the key is missing (``IfExists``, ``ForAllValues``) or for more than
    what is written (``StringLike``).
    """
    return {
        one.key: one.values
        for one in statement.conditions
        if one.operator == "StringEquals"
        and one.values
        and not any(not value or "*" in value or "?" in value for value in one.values)
    }


def _issuer(key: str) -> str:
    return key.rpartition(":")[0]
