"""`ekp tenants`: a business unit comes, is looked at and goes, and nothing is ever half written."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from ekp.cli import app
from ekp.commands.console import err, out
from ekp.runner import files
from ekp.runner.errors import NotWritableError
from ekp.synth import InvalidSettingsError
from ekp.tenants.schema import schema_text
from environments import tenant_files, tenant_register

from .conftest import Ekp

GROUP = "8a3c1e52-6f0b-4d3e-9a57-0c1f2b7d4e61"
BILLING = (
    "new",
    "billing",
    "--owner=billing@example.org",
    "--cost-center=cc-3001",
    f"--admin-group={GROUP}",
)


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the tenants, and terminals as wide as a message."""
    folder = tmp_path / "environments" / "tenants"
    shutil.copytree(tenant_files.FOLDER, folder)
    register = shutil.copy(tenant_register.FILE, folder.parent)
    monkeypatch.setattr(tenant_files, "FOLDER", folder)
    monkeypatch.setattr(tenant_register, "FILE", Path(register))
    monkeypatch.setenv("EKP_TODAY", "2026-11-21")
    for console in (out, err):
        monkeypatch.setattr(console, "width", 300)
    return folder.parent


def run(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(app, ["tenants", *arguments], input=typed)


def contents(project: Path) -> Mapping[str, str]:
    """Return every file of the tenants, by its name."""
    return {path.name: path.read_text() for path in project.rglob("*") if path.is_file()}


def given(project: Path) -> Mapping[str, list[str]]:
    found: Mapping[str, list[str]] = yaml.safe_load((project / "register.yaml").read_text())[
        "tenants"
    ]
    return found


def refusals(done: Result) -> tuple[str, ...]:
    assert isinstance(done.exception, InvalidSettingsError), done.output
    return done.exception.problems


@pytest.mark.requirement("R44")
def test_a_new_tenant_is_valid_registered_and_shown(project: Path) -> None:
    done = run(*BILLING, "--environment=dev", "--environment=prod")

    assert done.exit_code == 0, done.output
    assert "Written: environments/tenants/billing.yaml" in done.stdout
    assert given(project) == {"billing": ["billing"], "shop": ["shop"]}
    text = (project / "tenants" / "billing.yaml").read_text()
    assert text.startswith("# yaml-language-server: $schema=schema.json\n")
    assert yaml.safe_load(text) == {
        "name": "billing",
        "owner": "billing@example.org",
        "cost_center": "cc-3001",
        "groups": {"admin": [GROUP], "developer": [], "viewer": []},
        "services": [],
        "environments": {"dev": {}, "prod": {}},
    }
    assert run("check").stdout == "2 tenants, no errors.\n"
    assert json.loads(run("list", "--json").stdout)["tenants"][0] == {
        "tenant": "billing",
        "owner": "billing@example.org",
        "cost_center": "cc-3001",
        "environments": ["dev", "prod"],
        "namespaces": ["billing"],
        "services": [],
    }


def test_the_example_in_a_new_file_is_right_once_it_is_uncommented(project: Path) -> None:
    run(*BILLING)
    file = project / "tenants" / "billing.yaml"
    head, _, rest = file.read_text().partition("# Each runs")
    example = [line[1:] for line in rest.splitlines() if line.startswith("#  ")]
    services = "\n".join(["services:", *example])
    file.write_text(head + services + rest[rest.index("services: []") + len("services: []") :])

    done = run("show", "billing", "--json")

    assert json.loads(done.stdout)["environments"]["dev"]["services"][0]["hosts"] == [
        "hello.dev.ekp.example"
    ]


@pytest.mark.parametrize("value", ["0123", "yes", "1.10", "12:30", "null"], ids=str)
def test_a_value_that_yaml_reads_otherwise_is_written_in_quotes(project: Path, value: str) -> None:
    done = run(*BILLING, f"--cost-center={value}")

    if value == "12:30":  # no label of Kubernetes
        assert refusals(done)[0].startswith(
            "environments/tenants/billing.yaml:5: tenants.billing.cost_center = '12:30': "
        )
        assert list(given(project)) == ["shop"]
        return
    assert done.exit_code == 0, done.output
    written = yaml.safe_load((project / "tenants" / "billing.yaml").read_text())
    assert written["cost_center"] == value


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--admin-group=Admins",), "groups.admin[1]: 'Admins' is not an id of Entra ID"),
        (("--environment=dve",), "environments.dve: there is no such environment; did you mean"),
        (("--owner=",), "owner = '': String should have at least 1 character"),
        (("--owner=a\nname: shop",), "owner = 'a\\nname: shop': String should match pattern"),
        (
            ("--admin-group=00000000-0000-0000-0000-0000000000d1",),
            "is a group of tenant billing too",
        ),
    ],
    ids=["group", "environment", "owner", "lines", "shop's group"],
)
def test_a_tenant_that_would_be_wrong_is_not_written(
    project: Path, arguments: tuple[str, ...], message: str
) -> None:
    before = contents(project)

    found = refusals(run(*BILLING, *arguments))

    assert any(message in one for one in found), found
    assert all(one.startswith("environments/tenants/") for one in found)
    assert contents(project) == before


