"""Whom and what a rule of Istio's AuthorizationPolicy names.

Source: Istio reference, "Authorization Policy": fields that begin with ``not`` leave some out.
"""

import re
from collections.abc import Mapping
from typing import Any

from policies.checks import listed
from policies.reach import most_addresses

ANY = re.compile(r"\*+|/\*|/?\{\*\*?\}")
# Of all of a trust domain, or of all of them.
ANY_PRINCIPAL = re.compile(r"[\w.*-]+/(ns/)?\*")
ADDRESSES = frozenset(("ipBlocks", "remoteIpBlocks"))


def for_everyone(rule: Mapping[str, Any]) -> bool:
    """Tell whether a rule names no caller, no operation and no condition."""
    sources = [(one or {}).get("source") or {} for one in listed(rule.get("from"))]
    operations = [(one or {}).get("operation") or {} for one in listed(rule.get("to"))]
    # Any of the sources and of the operations will do; conditions are met all.
    return (
        (not sources or any(not _names(one) for one in sources))
        and (not operations or any(not _names(one) for one in operations))
        and not any(_names({"values": one.get("values")}) for one in listed(rule.get("when")))
    )


def _names(fields: Mapping[str, Any]) -> bool:
    return any(
        _some(field, listed(values))
        for field, values in fields.items()
        if values and not re.match("not[A-Z]", field)
    )


def _some(field: str, values: list[Any]) -> bool:
    if field in ADDRESSES:
        return not most_addresses(values)
    texts = [str(value) for value in values]
    principals = field == "principals" and any(ANY_PRINCIPAL.fullmatch(text) for text in texts)
    return not principals and not any(ANY.fullmatch(text) for text in texts)
