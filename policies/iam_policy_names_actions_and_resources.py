"""EKP_IAM_2: a policy says which actions it allows on what, not all of them and not everything.

What ``*`` means differs by where the policy is: the policy of a key or a bucket speaks of nothing
but that, so that there it is the caller who must be named.
"""

import re
from fnmatch import fnmatchcase

from policies.accounts import ACCOUNT, account_of, is_known, is_own, is_reference, is_whole
from policies.checks import Entity, Everything, Verdict, listed, stack_check
from policies.iam_documents import Condition, Statement, allowed
from policies.links import blocks
from policies.resource_names import is_unnamed

# By what has the policy: whoever it is given to, or all resources of an account.
IDENTITIES = {
    "aws_iam_policy": "policy",
    "aws_iam_role_policy": "policy",
    "aws_iam_user_policy": "policy",
    "aws_iam_group_policy": "policy",
    "aws_cloudwatch_log_resource_policy": "policy_document",
}
# One resource, which ``*`` is.
RESOURCES = (
    *("aws_kms_key", "aws_kms_key_policy", "aws_s3_bucket_policy", "aws_sns_topic_policy"),
    *("aws_sqs_queue_policy", "aws_secretsmanager_secret_policy", "aws_ecr_repository_policy"),
)
ATTACHMENTS = (
    *("aws_iam_role_policy_attachment", "aws_iam_user_policy_attachment"),
    *("aws_iam_group_policy_attachment", "aws_iam_policy_attachment"),
)
# AWS's own that allow a service's every action on everything, or those of all services.
TOO_WIDE = re.compile(
    r"arn:[\w-]+:iam::aws:policy/(?:[\w-]+/)*"
    r"(?:AdministratorAccess.*|PowerUserAccess|\w*FullAccess\w*|\w+Administrator)"
)
# Actions that know no resource. Source: AWS service authorization reference, column "Resource
# types" of each service. One is added with the policy that needs it.
UNSCOPABLE = (
    "autoscaling:describe*",
    "cloudwatch:getmetricdata",
    "cloudwatch:listmetrics",
    "cloudwatch:putmetricdata",
    "ec2:describe*",
    "ec2:getinstancetypesfrominstancerequirements",
    "ecr:getauthorizationtoken",
    "elasticloadbalancing:describe*",
    "iam:listinstanceprofiles",
    # It knows all log groups of a region, ``log-group:*``, and no less.
    "logs:describeloggroups",
    "pricing:getproducts",
    "s3:listallmybuckets",
    "sts:getcalleridentity",
)
# Conditions on what is acted on. Those on who acts say nothing in a policy that is given to one.
WHAT = re.compile(
    r"[\w-]+:(?:resourcetag|requesttag)/.+|kms:(?:viaservice|resourcealiases|encryptioncontext:.+)"
)
# Conditions on who acts, or for whom a service acts, by what their values are.
ARNS = ("aws:principalarn", "aws:sourcearn")
ACCOUNTS = ("aws:principalaccount", "aws:sourceaccount", "aws:sourceowner", "kms:calleraccount")
ORGANISATIONS = ("aws:principalorgid", "aws:principalorgpaths", "aws:sourceorgid")
NETWORKS = ("aws:sourcevpc", "aws:sourcevpce")
WHO = re.compile("|".join((*ARNS, *ACCOUNTS, *ORGANISATIONS, *NETWORKS)))
ORGANISATION = re.compile(r"o-[a-z0-9]{10,32}(?:/.*)?")
NETWORK = re.compile(r"vpce?-[0-9a-f]+")
POSITIVE = ("StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike")


@stack_check(
    "EKP_IAM_2",
    "Ensure an IAM policy names its actions and its resources",
    *(*IDENTITIES, *RESOURCES, *ATTACHMENTS, "aws_iam_role"),
)
def iam_policy_names_actions_and_resources(one: Entity, everything: Everything) -> Verdict:
    """Fail what allows ``*`` or ``service:*``, everything but something, or acts on everything.

    Everything of one type, such as ``role/*``, counts as everything. A policy of one resource fails
    for a caller of an account that its stack does not trust.

    A boundary allows nobody anything and is not judged, unless somebody has it as a policy too.
    """
    if one.kind in ATTACHMENTS:
        return TOO_WIDE.fullmatch(str(one.body.get("policy_arn"))) is None
    if one.kind == "aws_iam_role":
        return _role(one, everything)
    if one.kind == "aws_iam_policy" and _bounds_alone(one, everything):
        return None
    statements = allowed(one.body.get(IDENTITIES.get(one.kind, "policy")), everything)
    if statements is None:
        return None
    if one.kind in RESOURCES:
        return all(_is_of_resource(found, one, everything) for found in statements)
    return all(_is_of_identity(found) for found in statements)


