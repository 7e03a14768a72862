"""No tenant goes, changes its name or loses a namespace by accident."""

from datetime import date
from pathlib import Path

import pytest

from environments import SettingsError, validate
from environments.tenant_register import read_register, register_text
from tests.support.settings import written
from tests.support.tenants import group

TODAY = date(2026, 11, 21)
REGISTER = "environments/register.yaml"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose one tenant is registered."""
    (tmp_path / "environments" / "tenants").mkdir(parents=True)
    register(tmp_path, "tenants:\n  shop: [shop, till]\n")
    file(tmp_path, "shop", "shop", "till")
    return tmp_path


def register(project: Path, text: str) -> None:
    (project / REGISTER).write_text(text, encoding="utf-8")


def file(project: Path, name: str, *namespaces: str) -> Path:
    text = (
        f"name: {name}\nowner: {name}@example.org\ncost_center: cc\n"
        f"groups: {{admin: [{group(int.from_bytes(name[:4].encode()))}]}}\n"
        f"namespaces: [{', '.join(namespaces)}]\nenvironments: {{dev: {{}}}}\n"
    )
    found = project / "environments" / "tenants" / f"{name}.yaml"
    found.write_text(text, encoding="utf-8")
    return found


def problems(project: Path) -> tuple[str, ...]:
    folder = project / "environments" / "tenants"
    try:
        validate((written("dev"),), TODAY, folder=folder, register=project / REGISTER)
    except SettingsError as error:
        return error.problems
    return ()


def test_what_is_registered_and_there_is_valid(project: Path) -> None:
    assert problems(project) == ()


def test_a_tenant_that_nobody_registered_is_told_how(project: Path) -> None:
    file(project, "late", "late")

    assert problems(project) == (
        (
            "environments/tenants/late.yaml:1: tenants.late.name = 'late': is not in "
            "environments/register.yaml; run `ekp tenants register late`"
        ),
    )


def test_a_file_that_was_deleted_by_hand_is_missed(project: Path) -> None:
    (project / "environments" / "tenants" / "shop.yaml").unlink()

    assert problems(project) == (
        (
            "environments/register.yaml:2: tenants.shop: has no file any more; bring shop.yaml "
            "back from Git, or run `ekp tenants delete shop`"
        ),
    )


@pytest.mark.parametrize("namespaces", [("shop", "till"), ()], ids=["its namespaces", "its name"])
def test_a_tenant_is_never_renamed(project: Path, namespaces: tuple[str, ...]) -> None:
    (project / "environments" / "tenants" / "shop.yaml").unlink()
    file(project, "bazaar", *namespaces)

    assert problems(project) == (
        (
            "environments/register.yaml:2: tenants.shop: has no file any more, and bazaar is new: "
            "a tenant is never renamed, since namespaces, roles and paths of secrets are called by "
            "its name; call file and tenant shop again, or give the new one namespaces of its own, "
            "move the services there, and then run `ekp tenants delete shop`"
        ),
    )


def test_the_heir_of_a_tenant_is_told_from_another_new_one(project: Path) -> None:
    (project / "environments" / "tenants" / "shop.yaml").unlink()
    file(project, "bazaar", "till")
    file(project, "late", "late")

    renamed, fresh = problems(project)

    assert "and bazaar is new" in renamed
    assert "run `ekp tenants register late`" in fresh


def test_a_namespace_that_left_its_tenant_is_missed(project: Path) -> None:
    file(project, "shop", "shop")

    assert problems(project) == (
        (
            "environments/tenants/shop.yaml:5: tenants.shop.namespaces lacks 'till', which the "
            "tenant was given: clusters would keep it, and all in it, without an owner; put it "
            "back, or, once it holds nothing that is needed, run `ekp tenants register shop "
            "--without till`"
        ),
    )


def test_a_namespace_that_nobody_registered_is_told_how(project: Path) -> None:
    file(project, "shop", "shop", "till", "jobs")

    assert problems(project) == (
        (
            "environments/tenants/shop.yaml:5: tenants.shop.namespaces: 'jobs' is not in the "
            "register; run `ekp tenants register shop`"
        ),
    )


def test_a_namespace_that_another_tenant_was_given_is_not_free_even_without_its_file(
    project: Path,
) -> None:
    register(project, "tenants:\n  shop: [shop, till]\n  late: [late]\n")
    file(project, "shop", "shop", "till", "late")

    gone, taken = problems(project)

    assert "tenants.late: has no file any more" in gone
    assert taken == (
        "environments/tenants/shop.yaml:5: tenants.shop.namespaces: 'late' was given to late; use "
        "one of the tenant's own"
    )


def test_a_file_that_is_broken_is_not_called_deleted(project: Path) -> None:
    (project / "environments" / "tenants" / "shop.yaml").write_text("name: [", encoding="utf-8")

    (message,) = problems(project)

    assert message.startswith("environments/tenants/shop.yaml:2: tenants.shop is not YAML")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tenants: [shop]\n", f"{REGISTER}:1: register.tenants = ['shop']: Input should be a"),
        ("tenants:\n  shop: []\n", f"{REGISTER}:2: register.tenants.shop = []: Tuple should"),
        ("tenants:\n  shop: [a]\n  shop: [b]\n", f"{REGISTER}:3: register.tenants.shop: stands in"),
        ("tenants: {shop: [\n", f"{REGISTER}:2: is not YAML"),
    ],
    ids=["list", "no namespace", "twice", "syntax"],
)
def test_a_register_that_is_wrong_is_one_error(project: Path, text: str, message: str) -> None:
    register(project, text)

    (found,) = problems(project)

    assert found.startswith(message)
    assert "; " in found


def test_a_register_that_is_gone_is_one_error(project: Path) -> None:
    (project / REGISTER).unlink()

    assert problems(project) == (
        f"{REGISTER}: cannot be read: No such file or directory; bring it back from Git",
    )


@pytest.mark.parametrize("given", [{}, {"shop": ("till", "shop"), "late": ("late",)}])
def test_a_register_is_read_as_it_was_written(
    tmp_path: Path, given: dict[str, tuple[str, ...]]
) -> None:
    (tmp_path / "register.yaml").write_text(register_text(given), encoding="utf-8")

    assert read_register(tmp_path / "register.yaml").given == {
        name: tuple(sorted(spaces)) for name, spaces in given.items()
    }
