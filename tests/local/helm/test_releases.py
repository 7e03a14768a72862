"""Releases of pinned charts under the real Terraform."""

import json

import pytest

from .conftest import Terraform, bundle, namespace, pinned


def test_a_release_is_applied_once_changed_alone_and_destroyed(helm: Terraform) -> None:
    helm.write(one=pinned("one", values=["a: 1\n"]), two=pinned("two", values=["a: 1\n"]))

    assert helm.apply() == {"one": "create", "two": "create"}
    assert helm.is_settled()
    made = helm.release("one")
    assert made["id"] == "one"
    assert made["status"] == "deployed"
    assert made["timeout"] == 300
    assert made["wait"] is True
    assert made["manifest"] is made["resources"] is made["description"] is None
    facts = made["metadata"]
    assert (facts["revision"], facts["chart"], facts["version"], facts["app_version"]) == (
        *(1, "cert-manager", "v1.21.1", "v1.21.1"),
    )
    assert json.loads(facts["values"]) == {"a": 1}

    helm.write(one=pinned("one", values=["a: 2\n"]), two=pinned("two", values=["a: 1\n"]))
    assert helm.apply() == {"one": "update"}
    changed = helm.release("one")["metadata"]
    assert changed["revision"] == 2
    assert changed["first_deployed"] == facts["first_deployed"]
    assert helm.release("two")["metadata"]["revision"] == 1
    assert helm.is_settled()

    helm.ok("destroy", "-auto-approve")
    assert helm.records() == []


def test_only_what_is_known_after_the_apply_is_unknown_in_a_plan(helm: Terraform) -> None:
    helm.write(one=pinned("one"))
    helm.ok("plan", "-out=made.tfplan")

    change = json.loads(helm.ok("show", "-json", "made.tfplan"))["resource_changes"][0]["change"]

    assert set(change["after_unknown"]) == {"id", "metadata"}
    assert change["after"]["version"] == "v1.21.1"
    assert change["after"]["status"] == "deployed"


@pytest.mark.parametrize("argument", ["name", "namespace"])
def test_another_name_or_namespace_is_a_replacement(helm: Terraform, argument: str) -> None:
    helm.write(one=pinned("one"))
    helm.apply()

    helm.write(one={**pinned("one"), argument: "default"})

    assert helm.apply() == {"one": "replace"}
    assert [file.stem for file in helm.records()] == [helm.release("one")["name"]]
    assert helm.is_settled()


def test_a_release_is_imported_by_namespace_and_name(helm: Terraform) -> None:
    release = bundle(namespace("shop"), name="base")
    helm.write(base=release)
    helm.apply()
    (helm.directory / "terraform.tfstate").unlink()

    helm.ok("import", "helm_release.base", "kube-system/base")

    found = helm.release("base")
    assert found["metadata"]["revision"] == 1
    assert found["description"] == "Install complete"
    # As with the real provider, arguments that no cluster keeps come with the next apply.
    assert helm.apply() == {"base": "update"}
    assert helm.is_settled()


def test_a_release_outside_of_the_state_keeps_its_name(helm: Terraform) -> None:
    helm.write(one=pinned("one"))
    helm.apply()
    (helm.directory / "terraform.tfstate").unlink()

    assert "cannot re-use a name that is still in use" in helm.refused("apply")

    helm.write(one=pinned("one", upgrade_install=True))
    helm.apply()
    assert helm.release("one")["metadata"]["revision"] == 2


def test_a_release_that_is_gone_is_made_anew(helm: Terraform) -> None:
    helm.write(one=pinned("one"))
    helm.apply()
    for record in helm.records():
        record.unlink()

    assert helm.apply() == {"one": "create"}


def test_a_cluster_made_anew_under_the_old_name_is_empty(helm: Terraform) -> None:
    helm.write(one=pinned("one"))
    helm.apply()
    body = (helm.directory / "main.tf.json").read_text()
    (helm.directory / "main.tf.json").write_text(body.replace("0a1b.gr7", "9f8e.gr7"))

    assert helm.apply() == {"one": "create"}


def test_a_write_only_value_reaches_the_release_and_not_the_state(helm: Terraform) -> None:
    secret = [{"name": "auth.password", "value": "hunter2"}]
    helm.write(one=pinned("one", set_wo=secret, set_wo_revision=1))
    helm.apply()

    state = (helm.directory / "terraform.tfstate").read_text()
    assert "hunter2" not in state
    assert helm.release("one")["metadata"]["values"] == "{}"
    assert json.loads(helm.records()[0].read_text())["values"] == {"auth": {"password": "hunter2"}}
    assert helm.is_settled()


def test_a_sensitive_value_is_cloaked_in_what_the_release_says(helm: Terraform) -> None:
    helm.write(one=pinned("one", set_sensitive=[{"name": "auth.password", "value": "hunter2"}]))
    helm.apply()

    assert "hunter2" not in helm.release("one")["metadata"]["values"]
    assert "hunter2" not in helm.ok("plan")
