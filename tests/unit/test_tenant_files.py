"""A tenant's file is read whole or answered with every error: file, line, path, value, remedy."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from environments import SettingsError, validate
from environments.schema import Environment
from environments.tenant_files import read_tenants
from tests.support.settings import written

TODAY = date(2026, 11, 21)
SHOP = """\
name: shop
owner: shop@example.org
cost_center: cc-2001
groups: {admin: [00000000-0000-0000-0000-0000000000d1]}
environments: {dev: {}}
"""
CATALOG = """\
services:
  - name: catalog
    image: registry.example.org/shop/catalog:1.0.0
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "environments" / "tenants"
    found.mkdir(parents=True)
    return found


def problems(folder: Path, **files: str) -> list[str]:
    """Return what is wrong with tenants' files."""
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return [message for file in read_tenants(folder) for message in file.problems]


def loaded(folder: Path, *environments: Environment) -> Mapping[str, Environment]:
    """Return environments with the tenants of a folder."""
    return validate(environments or (written("dev"),), TODAY, folder=folder)[0]


def test_tenants_are_in_the_environments_that_they_name(folder: Path) -> None:
    (folder / "shop.yaml").write_text(SHOP + CATALOG, encoding="utf-8")
    (folder / "README.md").write_text("no tenant", encoding="utf-8")
    (folder / ".shop.yaml").write_text("kept by an editor", encoding="utf-8")
    qa = written("qa", region="us-east-1", vpc={"cidr": "10.9.0.0/16"})

    found = loaded(folder, written("dev"), qa)

    assert {name: [t.name for t in one.tenants] for name, one in found.items()} == {
        "dev": ["shop"],
        "qa": [],
    }
    assert [one.ref for one in found["dev"].services] == ["shop/catalog"]


def test_a_service_is_in_the_one_namespace_that_its_tenant_has(folder: Path) -> None:
    own = SHOP.replace("environments", "namespaces: [till]\nenvironments") + CATALOG
    two = SHOP.replace("environments", "namespaces: [shop, till]\nenvironments") + CATALOG

    assert problems(folder, shop=own) == []
    assert [one.ref for one in loaded(folder)["dev"].services] == ["till/catalog"]
    assert problems(folder, shop=two) == [
        (
            "environments/tenants/shop.yaml:8: tenants.shop.services[catalog].namespace: this "
            "setting is required; add it"
        )
    ]


def test_each_service_in_another_s_namespace_is_refused_by_its_line(folder: Path) -> None:
    services = "services:\n" + "".join(
        f"  - name: {name}\n    namespace: late\n    image: registry.example.org/a/b:1.0.0\n"
        for name in ("catalog", "cart")
    )

    assert problems(folder, shop=SHOP + services) == [
        (
            f"environments/tenants/shop.yaml:{line}: tenants.shop.services[{name}].namespace: "
            "'late' is not of shop, which has shop; use one of these, or add it to namespaces"
        )
        for line, name in ((8, "catalog"), (11, "cart"))
    ]


def test_every_error_of_every_file_and_environment_comes_at_once(folder: Path) -> None:
    shop = (
        SHOP.replace("cc-2001", "0123")
        + CATALOG
        + "    port: 80\n    sclaing: {}\n    strategy: {kind: blue-green, watched: 3}\n"
        + "owner: you\n"
    )
    late = (
        SHOP.replace("shop", "late")
        .replace("0d1", "0d2")
        .replace("dev: {}", "dev: {quota: {cpu: 1}}, dex: {}")
    )
    (folder / "late.yaml").write_text(late, encoding="utf-8")
    (folder / "shop.yaml").write_text(shop, encoding="utf-8")
    (folder / "bomb.yaml").write_text("a: &a [*a]\n", encoding="utf-8")

    with pytest.raises(SettingsError) as raised:
        loaded(folder, written("dev", owner=""))

    place = "environments/tenants"
    assert [message.partition("; ")[0] for message in raised.value.problems] == [
        f"{place}/bomb.yaml:1: tenants.bomb has the anchor or alias 'a'",
        (
            f"{place}/late.yaml:5: tenants.late.environments.dev.quota.cpu = 1: YAML takes this "
            "for a number, it is text"
        ),
        f"{place}/shop.yaml:3: tenants.shop.cost_center = 0123: YAML takes this for the number 83",
        (
            f"{place}/shop.yaml:9: tenants.shop.services[catalog].port = 80: Input should be "
            "greater than or equal to 1024"
        ),
        (
            f"{place}/shop.yaml:10: tenants.shop.services[catalog].sclaing = {{}}: there is no "
            "such setting"
        ),
        (
            f"{place}/shop.yaml:11: tenants.shop.services[catalog].strategy[blue-green].watched = "
            "3: there is no such setting"
        ),
        f"{place}/shop.yaml:12: tenants.shop.owner: stands in line 2 and in line 12",
        "dev.owner = '': String should have at least 1 character",
        f"{place}/late.yaml:5: tenants.late.environments.dex: there is no such environment",
    ]
    assert all("; " in message for message in raised.value.problems)


