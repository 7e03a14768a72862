"""Runbooks name what there is: each alarm, alert, setting, object and text is looked up."""

import re
from collections.abc import Iterator
from typing import Any, get_args

from modules.aws.node_group import NodeGroupConfig
from modules.core.config import Config
from modules.core.services import Service
from modules.core.tenants import Tenant, TenantEnvironment

import pytest

from environments.schema import Environment, RegionSettings

from .known import Known
from .pages import DOCS, ROOT, blocks, code_spans
from .test_blocks import PROGRAMS

FOLDER = DOCS / "runbooks"
INDEX = FOLDER / "index.md"
RUNBOOKS = sorted(set(FOLDER.glob("*.md")) - {INDEX})
PARTS = ["You notice", "Look first", "Do", "Over when", "By itself"]
# What a page may call a setting from: the whole, or what a reader is at.
ROOTS = (Environment, RegionSettings, Tenant, TenantEnvironment, Service, NodeGroupConfig)
# Names and words of others: of Kubernetes, of DNS, of the shell.
OTHERS = {"kubectl", "dig", "sh"}


def is_setting(path: str) -> bool:
    names = path.removeprefix("regions[R].").split(".")
    roots = (RegionSettings,) if path.startswith("regions[R].") else ROOTS
    return any(leads(root, names) for root in roots)


def leads(model: Any, names: list[str]) -> bool:
    for name in names:
        if name not in getattr(model, "model_fields", {}):
            return False
        model = next(inner(model.model_fields[name].annotation), None)
    return True


def inner(annotation: Any) -> Iterator[type[Config]]:
    if isinstance(annotation, type) and issubclass(annotation, Config):
        yield annotation
    for argument in get_args(annotation):
        yield from inner(argument)


@pytest.mark.parametrize("page", RUNBOOKS, ids=lambda page: page.name)
def test_a_runbook_says_the_same_five_things(page: Any) -> None:
    assert re.findall(r"^## (.+)$", page.read_text("utf-8"), re.MULTILINE) == PARTS
    assert f"]({page.name})" in INDEX.read_text("utf-8")


@pytest.mark.parametrize("page", [INDEX, *RUNBOOKS], ids=lambda page: page.name)
def test_what_a_runbook_names_is_there(page: Any, known: Known) -> None:
    assert [span for span in code_spans(page) if not there(span, known)] == []


def there(span: str, known: Known) -> bool:
    """Tell whether a setting, a command, a name or a text exists.

    Options and arguments of `ekp` are looked at where those of all pages are.
    """
    first = span.split(maxsplit=1)[0]
    if first == "ekp" or span in OTHERS or (ROOT / span).is_file():
        return True
    if first in PROGRAMS:
        return not known.not_there(span.split())
    if re.fullmatch(r"(regions\[R\]|[a-z_]+)(\.[a-z_0-9]+)+", span):
        return is_setting(span)
    return is_setting(span) or known.has(span)


def test_a_name_that_nobody_has_is_found(known: Known) -> None:
    assert there("ekp-prod-euw1-gateway-healthy", known)
    assert not there("ekp-prod-euw1-gateway-ill", known)
    assert there("regions[R].ingress.share.serving", known)
    assert not there("regions[R].ingress.share.served", known)
    assert not there("ServiceIsSleepy", known)
    assert not there("kubectl --namespace vaults get pods", known)


def test_a_runbook_shows_commands() -> None:
    shown = {block.page for block in blocks("sh")}

    assert set(RUNBOOKS) <= shown
