"""The JSON Schema of a tenant's file is up to date, and takes what the platform takes."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from ekp.tenants.schema import FILE, schema_text
from environments import tenant_files

SHOP = tenant_files.FOLDER / "shop.yaml"


@pytest.fixture(scope="module")
def validator() -> Any:
    schema = json.loads(schema_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_the_committed_schema_is_that_of_the_settings() -> None:
    committed = (tenant_files.FOLDER / FILE).read_text(encoding="utf-8")

    assert committed == schema_text(), f"run: ekp tenants schema --out {tenant_files.FOLDER / FILE}"


@pytest.mark.parametrize(
    "file", sorted(tenant_files.FOLDER.glob("*.yaml")), ids=lambda file: file.stem
)
def test_every_tenant_s_file_names_the_schema_and_keeps_to_it(file: Path, validator: Any) -> None:
    text = file.read_text(encoding="utf-8")

    assert text.startswith(f"# yaml-language-server: $schema={FILE}\n")
    assert [error.message for error in validator.iter_errors(yaml.safe_load(text))] == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("nmae",), "shop"),
        (("name",), "A Shop"),
        (("groups", "admin"), []),
        (("environments",), {}),
        (("environments", "Dev!"), {}),
        (("environments", "dev"), {"quota": {"cpu": 8}}),
        (("services", 0, "variables"), {"lower": "x"}),
        (("services", 0, "strategy"), {"watched_seconds": 600}),
        (("services", 0, "strategy"), {"kind": "rolling"}),
        (("services", 0, "routes"), [{"hots": "api"}]),
    ],
    ids=str,
)
def test_an_editor_underlines_what_would_be_refused(
    path: tuple[str | int, ...], value: object, validator: Any
) -> None:
    tenant = yaml.safe_load(SHOP.read_text(encoding="utf-8"))
    inside = tenant
    for part in path[:-1]:
        inside = inside[part]
    inside[path[-1]] = value

    assert list(validator.iter_errors(tenant))


@pytest.mark.parametrize("kind", ["canary", "header-canary", "blue-green"])
def test_every_strategy_is_taken_by_its_kind(kind: str, validator: Any) -> None:
    tenant = yaml.safe_load(SHOP.read_text(encoding="utf-8"))
    tenant["services"][0]["strategy"] = {"kind": kind}

    assert list(validator.iter_errors(tenant)) == []


def test_a_service_needs_no_namespace_and_settings_say_what_they_mean(validator: Any) -> None:
    service = validator.schema["$defs"]["Service"]

    assert service["required"] == ["name", "image"]
    assert service["properties"]["routes"]["description"].startswith("None: it is called from")
    assert "title" not in service["properties"]["routes"]
