"""Bundles of our own objects under the real Terraform."""

import json
import stat

import pytest
import yaml

from ekp.local.helm import store

from .conftest import CONFIG, Terraform, bundle, namespace, pinned


def test_a_bundle_is_rendered_as_its_chart_prints_it(helm: Terraform) -> None:
    objects = [
        namespace("shop"),
        {**CONFIG, "data": {"rule": "{{ $labels.pod }} is\ndown", "time": "12:30", "answer": "y"}},
    ]
    helm.write(base=bundle(*objects, name="base"))
    helm.apply()

    text = helm.rendered("base").read_text()
    assert list(yaml.safe_load_all(text)) == objects
    assert "{{ $labels.pod }} is\n" in text
    assert text.count("---\n") == 2

    helm.write(base=bundle(*reversed(objects), name="base"))
    helm.apply()
    assert [one["kind"] for one in yaml.safe_load_all(helm.rendered("base").read_text())] == [
        *("ConfigMap", "Namespace"),
    ]
    assert store.count(helm.kept) == (1, 1)

    helm.ok("destroy", "-auto-approve")
    assert not helm.rendered("base").exists()
    assert store.count(helm.kept) == (0, 0)


def test_what_a_resource_gives_reaches_a_bundle(helm: Terraform) -> None:
    later = (
        "objects: [{apiVersion: v1, kind: ConfigMap, metadata: {name: '${terraform_data.x.id}'}}]"
    )
    helm.write(base=bundle(values=[later]))
    body = json.loads((helm.directory / "main.tf.json").read_text())
    body["resource"]["terraform_data"] = {"x": {"input": "1"}}
    (helm.directory / "main.tf.json").write_text(json.dumps(body))

    helm.apply()

    (found,) = yaml.safe_load_all(helm.rendered("objects").read_text())
    assert len(found["metadata"]["name"]) == 36
    assert helm.is_settled()


def test_another_version_of_a_local_chart_is_an_upgrade(helm: Terraform) -> None:
    helm.write(base=bundle(CONFIG))
    helm.apply()
    chart = helm.directory / "objects_chart" / "Chart.yaml"
    chart.write_text(chart.read_text().replace("1.0.0", "1.1.0"))

    assert helm.apply() == {"base": "update"}

    facts = helm.release("base")["metadata"]
    assert (facts["revision"], facts["version"]) == (2, "1.1.0")
    assert helm.is_settled()


def test_a_namespace_has_to_be_there_before_its_release(helm: Terraform) -> None:
    helm.write(one=pinned("one", namespace="shop"))

    assert 'namespaces "shop" not found' in helm.refused("apply")

    helm.write(
        base=bundle(namespace("shop")),
        one=pinned("one", namespace="shop", depends_on=["helm_release.base"]),
        two=pinned("two", namespace="tools", create_namespace=True),
    )
    helm.apply()
    assert helm.is_settled()


def test_two_bundles_of_one_name_do_not_take_each_others_file(helm: Terraform) -> None:
    helm.write(one=bundle(CONFIG))
    helm.apply()

    helm.write(one=bundle(CONFIG), two=bundle(CONFIG, namespace="default"))

    assert "rendered from the namespace 'kube-system' already" in helm.refused("apply")


@pytest.mark.parametrize("gone", ["apiVersion", "kind", "metadata"])
def test_an_object_that_is_none_is_refused(helm: Terraform, gone: str) -> None:
    helm.write(one=bundle({key: value for key, value in CONFIG.items() if key != gone}))

    assert "objects[0] of the release 'objects' has no" in helm.refused("apply")
    assert helm.records() == []


def test_a_sensitive_release_is_readable_by_its_owner_alone(helm: Terraform) -> None:
    helm.write(one=bundle(CONFIG))
    helm.apply()

    for file in (*helm.records(), helm.rendered("objects")):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