def _role(role: Entity, everything: Everything) -> Verdict:
    """Judge the policies that stand in the role itself; its trust is another check's."""
    arns = listed(role.body.get("managed_policy_arns"))
    documents = [
        allowed(block["policy"], everything)
        for block in blocks(role.body.get("inline_policy"))
        if block.get("policy")
    ]
    known = [found for found in documents if found is not None]
    if not arns and not known:
        return None
    return not any(TOO_WIDE.fullmatch(str(arn)) for arn in arns) and all(
        _is_of_identity(statement) for found in known for statement in found
    )


def _bounds_alone(policy: Entity, everything: Everything) -> bool:
    def names(value: object) -> bool:
        return policy in everything.behind(value) or value == policy.body.get("arn", policy)

    bounds = any(
        names(one.body.get("permissions_boundary"))
        for one in everything.of("aws_iam_role", "aws_iam_user")
    )
    return bounds and not any(
        names(one.body.get("policy_arn")) for one in everything.of(*ATTACHMENTS)
    )


def _is_of_identity(statement: Statement) -> bool:
    if statement.inverted or any(_is_every(action) for action in statement.actions):
        return False
    if not any(is_unnamed(resource) for resource in statement.resources):
        return True
    return any(_narrows(one, WHAT) for one in statement.conditions) or all(
        any(fnmatchcase(action.lower(), known) for known in UNSCOPABLE)
        for action in statement.actions
    )


def _is_of_resource(statement: Statement, one: Entity, everything: Everything) -> bool:
    if statement.inverted:
        return False
    callers = [name for names in statement.principals.values() for name in names]
    named = any(_names_callers(found, one, everything) for found in statement.conditions)
    if any("*" in caller for caller in callers) and not named:
        return False
    wholes = []
    for caller in statement.principals.get("AWS", ()):
        if "*" in caller:
            continue
        account = account_of(caller)
        own = is_own(account, one, everything)
        # What another account's IAM says of this resource is not ours to know.
        if not is_known(account, one, everything) or (is_whole(caller) and not own and not named):
            return False
        wholes += [caller] if is_whole(caller) and own else []
    # A key that the account's own IAM does not govern can never be changed again.
    governs = len(wholes) == len(callers)
    return not any(
        _is_every(action) and not (governs and action.lower() == "kms:*")
        for action in statement.actions
    )


def _is_every(action: str) -> bool:
    return not action.rpartition(":")[2].strip("*?")


def _narrows(condition: Condition, keys: re.Pattern[str]) -> bool:
    """Tell whether a condition leaves something out: the key must be there, and not with any value.

    Operators with ``IfExists`` or ``ForAllValues`` hold without the key, negative ones for nearly
    all.
    """
    return (
        condition.operator in POSITIVE
        and keys.fullmatch(condition.key) is not None
        and bool(condition.values)
        and all(value.strip("*?") for value in condition.values)
    )


def _names_callers(condition: Condition, one: Entity, everything: Everything) -> bool:
    """Tell whether a condition names known accounts, an organisation or a network of callers."""
    return _narrows(condition, WHO) and all(
        _names_caller(condition.key, value, one, everything) for value in condition.values
    )


def _names_caller(key: str, value: str, one: Entity, everything: Everything) -> bool:
    if is_reference(value):
        return True
    if key in NETWORKS:
        return NETWORK.fullmatch(value) is not None
    if key in ORGANISATIONS:
        return ORGANISATION.fullmatch(value) is not None
    account = account_of(value)
    if key not in ARNS and not ACCOUNT.fullmatch(value):
        return False
    return is_known(account, one, everything)
