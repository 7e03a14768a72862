"""Services' objects become files that Git can hold: stable, complete, and nobody else's."""

import json
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from modules.core.services import Protocol, Service
from modules.core.site import Site
from modules.kubernetes.manifest import Manifest

import pytest
import yaml

from ekp.runner.errors import NotWritableError
from ekp.services.documents import count, environment_of, render, text
from ekp.services.render import Action, Changes, ForeignFileError, apply, plan

CATALOG = Service(name="catalog", namespace="shop", image="registry.example.org/shop/catalog:1")
ORDERS = Service(name="orders", namespace="shop", image="registry.example.org/shop/orders:1")
LEDGER = Service(name="ledger", namespace="money", image="registry.example.org/money/ledger:1")


@dataclass
class Described:
    """An environment, as far as its services' objects need one."""

    name: str = "prod"
    services: tuple[Service, ...] = (CATALOG, ORDERS, LEDGER)
    domain: str = field(default="prod.ekp.example")

    def site(self) -> Site:
        return Site(domain=self.domain)


def objects(service: Service, site: Site) -> list[Manifest]:
    return [
        config(service.name, {"image": service.image, "domain": site.domain}),
        Manifest(api_version="v1", kind="Service", name=service.name, namespace=service.namespace),
    ]


def config(name: str, data: dict[str, Any]) -> Manifest:
    return Manifest(api_version="v1", kind="ConfigMap", name=name, fields={"data": data})


def write(out: Path, *services: Service, environment: str = "prod") -> Changes:
    rendered = render(Described(environment, services), objects)
    changes = plan(rendered, out, environment=environment)
    apply(changes)
    return changes


def found(out: Path) -> dict[str, tuple[bytes, int]]:
    """Return every file below a folder with its content and its time."""
    files = sorted(file for file in out.rglob("*") if file.is_file())
    return {str(f.relative_to(out)): (f.read_bytes(), f.stat().st_mtime_ns) for f in files}


def actions(changes: Changes) -> dict[str, Action]:
    return {str(file.path): file.action for file in changes.files}


def test_each_service_has_a_file_of_its_own_in_the_folder_of_its_namespace() -> None:
    rendered = render(Described(), objects)

    assert [str(path) for path in rendered] == [
        "money/ledger.yaml",
        "shop/catalog.yaml",
        "shop/orders.yaml",
    ]


def test_a_file_says_who_made_it_and_holds_the_objects_in_their_order() -> None:
    written = render(Described(), objects)[PurePosixPath("shop/catalog.yaml")]

    first, *_ = written.splitlines()
    assert first == (
        "# Rendered by `ekp services render prod`: change the settings, not this file."
    )
    assert environment_of(first) == "prod"
    assert [one["kind"] for one in yaml.safe_load_all(written)] == ["ConfigMap", "Service"]
    assert list(yaml.safe_load_all(written)) == [
        one.as_dict() for one in objects(CATALOG, Site(domain="prod.ekp.example"))
    ]


@pytest.mark.parametrize(
    "value",
    ["1e3", "012", "0x1f", "1:30", "y", "N", "yes", "null", "~", "100m", "", " x", "${x}", "%{x}"],
)
def test_text_stays_text_as_it_was_written(value: str) -> None:
    written = text("prod", [config("a", {"value": value})])

    assert yaml.safe_load(written)["data"]["value"] == value
    # Go's YAML takes more words for numbers and truths than Python's: quotes leave no doubt.
    if value in {"1e3", "012", "0x1f", "1:30", "y", "N", "100m"}:
        assert f'value: "{value}"' in written


def test_a_long_text_stands_as_people_read_it_and_an_object_used_twice_is_written_twice() -> None:
    shared = {"labels": ["a"]}
    dashboard = json.dumps({"title": "x" * 200, "panels": []}, indent=2)
    written = text("prod", [config("a", {"one": shared, "two": shared, "d.json": dashboard})])

    assert "d.json: |-\n" in written
    assert "&" not in written
    assert yaml.safe_load(written)["data"] == {"one": shared, "two": shared, "d.json": dashboard}


