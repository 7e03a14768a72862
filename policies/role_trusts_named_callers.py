"""EKP_IAM_3: whoever assumes a role is named, of an account that the stack knows.

An account as principal lets in whoever that account's own IAM lets; a user's access key, which
never changes, opens a role for as long as nobody notices that it is gone.
"""

import re

from policies.accounts import account_of, is_known, is_reference, is_whole
from policies.checks import Entity, Everything, Verdict, stack_check
from policies.iam_documents import Condition, Statement, allowed

NAMED = re.compile(r"arn:[\w-]+:iam::\d{12}:(?:role|user)/[^*?]+")
USER = re.compile(r"arn:[\w-]+:iam::[^:]*:user/.*")


@stack_check(
    "EKP_IAM_3",
    "Ensure a role trusts named callers of known accounts, and users with a second factor alone",
    "aws_iam_role",
)
def role_trusts_named_callers(role: Entity, everything: Everything) -> Verdict:
    """Fail everybody, an account without its callers, an unknown account, a user without MFA.

    A caller is named by ``aws:PrincipalArn`` where the principal is an account. Trust in services
    and identity providers is not judged; nor is a document that a plan does not know.
    """
    statements = allowed(role.body.get("assume_role_policy"), everything)
    judged = [one for one in statements or () if one.inverted or "AWS" in one.principals]
    return all(_holds(one, role, everything) for one in judged) if judged else None


def _holds(statement: Statement, role: Entity, everything: Everything) -> bool:
    principals = statement.principals.get("AWS", ())
    if statement.inverted or any("*" in name or "?" in name for name in principals):
        return False
    if not all(is_known(account_of(name), role, everything) for name in principals):
        return False
    callers = _callers(statement)
    if any(is_whole(name) for name in principals) and not callers:
        return False
    users = any(_is_user(name, everything) for name in (*principals, *callers))
    return not users or any(_asks_for_a_second_factor(one) for one in statement.conditions)


def _callers(statement: Statement) -> tuple[str, ...]:
    """Return the callers that a condition names; empty where it admits any that it does not."""
    for one in statement.conditions:
        exact = one.operator in ("ArnEquals", "StringEquals") and one.key == "aws:principalarn"
        if exact and all(NAMED.fullmatch(value) or is_reference(value) for value in one.values):
            return one.values
    return ()


def _is_user(name: str, everything: Everything) -> bool:
    return USER.fullmatch(name) is not None or any(
        one.kind in ("aws_iam_user", "data.aws_iam_user") for one in everything.behind(name)
    )


def _asks_for_a_second_factor(one: Condition) -> bool:
    """Tell whether a condition needs MFA; with ``IfExists`` an access key would do without."""
    if one.key == "aws:multifactorauthpresent":
        return one.operator == "Bool" and [value.lower() for value in one.values] == ["true"]
    return (
        one.key == "aws:multifactorauthage"
        and one.operator in ("NumericLessThan", "NumericLessThanEquals")
        and bool(one.values)
    )