def test_a_tenant_that_is_wrong_makes_its_services_unknown_to_nobody(folder: Path) -> None:
    shop = SHOP.replace("cc-2001", '"#"') + CATALOG + "    callers: [{service: late/cart}]\n"
    late = SHOP.replace("shop", "late").replace("0d1", "0d2") + CATALOG.replace("catalog", "cart")
    (folder / "shop.yaml").write_text(shop, encoding="utf-8")
    (folder / "late.yaml").write_text(late + "    calls: [shop/catalog]\n", encoding="utf-8")

    with pytest.raises(SettingsError) as raised:
        loaded(folder)

    (message,) = raised.value.problems
    assert message.startswith("environments/tenants/shop.yaml:3: tenants.shop.cost_center = '#': ")


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (
            "cost_center: 1.10",
            (
                "cost_center = 1.10: YAML takes this for a number, it is text; write it in quotes: "
                '"1.10"'
            ),
        ),
        (
            "cost_center: true",
            (
                "cost_center = true: YAML takes this for a yes or no, it is text; write it in "
                'quotes: "true"'
            ),
        ),
        (
            "groups: {admin: [12345678]}",
            (
                "groups.admin[0] = 12345678: YAML takes this for a number, it is text; write it in "
                'quotes: "12345678"'
            ),
        ),
        (
            "groups: {admin: [Shop Admins]}",
            (
                "groups.admin[0]: 'Shop Admins' is not an id of Entra ID; write the UUID in small "
                "letters, such as 8a3c1e52-6f0b-4d3e-9a57-0c1f2b7d4e61, as the portal shows it "
                "(object id of a group, not its name)"
            ),
        ),
        (
            "environments: {dev: }",
            "environments.dev: nothing stands here; write a value, or {} for what is usual",
        ),
        (
            "name: a-name-that-is-far-too-long",
            (
                "name = 'a-name-that-is-far-too-long': String should match pattern "
                "'^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$'; write it in that form"
            ),
        ),
    ],
    ids=["version", "yes", "number", "name of a group", "nothing", "long name"],
)
def test_a_value_of_another_kind_says_what_to_write(folder: Path, said: str, message: str) -> None:
    setting = said.partition(":")[0]
    lines = [said if line.startswith(f"{setting}:") else line for line in SHOP.splitlines()]
    number = lines.index(said) + 1

    assert f"environments/tenants/shop.yaml:{number}: tenants.shop.{message}" in problems(
        folder, shop="\n".join(lines)
    )


def test_a_file_is_called_as_its_tenant(folder: Path) -> None:
    assert problems(folder, bazaar=SHOP) == [
        (
            "environments/tenants/bazaar.yaml:1: tenants.bazaar.name = 'shop': the file is called "
            "bazaar.yaml; call both the same (a tenant is never renamed: make a new one beside it)"
        )
    ]


def test_a_file_that_would_not_be_read_is_refused(folder: Path) -> None:
    (folder / "shop.yml").write_text(SHOP, encoding="utf-8")

    assert problems(folder) == ["environments/tenants/shop.yml:1: is not read; call it shop.yaml"]


def test_a_file_that_is_wrong_all_over_is_not_told_to_its_end(folder: Path) -> None:
    found = problems(folder, shop=SHOP + "".join(f"x{number}: 1\n" for number in range(900)))

    assert len(found) == 51
    assert found[-1] == ("environments/tenants/shop.yaml: 850 more errors; correct these first")


@pytest.mark.parametrize("name", ["self", "cls", "_fields_set", "model_config", "on"])
def test_a_name_that_python_has_is_unknown_like_any_other(folder: Path, name: str) -> None:
    text = SHOP + CATALOG + f"    {name}: 1\n{name}: 1\n"
    (folder / "shop.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(SettingsError) as raised:
        loaded(folder)

    assert [message.partition("; ")[0] for message in raised.value.problems] == [
        (
            f"environments/tenants/shop.yaml:{line}: tenants.shop{path}.{name} = 1: there is no "
            "such setting"
        )
        for line, path in ((9, ".services[catalog]"), (10, ""))
    ]
