"""The managed policy that bounds every role of the platform: whatever one is given, no more."""

from collections.abc import Sequence

from ..core.context import Context, StateConfig
from ..core.iam import Statement, document
from .state_bucket import ACCESS_LOGS

# Rights over people, roles and accounts: no workload has them, whatever its own policies say.
FORBIDDEN = ("account:*", "iam:*", "organizations:*", "sso:*", "sso-directory:*")
SETTINGS = (
    "aws-portal:*",
    "billing:*",
    "budgets:Modify*",
    "cloudtrail:Delete*",
    "cloudtrail:Stop*",
)


def boundary_document(ctx: Context, out_of_reach: Sequence[str]) -> str:
    """Return the boundary: services of workloads, but neither IAM nor anybody's state.

    A boundary gives nothing by itself: a role may do what its own policies allow within it.
    ``out_of_reach`` are ARNs of roles that none takes on, the deploy role among them: one that
    trusts its whole account would otherwise admit every role that a deploy makes.
    """
    may: Statement = {
        "Sid": "Services",
        "Effect": "Allow",
        "NotAction": [*FORBIDDEN, *SETTINGS],
        "Resource": "*",
    }
    deploying: Statement = {
        "Sid": "Deploying",
        "Effect": "Deny",
        "Action": ["sts:AssumeRole"],
        "Resource": list(out_of_reach),
    }
    return document(may, deploying, *_state(ctx))


def _state(ctx: Context) -> tuple[Statement, ...]:
    if not isinstance(ctx.state, StateConfig):
        return ()
    buckets = (ctx.state.bucket, ctx.name(ctx.account_id, ACCESS_LOGS))
    arns = [f"arn:{ctx.partition}:s3:::{name}" for name in buckets]
    return (
        {
            "Sid": "State",
            "Effect": "Deny",
            "Action": ["s3:*"],
            "Resource": [*arns, *(f"{arn}/*" for arn in arns)],
        },
    )
