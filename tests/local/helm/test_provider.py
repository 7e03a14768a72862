"""The stand-in without Terraform: what a small configuration does not reach."""

import json
from pathlib import Path
from typing import Any

from modules.core.charts import Chart as Pin

import pytest
from tf.gen import tfplugin_pb2 as pb

from ekp.local.helm import chart as charts
from ekp.local.helm import cluster, plan, tables, wire
from ekp.local.helm.cluster import Cluster
from ekp.local.helm.failure import RefusedError
from ekp.local.helm.provider import Provider
from ekp.local.helm.release import Releases

PIN = Pin("oci://charts.example.com/stable", "shop", "v1.2.3", "9", "shop")
CONFIG: dict[str, Any] = {
    **dict.fromkeys(tables.RELEASE),
    "name": "shop",
    "namespace": "default",
    "chart": "shop",
    "version": "1.2.3",
    "repository": "oci://charts.example.com/stable/",
}


@pytest.fixture
def provider(tmp_path: Path) -> Provider:
    made = Provider(tmp_path, [PIN])
    kubernetes = {"host": "https://x", "exec": {"args": ["--cluster-name=dev"]}}
    configure(made, {"kubernetes": kubernetes})
    return made


def configure(provider: Provider, configuration: dict[str, Any]) -> None:
    provider.ConfigureProvider(pb.ConfigureProvider.Request(config=wire.write(configuration)), None)


def planned(config: dict[str, Any], prior: dict[str, Any] | None = None) -> dict[str, Any]:
    proposed = {**config, "id": prior and prior["id"], "metadata": prior and prior["metadata"]}
    return plan.plan(prior, proposed, config, [PIN])[0]


def apply(
    provider: Provider, config: dict[str, Any], prior: dict[str, Any] | None = None
) -> pb.ApplyResourceChange.Response:
    request = pb.ApplyResourceChange.Request(
        type_name="helm_release",
        prior_state=wire.write(prior),
        planned_state=wire.write(planned(config, prior)),
        config=wire.write(config),
    )
    return provider.ApplyResourceChange(request, None)


def applied(
    provider: Provider, config: dict[str, Any], prior: dict[str, Any] | None = None
) -> dict[str, Any]:
    found = apply(provider, config, prior)
    assert not found.diagnostics
    state = wire.read(found.new_state)
    assert state is not None
    return state


def said(response: Any) -> str:
    (diagnostic,) = response.diagnostics
    assert diagnostic.severity == pb.Diagnostic.ERROR
    return f"{diagnostic.summary}: {diagnostic.detail}"


def test_a_version_is_written_as_it_is_configured(provider: Provider) -> None:
    state = applied(provider, CONFIG)

    assert state["version"] == "1.2.3"
    assert state["metadata"]["version"] == "v1.2.3"


def test_a_description_is_kept(provider: Provider) -> None:
    state = applied(provider, {**CONFIG, "description": "by hand"})

    assert state["description"] == "by hand"
    assert planned(CONFIG, state)["description"] == "by hand"


def test_values_of_the_last_release_are_reused_where_that_is_asked_for(provider: Provider) -> None:
    first = applied(provider, {**CONFIG, "values": ["a: 1\nb: 1\n"]})

    second = applied(provider, {**CONFIG, "values": ["b: 2"], "reuse_values": True}, first)
    assert json.loads(second["metadata"]["values"]) == {"a": 1, "b": 2}

    both = {"reuse_values": True, "reset_values": True}
    third = applied(provider, {**CONFIG, "values": ["b: 3"], **both}, second)
    assert json.loads(third["metadata"]["values"]) == {"b": 3}
    assert third["metadata"]["revision"] == 3


def test_write_only_values_are_taken_when_their_revision_rises(
    provider: Provider, tmp_path: Path
) -> None:
    secret = {"set_wo": [{"name": "a", "value": "one", "type": None}]}
    first = applied(provider, {**CONFIG, **secret, "set_wo_revision": 1})
    (record,) = tmp_path.rglob("shop.json")

    same = applied(provider, {**CONFIG, **secret, "set_wo_revision": 1, "timeout": 9}, first)
    assert json.loads(record.read_text())["values"] == {}
    applied(provider, {**CONFIG, **secret, "set_wo_revision": 2}, same)
    assert json.loads(record.read_text())["values"] == {"a": "one"}


def test_a_release_that_went_away_meanwhile_is_not_upgraded(
    provider: Provider, tmp_path: Path
) -> None:
    state = applied(provider, CONFIG)
    next(tmp_path.rglob("shop.json")).unlink()

    found = apply(provider, {**CONFIG, "timeout": 9}, state)

    assert '"shop" has no deployed releases' in said(found)
    assert wire.read(found.new_state) == state


def test_nothing_is_looked_up_in_a_cluster_that_is_not_known_yet(provider: Provider) -> None:
    configure(provider, {"kubernetes": {"host": wire.UNKNOWN}})
    request = pb.ReadResource.Request(current_state=wire.write(CONFIG))

    assert "must not come from a resource of the same state" in said(
        provider.ReadResource(request, None)
    )


def test_a_plan_waits_for_what_is_not_known_yet() -> None:
    unknown = {"chart": wire.UNKNOWN, "version": None, "values": [wire.UNKNOWN]}

    found = planned({**CONFIG, **unknown, "set": [wire.UNKNOWN]})

    assert found["version"] is found["metadata"] is wire.UNKNOWN
    assert found["values"] == found["set"] == [wire.UNKNOWN]
    assert planned({**CONFIG, "chart": wire.UNKNOWN})["version"] == "1.2.3"