def test_settings_of_python_become_plain_data() -> None:
    written = text("prod", [config("a", {"protocol": Protocol.GRPC, "hosts": ("x", "y.z")})])

    assert yaml.safe_load(written)["data"] == {"protocol": "grpc", "hosts": ["x", "y.z"]}


def test_objects_are_counted_whatever_their_text_holds() -> None:
    written = text("prod", [config("a", {"text": "one\n---\ntwo\n"}), config("b", {})])

    assert count(written) == len(list(yaml.safe_load_all(written))) == 2


def test_two_services_of_one_name_in_a_namespace_are_refused() -> None:
    with pytest.raises(ValueError, match="shop/catalog stands twice; remove one"):
        render(Described(services=(CATALOG, CATALOG)), objects)


@pytest.mark.requirement("R45")
def test_a_second_run_changes_no_byte_and_no_time(tmp_path: Path) -> None:
    write(tmp_path, CATALOG, LEDGER)
    before = found(tmp_path)

    again = write(tmp_path, LEDGER, CATALOG)

    assert set(actions(again).values()) == {Action.KEEP}
    assert found(tmp_path) == before
    assert set(before) == {"money/ledger.yaml", "shop/catalog.yaml"}


@pytest.mark.requirement("R45")
def test_a_changed_service_changes_its_own_file_alone(tmp_path: Path) -> None:
    write(tmp_path, CATALOG, ORDERS)
    before = found(tmp_path)

    newer = CATALOG.model_copy(update={"image": "registry.example.org/shop/catalog:2"})
    changes = write(tmp_path, newer, ORDERS)

    after = found(tmp_path)
    assert [str(file.path) for file in changes.differing] == ["shop/catalog.yaml"]
    assert b"catalog:2" in after["shop/catalog.yaml"][0]
    assert after["shop/orders.yaml"] == before["shop/orders.yaml"]


def test_a_service_that_is_gone_loses_its_file_and_a_namespace_its_folder(tmp_path: Path) -> None:
    write(tmp_path, CATALOG, ORDERS, LEDGER)

    changes = write(tmp_path, CATALOG)

    assert actions(changes) == {
        "money/ledger.yaml": Action.REMOVE,
        "shop/catalog.yaml": Action.KEEP,
        "shop/orders.yaml": Action.REMOVE,
    }
    assert set(found(tmp_path)) == {"shop/catalog.yaml"}
    assert not (tmp_path / "money").exists()


def test_what_this_command_did_not_make_stays(tmp_path: Path) -> None:
    write(tmp_path, CATALOG, LEDGER)
    for name in ("README.md", "shop/by-hand.yaml", "money/notes.txt"):
        (tmp_path / name).write_text("mine\n", encoding="utf-8")

    changes = write(tmp_path)

    assert actions(changes) == {
        "money/ledger.yaml": Action.REMOVE,
        "shop/by-hand.yaml": Action.FOREIGN,
        "shop/catalog.yaml": Action.REMOVE,
    }
    assert set(found(tmp_path)) == {"README.md", "money/notes.txt", "shop/by-hand.yaml"}


@pytest.mark.parametrize(
    "name",
    [
        "by-hand.yaml",
        "shop/.hidden.yaml",
        "shop/by-hand.yml",
        "shop/by-hand.JSON",
        "shop/deep/er/by-hand.yaml",
        "other/by-hand.json",
    ],
)
def test_objects_that_were_not_rendered_are_found_wherever_they_lie(
    tmp_path: Path, name: str
) -> None:
    write(tmp_path, CATALOG)
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("kind: Secret\n", encoding="utf-8")
    before = found(tmp_path)

    changes = write(tmp_path, CATALOG)

    assert [str(file.path) for file in changes.foreign] == [name]
    assert changes.differing == ()
    assert found(tmp_path) == before


def test_a_rendered_file_that_was_copied_elsewhere_is_not_this_commands_any_more(
    tmp_path: Path,
) -> None:
    write(tmp_path, CATALOG)
    copies = ("copy.yaml", "shop/catalog.yml", "shop/old/catalog.yaml")
    (tmp_path / "shop/old").mkdir()
    for name in copies:
        (tmp_path / name).write_bytes((tmp_path / "shop/catalog.yaml").read_bytes())

    changes = write(tmp_path)

    assert {str(file.path) for file in changes.foreign} == {*copies}
    assert set(found(tmp_path)) == {*copies}


