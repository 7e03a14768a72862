"""The jobs' objects: valid, locked down, with rights for what they apply and for nothing else."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from modules.core.entra import EntraApplication
from modules.core.fleet import Delivered, Fleet
from modules.core.gitops import Delivery, GitRepository
from modules.kubernetes.aws_cli import AWS_CLI
from modules.kubernetes.manifest import Manifest
from modules.kubernetes.rancher.agent import agent_job, agent_rights
from modules.kubernetes.rancher.names import (
    NAMESPACE,
    cluster_id,
    project_annotation,
    registration_secret,
)
from modules.kubernetes.rancher.registered import Registered, registered
from modules.kubernetes.rancher.registrar import registrar
from modules.kubernetes.rancher.view import role_templates, seen
from modules.kubernetes.yaml_document import to_yaml

import pytest
import yaml

from tests.support.core_kinds import core_mistakes
from tests.support.platform import SIGN_IN
from tests.support.random_tenants import random_tenants
from tests.unit.test_rancher_registrar import DEV, GROUP_A, GROUP_B, cluster, tenant

HOST = "rancher.management.ekp.example"
ROLE = {"eks.amazonaws.com/role-arn": "arn:aws:iam::444444444444:role/ekp"}
CLUSTERS = [cluster(DEV, tenant("shop", GROUP_B)), cluster("prod-us-east-1", tenant("media"))]


def on_hub(
    clusters: Sequence[Registered] = CLUSTERS, application: EntraApplication | None = SIGN_IN
) -> list[Manifest]:
    return registrar(
        host=HOST,
        region="eu-west-1",
        application=application,
        clusters=clusters,
        secret_ids={one.cluster.name: f"arn:{one.cluster.name}" for one in clusters},
        annotations=ROLE,
    )


def in_cluster() -> list[Manifest]:
    return agent_job(
        host=HOST,
        region="us-east-1",
        secret_id="arn:aws:secretsmanager:eu-west-1:444444444444:secret:registration",
        secret_region="eu-west-1",
        annotations=ROLE,
    )


def rules(manifests: Sequence[Manifest]) -> list[Mapping[str, Any]]:
    (found,) = (m.fields["rules"] for m in manifests if m.kind in {"ClusterRole", "Role"})
    return list(found)


def may(
    found: Sequence[Mapping[str, Any]], verb: str, group: str, resource: str, name: str
) -> bool:
    return any(
        verb in rule["verbs"]
        and group in rule["apiGroups"]
        and resource in rule["resources"]
        and name in rule.get("resourceNames", [name])
        for rule in found
    )


def templates(manifests: Sequence[Manifest]) -> Iterator[dict[str, Any]]:
    for manifest in manifests:
        if manifest.kind == "Job":
            yield manifest.fields["spec"]["template"]["spec"]
        if manifest.kind == "CronJob":
            yield manifest.fields["spec"]["jobTemplate"]["spec"]["template"]["spec"]


def data(manifests: Sequence[Manifest]) -> dict[str, str]:
    maps = [manifest.fields["data"] for manifest in manifests if manifest.kind == "ConfigMap"]
    return {name: text for one in maps for name, text in one.items()}


def applied(manifests: Sequence[Manifest]) -> Iterator[tuple[str, str, str]]:
    """Return group, resource and name of each object that the registrar applies."""
    for name, text in data(manifests).items():
        for line in text.splitlines() if name != "clusters" else ():
            parts = line.partition(" ")[0].split("/")
            yield parts[1], parts[-2], parts[-1]


@pytest.mark.parametrize("manifests", [on_hub(), in_cluster(), agent_rights()])
def test_kubernetes_takes_the_objects(manifests: list[Manifest]) -> None:
    assert core_mistakes([manifest.as_dict() for manifest in manifests]) == []


@pytest.mark.parametrize("manifests", [on_hub(), in_cluster()])
def test_pods_are_locked_down_and_keep_tokens_in_memory(manifests: list[Manifest]) -> None:
    pods = list(templates(manifests))
    assert len(pods) == 2

    for pod in pods:
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        (container,) = pod["containers"]
        assert container["image"] == AWS_CLI
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        disks = [v["emptyDir"] for v in pod["volumes"] if "emptyDir" in v]
        assert disks
        assert all(disk["medium"] == "Memory" for disk in disks)


@pytest.mark.parametrize("manifests", [on_hub(), in_cluster()])
def test_a_run_at_install_never_fails_the_release_and_a_later_one_is_told(
    manifests: list[Manifest],
) -> None:
    said = {}
    for manifest in manifests:
        for pod in templates([manifest]):
            found = {one["name"]: one["value"] for one in pod["containers"][0]["env"]}
            said[manifest.kind] = found["TOLERANT"]

    assert said == {"Job": "yes", "CronJob": "no"}
    (job,) = (m for m in manifests if m.kind == "Job")
    assert job.annotations["helm.sh/hook"] == "post-install,post-upgrade"


@pytest.mark.parametrize("manifests", [on_hub(), in_cluster()])
def test_each_job_has_a_service_account_of_its_own_with_its_role(
    manifests: list[Manifest],
) -> None:
    (account,) = (m for m in manifests if m.kind == "ServiceAccount")
    (binding,) = (m for m in manifests if m.kind.endswith("Binding"))

    assert account.annotations == ROLE
    assert [subject["name"] for subject in binding.fields["subjects"]] == [account.name]
    assert {pod["serviceAccountName"] for pod in templates(manifests)} == {account.name}


@pytest.mark.parametrize("manifests", [on_hub(), in_cluster()])
def test_scripts_and_files_reach_the_cluster_as_they_are_written(
    manifests: list[Manifest],
) -> None:
    bundle = {"objects": [manifest.as_dict() for manifest in manifests]}

    # Terraform reads "$${" as "${".
    read = yaml.safe_load(to_yaml(bundle).replace("$${", "${").replace("%%{", "%{"))

    assert read == bundle


def test_the_registrar_may_apply_all_that_it_applies() -> None:
    manifests = on_hub()
    found = rules(manifests)

    for group, resource, name in applied(manifests):
        assert may(found, "patch", group, resource, name), (resource, name)
        # Rancher makes it: without Rancher there is none to be signed in to.
        if resource != "authconfigs":
            assert may(found, "create", group, resource, name), (resource, name)


def test_the_registrar_s_rights_are_bounded_by_names() -> None:
    found = rules(on_hub())

    assert not may(found, "patch", "provisioning.cattle.io", "clusters", "local")
    assert not may(found, "patch", "management.cattle.io", "roletemplates", "project-owner")
    assert not may(found, "patch", "management.cattle.io", "globalrolebindings", "mine")
    assert not may(found, "get", "", "secrets", "bootstrap-secret")
    assert may(found, "get", "", "secrets", "crt-token-default-token")
    assert not any("*" in rule[key] for rule in found for key in ("verbs", "resources"))
    assert not any("escalate" in rule["verbs"] for rule in found)


def test_the_registrar_may_make_administrators_only_where_people_sign_in() -> None:
    binds = [rule for rule in rules(on_hub()) if "bind" in rule["verbs"]]
    without = rules(on_hub(application=None))

    assert [rule["resourceNames"] for rule in binds] == [["admin"]]
    assert not any("bind" in rule["verbs"] for rule in without)
    assert not may(without, "patch", "management.cattle.io", "authconfigs", "azuread")


@pytest.mark.requirement("R33")
def test_the_registrar_hands_out_no_more_than_it_has() -> None:
    own = rules(on_hub())

    for template in role_templates():
        for rule in template.fields["rules"]:
            assert rule in own


@pytest.mark.requirement("R34")
def test_who_looks_through_rancher_reads_no_secret_opens_no_shell_and_changes_nothing() -> None:
    for rule in seen():
        assert set(rule["verbs"]) == {"get", "list", "watch"}
        for resource in rule["resources"]:
            assert resource not in {"secrets", "pods/exec", "pods/attach", "pods/portforward"}
            assert "*" not in resource


def test_a_hub_without_clusters_has_its_sign_in_nevertheless() -> None:
    files = data(on_hub(clusters=()))

    assert set(files) == {"hub", "clusters"}
    assert "authconfigs/azuread" in files["hub"]
    assert files["clusters"] == ""


def test_no_file_holds_a_secret() -> None:
    text = json.dumps(data(on_hub()))

    assert re.findall(r'applicationSecret\\":\\"([^"\\]*)', text) == [
        "cattle-global-data:azureadconfig-applicationsecret"
    ]
    assert "token" not in text.replace("tokenEndpoint", "").replace("oauth2/v2.0/token", "")


def test_the_agent_s_job_gives_no_rights_and_reads_no_secret() -> None:
    found = rules(in_cluster())

    assert {group for rule in found for group in rule["apiGroups"]} == {"", "apps"}
    assert [rule["verbs"] for rule in found if "secrets" in rule["resources"]] == [["create"]]
    assert may(found, "patch", "apps", "deployments", "cattle-cluster-agent")
    assert not may(found, "patch", "apps", "deployments", "rancher-webhook")
    assert not any("delete" in rule["verbs"] for rule in found)


def test_the_agent_s_rights_are_the_ones_that_rancher_s_manifest_has() -> None:
    names = {(m.kind, m.name) for m in agent_rights()}

    assert names == {
        ("Namespace", NAMESPACE),
        ("ServiceAccount", "cattle"),
        ("ClusterRole", "cattle-admin"),
        ("ClusterRoleBinding", "cattle-admin-binding"),
        ("ClusterRole", "proxy-clusterrole-kubeapiserver"),
        ("ClusterRoleBinding", "proxy-role-binding-kubernetes-master"),
    }


def test_the_agent_s_namespace_refuses_privileged_pods() -> None:
    (space,) = (m for m in agent_rights() if m.kind == "Namespace")

    assert space.labels["pod-security.kubernetes.io/enforce"] == "baseline"
    assert space.labels["istio-injection"] == "disabled"


@pytest.mark.parametrize("name", ["dev-eu-west-1", "prod-us-east-1", "qa-ap-southeast-2"])
def test_a_partial_arn_of_a_registration_is_never_taken_for_a_whole_one(name: str) -> None:
    assert not re.search(r"-[A-Za-z0-9-]{6}$", registration_secret(name))


def test_an_id_has_rancher_s_own_form_and_is_a_cluster_s_alone() -> None:
    ids = {cluster_id(name) for name in ("dev-eu-west-1", "prod-eu-west-1", "prod-us-east-1")}

    assert len(ids) == 3
    assert all(re.fullmatch(r"c-m-[a-z0-9]{8}", one) for one in ids)


def test_a_namespace_joins_the_project_that_the_registrar_makes() -> None:
    (found,) = project_annotation(DEV, "shop").values()
    id_, _, name = found.partition(":")

    assert id_ == cluster_id(DEV)
    assert f"/projects/{name} " in data(on_hub())[f"people.{DEV}"]


def test_a_cluster_has_the_tenants_of_its_environment_and_region() -> None:
    shop = tenant("shop").in_environment("dev")
    assert shop is not None
    here, there = cluster("dev-eu-west-1").cluster, cluster("dev-us-east-1").cluster
    other = cluster("prod-eu-west-1").cluster
    settings = shop.settings.model_copy(update={"regions": ("eu-west-1",)})
    delivered = Delivered(
        environment="dev",
        regions=("eu-west-1", "us-east-1"),
        tenancies=(type(shop)(tenant=shop.tenant, environment="dev", settings=settings),),
        delivery=Delivery(repository=GitRepository(url="https://git.example.org/ekp.git")),
        networks=(),
    )

    found = registered(Fleet(clusters=(here, there, other), delivered=(delivered,)))

    assert {one.cluster.name: [t.name for t in one.tenants] for one in found} == {
        "dev-eu-west-1": ["shop"],
        "dev-us-east-1": [],
        "prod-eu-west-1": [],
    }
    assert GROUP_A in shop.tenant.groups.everyone


def test_two_hundred_tenants_of_a_cluster_fit_into_its_config_map() -> None:
    tenants = tuple(random_tenants(200, seed=5))
    one = CLUSTERS[0]
    many = replace(one, tenants=tenants)
    maps = [m for m in on_hub([many]) if m.kind == "ConfigMap"]

    sizes = {m.name: sum(map(len, m.fields["data"].values())) for m in maps}
    # Source: Kubernetes documentation, "ConfigMaps": 1 MiB.
    assert max(sizes.values()) < 1_048_576 / 2
    assert max(sizes, key=lambda name: sizes[name]) == f"rancher-registrar-{one.cluster.name}"