def test_a_destroy_is_planned_as_it_is(provider: Provider) -> None:
    request = pb.PlanResourceChange.Request(prior_state=wire.write(CONFIG), prior_private=b"x")

    found = provider.PlanResourceChange(request, None)

    assert wire.read(found.planned_state) is None
    assert found.planned_private == b"x"


def test_a_state_of_this_version_is_taken_as_it_is_and_no_other(provider: Provider) -> None:
    def upgraded(version: int) -> Any:
        raw = pb.RawState(json=b'{"name": "shop"}')
        request = pb.UpgradeResourceState.Request(version=version, raw_state=raw)
        return provider.UpgradeResourceState(request, None)

    assert wire.read(upgraded(2).upgraded_state) == {"name": "shop"}
    assert "schema version 1; the stand-in writes 2" in said(upgraded(1))


def test_a_folder_that_cannot_be_written_is_said_in_words(
    provider: Provider, tmp_path: Path
) -> None:
    (tmp_path / "releases").write_text("in the way")

    assert "The local state cannot be kept: " in said(apply(provider, CONFIG))


def test_a_fault_of_the_stand_in_is_named_as_one(provider: Provider) -> None:
    request = pb.ApplyResourceChange.Request(planned_state=wire.write({"name": "shop"}))

    assert "This is a fault of ekp" in said(provider.ApplyResourceChange(request, None))


def test_null_is_no_release(provider: Provider) -> None:
    assert "Nothing to work on" in said(provider.ReadResource(pb.ReadResource.Request(), None))


def test_a_stop_is_answered(provider: Provider) -> None:
    assert provider.StopProvider(pb.StopProvider.Request(), None).Error == ""
    assert not provider.GetFunctions(pb.GetFunctions.Request(), None).functions


@pytest.mark.parametrize(
    ("kubernetes", "name"),
    [
        ({"host": "https://a.eks", "exec": {"args": ["-x", "--cluster-name", "dev"]}}, "dev"),
        ({"host": "https://a.eks", "exec": {"args": ["--cluster-name=dev"]}}, "dev"),
        ({"host": "https://a.eks:443/x"}, "a.eks:443"),
        ({"host": "a.eks", "exec": {"args": ["--cluster-name"]}}, "a.eks"),
        ({"config_context": "kind-dev", "config_path": "~/.kube/config"}, "kind-dev"),
        ({"config_path": "~/.kube/config"}, "~/.kube/config"),
    ],
)
def test_a_cluster_is_named_by_its_provider_block(kubernetes: dict[str, Any], name: str) -> None:
    found = cluster.of({"kubernetes": kubernetes})

    assert found is not None
    assert found.name == name
    assert "/" not in found.folder


def test_a_new_cluster_is_not_the_old_one_of_its_name() -> None:
    assert Cluster("dev", "a").folder == Cluster("dev", "b").folder == "dev"
    assert Cluster("dev", "a").key != Cluster("dev", "b").key


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A chart of one's own, in the folder where Terraform runs."""
    made = tmp_path / "chart"
    made.mkdir()
    monkeypatch.chdir(tmp_path)
    return made


def located(text: str, folder: Path, **more: Any) -> charts.Chart:
    (folder / "Chart.yaml").write_text(text)
    return charts.locate({"chart": "chart", "repository": None, "version": None, **more}, [PIN])


LOCAL = "apiVersion: v2\nname: own\nversion: 1.0.0\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name: own\nversion: 1.0.0\n", "chart.metadata.apiVersion is required"),
        ("apiVersion: v2\nversion: 1.0.0\n", "chart.metadata.name is required"),
        ("apiVersion: v2\nname: own\n", "chart.metadata.version is required"),
        (f"{LOCAL}type: library\n", "library charts are not installable"),
        (f"{LOCAL}dependencies: [{{name: common}}]\n", "common: found in Chart.yaml, but missing"),
        ("a: [", "chart/Chart.yaml is not valid YAML"),
    ],
)
def test_a_folder_that_is_no_chart_is_refused(folder: Path, text: str, words: str) -> None:
    with pytest.raises(RefusedError) as refused:
        located(text, folder)

    assert words in refused.value.detail


def test_a_folder_without_facts_is_no_chart(folder: Path) -> None:
    with pytest.raises(RefusedError) as refused:
        charts.locate({"chart": str(folder), "repository": None, "version": None}, [])

    assert "Chart.yaml file is missing" in refused.value.detail


def test_a_chart_of_ones_own_is_recorded_and_not_rendered(folder: Path) -> None:
    (folder / "charts" / "common-1.0.0").mkdir(parents=True)
    (folder / "values.yaml").write_text("a: 1\n")

    found = located(f"{LOCAL}appVersion: 7\ndependencies: [{{name: common}}]\n", folder)

    assert (found.name, found.version, found.app_version) == ("own", "1.0.0", "7")
    assert (found.defaults, found.bundle) == ({"a": 1}, False)


def test_a_chart_may_be_named_by_its_whole_address() -> None:
    model = {"chart": "oci://charts.example.com/stable/shop", "repository": None}

    assert charts.locate({**model, "version": "v1.2.3"}, [PIN]).name == "shop"


def test_a_bundle_takes_its_charts_defaults(folder: Path) -> None:
    template = folder / "templates" / "objects.yaml"
    template.parent.mkdir()
    template.write_text("{{ .Values.objects }}")
    (folder / "values.yaml").write_text(
        "objects: [{apiVersion: v1, kind: ConfigMap, metadata: {name: x}}]\n"
    )
    (folder / "Chart.yaml").write_text(LOCAL)
    releases = Releases(folder.parent, Cluster("dev", ""), [])
    config = {**CONFIG, "chart": "./chart", "repository": None, "version": None}

    releases.install(planned(config), config)

    assert "name: x" in (folder.parent / "rendered" / "dev" / "shop.yaml").read_text()
