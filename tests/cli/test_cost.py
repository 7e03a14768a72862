"""`ekp cost` makes a chargeback of what Kubecost answers."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from typer.testing import CliRunner, Result

from ekp.cli import app
from ekp.commands import cost
from ekp.cost.accounts import Place
from tests.support.costs import CLUSTER, HUB_PLACE, payer, place

from .conftest import Ekp

RECORDED = Path(__file__).parent / "kubecost"
ALLOCATION = RECORDED / "allocation.json"
RECOMMENDATIONS = RECORDED / "recommendations.json"
DEV = Place(
    environment="dev",
    owner="platform",
    cost_center="cc-1001",
    clusters=("ekp-dev-euw1-eks",),
    payers=(payer("shop"),),
)


@pytest.fixture
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two tenants in production, one in dev, and the hub."""
    prod = place(payer("shop", budget="300"), payer("billing", budget="500.00"))

    def known() -> Sequence[Place]:
        return (DEV, HUB_PLACE, prod)

    monkeypatch.setattr(cost, "_places", known)


def shown(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["cost", *map(str, arguments)], terminal_width=160)


@contextmanager
def kubecost(answers: Callable[[str], tuple[int, bytes]]) -> Iterator[tuple[str, list[str]]]:
    """Serve answers by path on loopback; the address, and what was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            status, body = answers(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/model", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def recorded(path: str) -> tuple[int, bytes]:
    file = ALLOCATION if "/allocation?" in path else RECOMMENDATIONS
    return 200, file.read_bytes()


@pytest.mark.requirement("R40")
@pytest.mark.usefixtures("_settings")
def test_a_recorded_answer_is_charged_to_the_tenants_to_the_cent() -> None:
    done = shown("--from", ALLOCATION, "--recommendations", RECOMMENDATIONS, "--json")

    assert done.exit_code == 0, done.stderr
    found = json.loads(done.stdout)
    rows = json.loads(ALLOCATION.read_text(), parse_float=Decimal)["data"][0].values()
    environments = {one["environment"]: one for one in found["environments"]}
    for name, one in environments.items():
        exact = sum(r["totalCost"] for r in rows if f"-{name}-" in r["properties"]["cluster"])
        assert abs(Decimal(one["total"]) - exact) <= Decimal("0.005")
        assert sum(Decimal(line["total"]) for line in one["tenants"]) == Decimal(one["total"])
    billing, shop = environments["prod"]["tenants"]
    assert billing["direct"] == "33.21"
    assert shop["costs"]["cpu"] == "104.85"  # 61.90213 - 1.23451 + 44.18
    assert shop["budget"]["state"] == "over budget"
    assert billing["budget"]["state"] == "within budget"
    assert found["recommendations"][1]["workload"] == "rollout/checkout"
    assert found["recommendations"][1]["monthly_saving"] == "24.52"


@pytest.mark.usefixtures("_settings")
def test_a_budget_that_is_exceeded_is_a_warning_and_no_error() -> None:
    done = shown("--from", ALLOCATION)

    assert done.exit_code == 0
    assert "warning: shop in prod is over budget: " in done.stderr


@pytest.mark.usefixtures("_settings")
def test_the_rule_is_told_and_changes_who_carries_what() -> None:
    default = json.loads(shown("--from", ALLOCATION, "--json").stdout)
    even = json.loads(shown("--from", ALLOCATION, "--share", "even", "--json").stdout)

    assert (default["share"], even["share"]) == ("proportional", "even")
    assert default["total"] == even["total"]
    billing, shop = (Decimal(line["shared"]) for line in even["environments"][2]["tenants"])
    assert abs(billing - shop) <= Decimal("0.01")
    assert "its direct cost has" in " ".join(shown("--from", ALLOCATION).stdout.split())


@pytest.mark.usefixtures("_settings")
def test_files_are_written_whole(tmp_path: Path) -> None:
    table, page = tmp_path / "new" / "costs.csv", tmp_path / "costs.html"

    done = shown("--from", ALLOCATION, "--csv", table, "--html", page)

    assert done.exit_code == 0, done.stderr
    assert len(table.read_text().splitlines()) == 5
    assert page.read_text().endswith("</html>\n")
    assert sorted(one.name for one in tmp_path.rglob("*")) == ["costs.csv", "costs.html", "new"]


@pytest.mark.usefixtures("_settings")
def test_kubecost_itself_is_asked_the_right_question() -> None:
    with kubecost(recorded) as (url, asked):
        done = shown("--url", url, "--window", "lastmonth", "--json")

    assert done.exit_code == 0, done.stderr
    costs, recommendations = asked
    assert costs == (
        "/model/allocation?window=lastmonth&aggregate=cluster,namespace"
        "&accumulate=true&idle=true&splitIdle=true&shareIdle=false"
    )
    assert recommendations == "/model/savings/requestSizingV2?window=lastmonth"
    assert json.loads(done.stdout)["recommendations"]


@pytest.mark.usefixtures("_settings")
def test_a_report_does_not_wait_for_recommendations_that_fail() -> None:
    with kubecost(lambda path: recorded(path) if "/alloc" in path else (404, b"none")) as (url, _):
        done = shown("--url", url, "--json")

    assert done.exit_code == 0
    assert "warning: no recommendations: http://127.0.0.1" in done.stderr
    assert json.loads(done.stdout)["recommendations"] == []


@pytest.mark.usefixtures("_settings")
@pytest.mark.parametrize("status", [302, 403, 500])
def test_an_error_of_kubecosts_is_told_with_the_way_around_a_sign_in(status: int) -> None:
    with kubecost(lambda _: (status, b"please\nsign in")) as (url, _):
        done = CliRunner().invoke(app, ["cost", "--url", url])

    assert done.exit_code == 1
    assert f"answers HTTP {status}: please sign in." in str(done.exception)
    assert "svc/kubecost-aggregator 9004" in str(done.exception)


USAGE = [
    (),
    ("--from", "a.json", "--sample"),
    ("--url", "http://h", "--from", "a.json"),
    ("--recommendations", "r.json", "--sample"),
    ("--sample", "--share", "fairly"),
]


@pytest.mark.parametrize("arguments", USAGE)
def test_sources_that_do_not_go_together_are_a_usage_error(arguments: tuple[str, ...]) -> None:
    assert shown(*arguments).exit_code == 2


def test_the_settings_decide_who_pays(ekp: Ekp) -> None:
    done = ekp("cost", "--from", str(ALLOCATION), "--json")

    assert done.returncode == 0, done.stderr
    environments = {one["environment"]: one for one in json.loads(done.stdout)["environments"]}
    # The billing of the recorded answer is no tenant of the settings: its cost is shared.
    (shop,) = environments["prod"]["tenants"]
    assert (shop["tenant"], shop["cost_center"]) == ("shop", "cc-2001")
    assert environments["management"]["tenants"][0]["tenant"] is None


def test_a_file_that_is_no_answer_is_one_line_and_the_question(ekp: Ekp, tmp_path: Path) -> None:
    file = tmp_path / "november.json"
    file.write_text(json.dumps({"code": 200, "data": [{CLUSTER: {"totalCost": 1}}]}))

    done = ekp("cost", "--from", str(file))

    assert done.returncode == 1
    assert done.stdout == ""
    assert f"error: {file} is not by cluster and namespace: it has {CLUSTER}." in done.stderr
    assert "/model/allocation?window=month&aggregate=cluster,namespace" in done.stderr
    assert "Traceback" not in done.stderr
