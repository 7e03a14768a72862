"""Policy documents of IAM as a stack holds them: JSON, with expressions in it, or data blocks."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from policies.checks import Entity, Everything, listed
from policies.links import blocks

DATA_BLOCK = re.compile(r"(?:\$\{)?data\.aws_iam_policy_document\.([\w-]+)\.(?:minified_)?json\}?")
REFERENCE = re.compile(r"(?:\$\{)?(?:\w[\w-]*\.)+[\w-]+(?:\[[^\]]*\])?\}?")


@dataclass(frozen=True)
class Condition:
    """One operator on one key; names of keys are not told apart by case, so it is in small."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Statement:
    """A statement that allows; principals by kind, ``AWS``, ``Service`` or ``Federated``.

    ``inverted`` tells that it names what it does not allow, so that it allows everything else.
    """

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    principals: Mapping[str, tuple[str, ...]]
    conditions: tuple[Condition, ...]
    inverted: bool = False

    def allows(self, action: str) -> bool:
        """Tell whether an action is among those allowed."""
        return self.inverted or any(
            fnmatchcase(action.lower(), one.lower()) for one in self.actions
        )


# What cannot be read may say anything.
UNREAD = Statement(("*",), ("*",), {"AWS": ("*",)}, ())


def allowed(value: Any, everything: Everything) -> list[Statement] | None:
    """Return the statements of a document that allow, and ``UNREAD`` for one that none can read.

    None: the document is another resource's, or known after the apply alone.
    """
    if value is None or isinstance(value, Mapping):
        return list(_statements(value or {}))
    text = str(value).strip()
    if block := DATA_BLOCK.fullmatch(text):
        found = [
            one
            for one in everything.of("data.aws_iam_policy_document")
            if one.name == block[1] and "__change_actions__" not in one.vertex
        ]
        return _of_block(found[0], everything) if found else None
    if REFERENCE.fullmatch(text):
        return None
    try:
        document = json.loads(_without_expressions(text))
    except ValueError:
        return [UNREAD]
    return list(_statements(document)) if isinstance(document, Mapping) else [UNREAD]


def _statements(document: Mapping[str, Any]) -> Iterator[Statement]:
    for written in listed(document.get("Statement")):
        if not isinstance(written, Mapping):
            yield UNREAD
        elif written.get("Effect") != "Deny":
            yield _statement(written)


def _statement(written: Mapping[str, Any]) -> Statement:
    principal = written.get("Principal") or {}
    if not isinstance(principal, Mapping):
        principal = {"AWS": principal}
    return Statement(
        _texts(written.get("Action")),
        _texts(written.get("Resource")),
        {kind: _texts(names) for kind, names in principal.items()},
        tuple(
            Condition(operator, key.lower(), _texts(values))
            for conditions in blocks(written.get("Condition"))
            for operator, keys in conditions.items()
            for found in blocks(keys)
            for key, values in found.items()
        ),
        any(f"Not{element}" in written for element in ("Action", "Resource", "Principal")),
    )


def _of_block(data: Entity, everything: Everything) -> list[Statement]:
    found = [
        _of_statement_block(block)
        for block in blocks(data.body.get("statement"))
        if block.get("effect") != "Deny"
    ]
    for setting in ("source_policy_documents", "override_policy_documents"):
        for document in listed(data.body.get(setting)):
            more = allowed(document, everything)
            found += [UNREAD] if more is None else more
    return [*found, UNREAD] if "dynamic" in data.body else found


def _of_statement_block(block: Mapping[str, Any]) -> Statement:
    principals: dict[str, tuple[str, ...]] = {}
    for one in blocks(block.get("principals")):
        kind = str(one.get("type"))
        principals[kind] = (*principals.get(kind, ()), *_texts(one.get("identifiers")))
    return Statement(
        _texts(block.get("actions")),
        _texts(block.get("resources")),
        principals,
        tuple(
            Condition(
                str(one.get("test")), str(one.get("variable")).lower(), _texts(one.get("values"))
            )
            for one in blocks(block.get("condition"))
        ),
        any(block.get(f"not_{element}") for element in ("actions", "resources", "principals")),
    )


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(str(one).lower() if isinstance(one, bool) else str(one) for one in listed(value))


def _without_expressions(text: str) -> str:
    """Return JSON whose expressions hold nothing that JSON or a wildcard would be read from."""
    written: list[str] = []
    depth = 0
    for place, sign in enumerate(text):
        # "$${" is how a policy variable of IAM is written, which is no expression.
        opens = text.startswith("${", place) and text[place - 1 : place] != "$"
        if opens or (depth and sign == "{" and text[place - 1] != "$"):
            depth += 1
        elif depth and sign == "}":
            depth -= 1
        written.append("_" if depth and sign in '"\\*?\n' else sign)
    return "".join(written)