@pytest.mark.parametrize("name", ["money", "shop/by-hand.yaml", "shop/notes", "gone.yaml"])
def test_a_link_is_told_and_not_followed(tmp_path: Path, name: str) -> None:
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    write(out, CATALOG)
    write(elsewhere, LEDGER)
    target = elsewhere / "money"
    aims = {"shop/by-hand.yaml": target / "ledger.yaml", "gone.yaml": target / "nothing"}
    (out / name).symlink_to(aims.get(name, target))

    changes = write(out, CATALOG)

    assert [str(file.path) for file in changes.foreign] == [name]
    assert (out / name).is_symlink()
    assert set(found(elsewhere)) == {"money/ledger.yaml"}


def test_a_file_of_someone_else_in_the_way_keeps_everything_from_being_written(
    tmp_path: Path,
) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/orders.yaml").write_text("kind: Service\n", encoding="utf-8")
    before = found(tmp_path)

    with pytest.raises(ForeignFileError, match=r"shop/orders\.yaml is in the way: .* not make it"):
        write(tmp_path, CATALOG, ORDERS, LEDGER)

    assert found(tmp_path) == before


@pytest.mark.parametrize("services", [(CATALOG,), (LEDGER,)])
def test_one_environment_never_overwrites_or_removes_the_files_of_another(
    tmp_path: Path, services: tuple[Service, ...]
) -> None:
    write(tmp_path, CATALOG)
    before = found(tmp_path)

    with pytest.raises(ForeignFileError, match="is rendered for prod, not for dev; nothing was"):
        write(tmp_path, *services, environment="dev")

    assert found(tmp_path) == before


@pytest.mark.parametrize("place", ["shop", "shop/catalog.yaml"])
def test_a_link_is_not_followed_out_of_the_folder(tmp_path: Path, place: str) -> None:
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    target = elsewhere if place == "shop" else elsewhere / "catalog.yaml"
    elsewhere.mkdir()
    (elsewhere / "catalog.yaml").write_text("kind: Service\n", encoding="utf-8")
    (out / place).parent.mkdir(parents=True)
    (out / place).symlink_to(target)

    with pytest.raises(ForeignFileError, match=r"is no plain (folder|file); nothing was written"):
        write(out, CATALOG)

    assert (elsewhere / "catalog.yaml").read_text(encoding="utf-8") == "kind: Service\n"


def test_a_file_behind_a_link_is_not_removed(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere", LEDGER)
    (tmp_path / "out").mkdir()
    (tmp_path / "out/money").symlink_to(tmp_path / "elsewhere/money")

    write(tmp_path / "out", CATALOG)

    assert (tmp_path / "elsewhere/money/ledger.yaml").is_file()


def test_a_folder_in_place_of_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "shop/catalog.yaml").mkdir(parents=True)

    with pytest.raises(ForeignFileError, match=r"catalog\.yaml is in the way: it is no plain file"):
        write(tmp_path, CATALOG)


def test_a_plan_writes_nothing(tmp_path: Path) -> None:
    out = tmp_path / "services"

    changes = plan(render(Described(), objects), out, environment="prod")

    assert len(changes.differing) == 3
    assert not out.exists()


def test_a_file_is_replaced_whole_and_leaves_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, CATALOG)
    before = found(tmp_path)

    def full(_self: Path, _target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    newer = CATALOG.model_copy(update={"image": "registry.example.org/shop/catalog:2"})
    with pytest.raises(NotWritableError, match=r"catalog\.yaml cannot be written: No space left"):
        write(tmp_path, newer)

    assert found(tmp_path) == before


def test_a_file_has_the_permissions_of_any_other_file_of_the_user(tmp_path: Path) -> None:
    write(tmp_path, CATALOG)
    (tmp_path / "usual").touch()

    assert (tmp_path / "shop/catalog.yaml").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_file_where_the_folder_should_be_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "services").touch()

    with pytest.raises(NotWritableError, match="services cannot be written: Not a directory"):
        write(tmp_path / "services", CATALOG)
