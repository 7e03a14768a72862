"""Which AWS accounts a stack is of, which others it says that it trusts, and which a name is of."""

import re

from policies.checks import Entity, Everything, listed
from policies.iam_documents import REFERENCE

ACCOUNT = re.compile(r"\d{12}")
ARN = re.compile(r"arn:[^:]+:[^:]+:[^:]*:([^:]*):.+")
WHOLE = re.compile(r"\d{12}|.*:root|.*\.account_id\}?")


def own_accounts(one: Entity, everything: Everything) -> frozenset[str]:
    """Return the accounts that the provider of a resource may act in; none where it does not say.

    A role that a provider assumes is of the account that it acts in.
    """
    alias = str(one.body.get("provider") or "").strip("${}").partition(".")[2]
    return frozenset(
        account
        for provider in everything.of("provider.aws")
        if provider.name == alias
        for account in (
            *(str(id_) for id_ in listed(provider.body.get("allowed_account_ids"))),
            *(account_of(arn) for arn in assumed_roles(provider)),
        )
        if ACCOUNT.fullmatch(account)
    )


def assumed_roles(provider: Entity) -> list[str]:
    """Return the ARNs of the roles that a provider assumes."""
    return [str(block.get("role_arn", "")) for block in listed(provider.body.get("assume_role"))]


def is_known(account: str, one: Entity, everything: Everything) -> bool:
    """Tell whether an account is the resource's own, or one that its stack says it trusts.

    A plan does not say whom its stack trusts; there every account is known. So is what an
    expression names: it is another resource's own.
    """
    if not everything.of("stack"):
        return bool(ACCOUNT.fullmatch(account) or is_reference(account))
    trusted = {str(id_) for id_ in listed(everything.promises.get("trusted_accounts"))}
    return is_reference(account) or account in trusted | own_accounts(one, everything)


def is_own(account: str, one: Entity, everything: Everything) -> bool:
    """Tell whether an account is the resource's own, as far as the stack says which that is."""
    if not everything.of("stack"):
        return bool(ACCOUNT.fullmatch(account) or is_reference(account))
    return is_reference(account) or account in own_accounts(one, everything)


def account_of(principal: str) -> str:
    """Return the account of an ARN or an account's id, or the reference that stands for either.

    Empty: it names no account.
    """
    if ACCOUNT.fullmatch(principal) or is_reference(principal):
        return principal
    found = ARN.fullmatch(principal)
    return found[1] if found else ""


def is_whole(principal: str) -> bool:
    """Tell whether a principal is an account with all that is in it, as an id or as ``:root``."""
    return WHOLE.fullmatch(principal) is not None


def is_reference(text: str) -> bool:
    """Tell whether a text is a reference to something of the stack, and nothing else."""
    return REFERENCE.fullmatch(text) is not None
