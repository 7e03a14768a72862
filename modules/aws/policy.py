"""A managed IAM policy of the account's own, for what several roles share."""

from cdktf_cdktf_provider_aws.iam_policy import IamPolicy
from constructs import Construct

from ..core.context import Context

# Source: IAM user guide, "IAM and AWS STS quotas", policy name length.
NAME_LIMIT = 128


class Policy(Construct):
    """The policy ``<prefix>-<name>``; ``policy`` is a document of :mod:`modules.core.iam`."""

    arn: str

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        name: str,
        description: str,
        policy: str,
    ) -> None:
        super().__init__(scope, id_)
        made = IamPolicy(
            self,
            "Resource",
            name=ctx.name(name, limit=NAME_LIMIT),
            description=description,
            policy=policy,
            tags={"Name": ctx.name(name)},
        )
        self.arn = made.arn