@pytest.mark.parametrize("name", ["../shop", "Shop", "a" * 21, "shop.yaml", "-x", ""])
def test_a_name_that_is_none_writes_nowhere(project: Path, name: str) -> None:
    before = contents(project)
    options = BILLING[2:]

    done = run("new", *options, "--", name)

    assert done.exit_code == 2
    assert f"{name!r} is no name of a tenant." in done.stderr
    assert contents(project) == before


def test_a_tenant_that_is_there_is_not_written_over(project: Path) -> None:
    before = contents(project)

    done = run("new", "shop", *BILLING[2:])

    assert done.exit_code == 2
    assert "There is a tenant 'shop' already; nothing was written." in done.stderr
    assert contents(project) == before


@pytest.mark.parametrize("command", ["new", "delete"])
def test_a_change_of_which_half_cannot_be_written_is_none(
    project: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    before = contents(project)

    def full(path: Path, content: bytes | str) -> None:
        if path.name == "register.yaml":
            raise NotWritableError("the disk is full", remedy="free some space")
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    monkeypatch.setattr(files, "write", full)

    done = run(*BILLING) if command == "new" else run("delete", "shop", "--yes", "shop")

    assert isinstance(done.exception, NotWritableError)
    assert contents(project) == before


def test_a_tenant_written_by_hand_is_registered_once_it_is_right(project: Path) -> None:
    run(*BILLING)
    file = project / "tenants" / "late.yaml"
    text = (project / "tenants" / "billing.yaml").read_text().replace("billing", "late")
    file.write_text(text)

    assert "is a group of tenant billing too" in refusals(run("register", "late"))[0]
    file.write_text(text.replace(GROUP, GROUP.replace("8a3c", "9a3c")))
    done = run("register", "late")

    assert (done.exit_code, done.stdout) == (0, "late has late in environments/register.yaml.\n")
    assert list(given(project)) == ["billing", "late", "shop"]


def test_a_namespace_comes_and_goes_by_the_register(project: Path) -> None:
    file = project / "tenants" / "shop.yaml"
    before = file.read_text()
    two = before.replace("services:\n", "namespaces: [shop, shop-jobs]\nservices:\n", 1).replace(
        "    image:", "    namespace: shop\n    image:"
    )
    file.write_text(two)
    assert run("register", "shop").exit_code == 0
    assert given(project) == {"shop": ["shop", "shop-jobs"]}

    file.write_text(before)
    assert "lacks 'shop-jobs', which the tenant was given" in refusals(run("check"))[0]
    assert "lacks 'shop-jobs', which the tenant was given" in refusals(run("register", "shop"))[0]
    done = run("register", "shop", "--without", "shop-jobs")

    assert done.exit_code == 0
    assert "kubectl delete namespace shop-jobs" in done.stderr
    assert given(project) == {"shop": ["shop"]}
    assert run("check").exit_code == 0


def test_deleting_shows_what_goes_and_asks_for_the_name(project: Path) -> None:
    before = contents(project)

    no = run("delete", "shop", typed="shopp\n")
    assert no.exit_code == 2
    assert "'shopp' is not 'shop'; nothing was changed." in no.stderr
    nobody = run("delete", "shop")
    assert nobody.exit_code == 1
    assert contents(project) == before
    done = run("delete", "shop", typed="shop\n")

    assert done.exit_code == 0, done.output
    for shown in (
        "its place in the register, with namespaces shop",
        "in prod (eu-west-1, us-east-1), with its next deploy:",
        "service shop/checkout: shop.prod.ekp.example; 3 to 20 pods",
        "Namespaces (shop) and what is in them stay in the clusters",
    ):
        assert shown in done.stderr
    assert not (project / "tenants" / "shop.yaml").exists()
    assert given(project) == {}
    assert run("list").stdout == "There are no tenants; `ekp tenants new` makes one.\n"


def test_a_tenant_whose_services_are_called_by_another_s_stays(project: Path) -> None:
    run(*BILLING)
    file = project / "tenants" / "billing.yaml"
    service = (
        "services:\n  - name: api\n    image: registry.example.org/b/api:1.0.0\n"
        "    callers: [{service: shop/checkout}]\n"
    )
    file.write_text(file.read_text().replace("services: []\n", service))
    shop = project / "tenants" / "shop.yaml"
    text = shop.read_text().replace("calls: [shop/catalog]", "calls: [shop/catalog, billing/api]")
    # It is in dev alone, as the other one is.
    shop.write_text(text[: text.index("  qa:\n")])
    assert run("check").exit_code == 0
    before = contents(project)

    (message,) = refusals(run("delete", "billing", "--yes", "billing"))

    assert message.startswith("dev.services[shop/checkout].calls: billing/api is no service of dev")
    assert contents(project) == before


def test_a_file_deleted_by_hand_is_deleted_from_the_register_after_all(project: Path) -> None:
    (project / "tenants" / "shop.yaml").unlink()
    assert "run `ekp tenants delete shop`" in refusals(run("check"))[0]

    done = run("delete", "shop", "--yes", "shop")

    assert done.exit_code == 0
    assert "what was made of its file, which is gone already" in done.stderr
    assert given(project) == {}


def test_a_file_that_is_broken_can_be_deleted(project: Path) -> None:
    (project / "tenants" / "shop.yaml").write_text("name: [")

    assert run("delete", "shop", "--yes", "shop").exit_code == 0
    assert given(project) == {}


@pytest.mark.parametrize("command", [("show",), ("delete",), ("register",)])
def test_an_unknown_tenant_is_answered_with_the_known_ones(command: tuple[str, ...]) -> None:
    done = run(*command, "shpo")

    assert done.exit_code == 2
    assert "There is no tenant 'shpo'." in done.stderr
    assert "Did you mean shop? Known tenants: shop." in done.stderr


def test_a_candidate_is_judged_as_if_it_were_there(project: Path, tmp_path: Path) -> None:
    before = contents(project)
    run(*BILLING)
    text = (project / "tenants" / "billing.yaml").read_text()
    run("delete", "billing", "--yes", "billing")
    good, bad = tmp_path / "billing.yaml", tmp_path / "late.yaml"
    good.write_text(text)
    bad.write_text(text.replace("billing", "late").replace("cc-3001", "1.0"))

    assert run("check", str(good)).stdout == "2 tenants, no errors.\n"
    found = json.loads(run("check", str(good), str(bad), "--json").stdout)["errors"]

    assert [one.partition(" = ")[0] for one in found] == [
        "environments/tenants/late.yaml:5: tenants.late.cost_center",
        "environments/tenants/late.yaml:9: tenants.late.groups.admin[0]",
    ]
    assert run("check", str(bad), "--json").exit_code == 2
    assert contents(project) == before


def test_a_candidate_in_place_of_a_tenant_is_judged_with_it(project: Path, tmp_path: Path) -> None:
    candidate = tmp_path / "shop.yaml"
    text = (project / "tenants" / "shop.yaml").read_text()
    candidate.write_text(text.replace("startup_seconds: 120", "startup_seconds: 5"))

    (message,) = refusals(run("check", str(candidate)))

    line = text[: text.index("startup_seconds: 120")].count("\n") + 1
    assert message.startswith(
        f"environments/tenants/shop.yaml:{line}: tenants.shop.services[checkout].probes."
        "startup_seconds = 5: "
    )
    assert run("check").exit_code == 0


def test_a_candidate_that_is_no_yaml_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "shop.txt"
    file.touch()

    assert run("check", str(file)).exit_code == 2
    assert run("check", str(tmp_path / "gone.yaml")).exit_code == 2
    assert "does not end in .yaml" in run("check", str(file)).stderr


def test_what_a_tenant_gets_is_shown_for_people_and_for_scripts(project: Path) -> None:
    file = project / "tenants" / "shop.yaml"
    text = file.read_text()
    prod = (
        "  prod:\n"
        "    monthly_budget: 250.50\n"
        "    databases: {orders: {engine: mysql, host: db.example.org, database: orders}}\n"
    )
    file.write_text(text[: text.index("environments:")] + "environments:\n" + prod)

    plain = json.loads(run("show", "shop", "--env", "prod", "--json").stdout)["environments"]
    shown = run("show", "shop").stdout

    assert list(plain) == ["prod"]
    assert plain["prod"]["regions"] == ["eu-west-1", "us-east-1"]
    assert plain["prod"]["quota"] == {"cpu": "8", "memory": "32Gi", "pods": 50}
    assert plain["prod"]["monthly_budget"] == "250.5"
    assert plain["prod"]["secrets"] == [
        {"service": "shop/checkout", "secret": "payments", "from": "tenants/shop/payments"},
        {"service": "shop/checkout", "secret": "orders", "from": "database orders"},
    ]
    for line in (
        "namespaces: shop",
        "admin groups: 00000000-0000-0000-0000-0000000000d1",
        "quota of each namespace: 8 CPUs, 32Gi memory, 50 pods",
        "monthly budget: 250.5 US dollars",
        "service shop/catalog: api.prod.ekp.example; 3 to 10 pods of 444444444444.dkr.ecr",
        "secret payments of shop/checkout: tenants/shop/payments",
        "database orders: db.example.org:3306",
    ):
        assert line in shown


def test_an_environment_where_a_tenant_is_not_is_answered_with_its_own() -> None:
    done = run("show", "shop", "--env", "management")

    assert done.exit_code == 2
    assert "shop is not in 'management'." in done.stderr
    assert "It is in dev, qa, prod." in done.stderr


def test_the_schema_is_printed_or_written(tmp_path: Path) -> None:
    assert run("schema").stdout == schema_text()
    assert run("schema", "--out", str(tmp_path / "schema.json")).exit_code == 0
    assert (tmp_path / "schema.json").read_text() == schema_text()


@pytest.mark.parametrize(
    "command", ["new", "register", "list", "check", "show", "delete", "schema"]
)
def test_the_help_of_every_command_has_an_example(command: str) -> None:
    assert f"Example: ekp tenants {command}" in run(command, "--help").stdout


def test_a_bad_candidate_ends_in_messages_and_a_code_without_a_traceback(
    ekp: Ekp, tmp_path: Path
) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text("name: shop\nowner: &a [*a]\n")

    done = ekp("tenants", "check", str(file))

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "error: environments/tenants/shop.yaml:2: tenants.shop has the anchor or alias 'a'; write "
        "values out in full\nerror: 1 error in the settings; nothing was written.\n"
    )
