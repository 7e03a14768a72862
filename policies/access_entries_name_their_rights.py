"""EKP_EKS_4: who administers a cluster by an access entry is who deploys it, or breaks the glass.

Everybody else is in groups that bindings in the cluster speak of, or has a policy that gives no
rights to give rights.
"""

from policies.accounts import assumed_roles
from policies.checks import Entity, Everything, Verdict, listed, stack_check
from policies.links import blocks

# Source: EKS user guide, "Review access policy permissions".
ADMINISTRATORS = ("AmazonEKSClusterAdminPolicy", "AmazonEKSAdminPolicy")
KUBERNETES = "system:"


@stack_check(
    "EKP_EKS_4",
    "Ensure a cluster is administered by the roles that deploy it and break the glass alone",
    "aws_eks_access_entry",
    "aws_eks_access_policy_association",
)
def access_entries_name_their_rights(one: Entity, everything: Everything) -> Verdict:
    """Fail Kubernetes' own groups, and an administrator of the whole cluster that nobody promised.

    Who may be one stands in the stack's promises. A plan does not have them, so that there the
    groups alone are judged.
    """
    if one.kind == "aws_eks_access_entry":
        groups = listed(one.body.get("kubernetes_groups"))
        return not any(str(group).startswith(KUBERNETES) for group in groups)
    policy = str(one.body.get("policy_arn")).rpartition("/")[2]
    scopes = blocks(one.body.get("access_scope"))
    namespaced = bool(scopes) and all(scope.get("type") == "namespace" for scope in scopes)
    if policy not in ADMINISTRATORS or namespaced:
        return True
    if not everything.of("stack"):
        return None
    return str(one.body.get("principal_arn")) in _administrators(everything)


def _administrators(everything: Everything) -> set[str]:
    deployers = {
        arn
        for provider in everything.of("provider.aws")
        if not provider.name
        for arn in assumed_roles(provider)
    }
    return deployers | {str(arn) for arn in listed(everything.promises.get("administrators"))}
