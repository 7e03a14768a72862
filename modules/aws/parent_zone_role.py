"""The role by which environments of other accounts delegate in the zone above."""

from collections.abc import Sequence

from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from constructs import Construct

from ..core.context import Context
from ..core.iam import allow, document
from .deploy_role import role_path, trust_roles


class ParentZoneRole(Construct):
    """The role ``role_arn``: it may change records of one zone, for those who may take it on."""

    arn: str

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        role_arn: str,
        zone_id: str,
        callers: Sequence[str],
    ) -> None:
        super().__init__(scope, id_)
        path, name = role_path(role_arn)
        role = IamRole(
            self,
            "Resource",
            name=name,
            path=path,
            description="Delegates the environments' zones",
            assume_role_policy=document(*trust_roles(ctx.partition, callers)),
            tags={"Name": name},
        )
        IamRolePolicy(
            self,
            "policy",
            name="delegate",
            role=role.name,
            policy=document(
                allow(
                    "Records",
                    [
                        "route53:ChangeResourceRecordSets",
                        "route53:GetHostedZone",
                        "route53:ListResourceRecordSets",
                    ],
                    [f"arn:{ctx.partition}:route53:::hostedzone/{zone_id}"],
                ),
                # A change that was asked for has an id of Route53's.
                allow(
                    "Changes", ["route53:GetChange"], [f"arn:{ctx.partition}:route53:::change/*"]
                ),
            ),
        )
        self.arn = role.arn
