"""What Argo CD may apply, where, in which order, and what it overlooks."""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

from modules.core.delivery import BlueGreen, Canary, HeaderCanary, Strategy
from modules.core.gitops import Delivery, GitRepository, Sync
from modules.core.services import Route, Service
from modules.core.site import Site
from modules.kubernetes.argo_cd.application_set import application_set
from modules.kubernetes.argo_cd.project import RENDERED_KINDS, project
from modules.kubernetes.service_objects import service_objects

import pytest

from ekp.services.documents import render
from tests.support.custom_resources import mistakes
from tests.support.shop import SITE, service

REPOSITORY = GitRepository(url="https://git.example.org/shop/services.git", path="live/services")
AUTOMATED = Delivery(repository=REPOSITORY)
WAVES = Delivery(
    repository=REPOSITORY, sync=Sync.WAVES, waves=(("eu-west-1",), ("us-east-1", "us-west-2"))
)


@dataclass(frozen=True)
class Described:
    """An environment, as far as its services' objects need one."""

    name: str = "prod"
    services: tuple[Service, ...] = (service(),)

    def site(self) -> Site:
        return SITE


def spec(delivery: Delivery = AUTOMATED) -> Mapping[str, Any]:
    found: Mapping[str, Any] = application_set("prod", "shop", delivery).fields["spec"]
    return found


def application(delivery: Delivery = AUTOMATED) -> Mapping[str, Any]:
    found: Mapping[str, Any] = spec(delivery)["template"]["spec"]
    return found


@pytest.mark.requirement("R37", "R45")
def test_the_objects_are_as_argo_cd_defines_them(tmp_path: Path) -> None:
    objects = [
        project("prod", "shop", REPOSITORY),
        application_set("prod", "shop", AUTOMATED),
        application_set("prod", "shop", WAVES),
    ]

    assert mistakes([one.as_dict() for one in objects], tmp_path) == []


def test_a_project_lets_one_repository_into_one_namespace_of_the_environments_clusters() -> None:
    found = project("prod", "shop", REPOSITORY)

    assert (found.name, found.namespace) == ("prod-shop", "argocd")
    assert found.fields["spec"]["sourceRepos"] == [REPOSITORY.url]
    assert found.fields["spec"]["destinations"] == [{"name": "prod-*", "namespace": "shop"}]


def test_git_brings_services_and_never_what_guards_them() -> None:
    found = project("prod", "shop", REPOSITORY).fields["spec"]
    allowed = [(entry["group"], entry["kind"]) for entry in found["namespaceResourceWhitelist"]]

    assert found["clusterResourceWhitelist"] == []
    assert tuple(allowed) == RENDERED_KINDS
    assert {("argoproj.io", "Rollout"), ("networking.istio.io", "VirtualService")} <= {*allowed}
    assert not {group for group, _ in allowed} & {
        "*",
        "elbv2.k8s.aws",
        "k8s.nginx.org",
        "networking.k8s.io",
        "projectcalico.org",
        "rbac.authorization.k8s.io",
        "security.istio.io",
        "telemetry.istio.io",
    }
    assert not {kind for _, kind in allowed} & {
        "*",
        "EnvoyFilter",
        "Gateway",
        "Namespace",
        "ResourceQuota",
        "Role",
        "RoleBinding",
        "Secret",
        "ServiceEntry",
        "Sidecar",
    }


@pytest.mark.requirement("R37")
def test_every_cluster_of_the_environment_gets_the_services_of_its_own_folder() -> None:
    (generator,) = spec()["generators"]
    template = spec()["template"]

    assert generator["clusters"]["selector"]["matchLabels"] == {"ekp/environment": "prod"}
    assert template["metadata"]["name"] == "prod-{{.values.region}}-shop"
    assert generator["clusters"]["values"] == {"region": '{{index .metadata.labels "ekp/region"}}'}
    assert application()["source"] == {
        "repoURL": REPOSITORY.url,
        "targetRevision": "main",
        "path": "live/services/prod/shop",
        "directory": {"recurse": False, "include": "*.yaml"},
    }
    assert application()["destination"] == {"name": "{{.name}}", "namespace": "shop"}


def test_an_application_belongs_to_the_project_of_its_namespace() -> None:
    assert application()["project"] == project("prod", "shop", REPOSITORY).name


@pytest.mark.requirement("R37", "R45")
def test_a_commit_is_applied_by_itself_and_a_change_by_hand_put_right() -> None:
    assert application()["syncPolicy"]["automated"] == {
        "prune": True,
        "selfHeal": True,
        "allowEmpty": False,
    }
    assert "strategy" not in spec()


def test_a_commit_that_comes_before_its_guardrails_is_tried_until_they_are_there() -> None:
    retry = application()["syncPolicy"]["retry"]

    # Below nought Argo CD counts no attempts; each takes the newest commit.
    assert retry["limit"] < 0
    assert retry["refresh"] is True
    assert retry["backoff"] == {"duration": "10s", "factor": 2, "maxDuration": "3m"}


def test_what_is_rendered_lies_where_argo_cd_looks_and_little_else_does() -> None:
    directory = application()["source"]["directory"]
    rendered = render(Described(), service_objects)

    assert {path.parent.name for path in rendered} == {"shop"}
    assert {path.parent.parent for path in rendered} == {PurePosixPath()}
    assert directory["recurse"] is False
    assert all(fnmatchcase(path.name, directory["include"]) for path in rendered)
    for other in ("objects.json", "objects.jsonnet", "objects.yml"):
        assert not fnmatchcase(other, directory["include"])


@pytest.mark.requirement("R20", "R37")
def test_the_canary_region_goes_first_and_each_wave_waits_for_the_one_before() -> None:
    strategy = spec(WAVES)["strategy"]
    steps = strategy["rollingSync"]["steps"]

    assert strategy["type"] == "RollingSync"
    assert [step["matchExpressions"] for step in steps] == [
        [{"key": "ekp/region", "operator": "In", "values": ["eu-west-1"]}],
        [{"key": "ekp/region", "operator": "In", "values": ["us-east-1", "us-west-2"]}],
    ]
    # The label that steps choose by is one that Applications have.
    assert spec(WAVES)["template"]["metadata"]["labels"]["ekp/region"] == "{{.values.region}}"


def test_waves_also_remove_what_git_no_longer_has() -> None:
    # The controller takes prune from here for the syncs that it starts.
    assert application(WAVES)["syncPolicy"]["automated"]["prune"] is True


def test_services_outlive_their_application_set() -> None:
    found = application_set("prod", "shop", AUTOMATED).as_dict()

    assert found["spec"]["syncPolicy"] == {"preserveResourcesOnDeletion": True}
    assert "finalizers" not in found["metadata"]
    assert "finalizers" not in found["spec"]["template"]["metadata"]


def test_a_name_without_a_region_cannot_arise() -> None:
    found = spec()

    assert found["goTemplate"] is True
    assert found["goTemplateOptions"] == ["missingkey=error"]
    (generator,) = found["generators"]
    assert generator["clusters"]["selector"]["matchExpressions"] == [
        {"key": "ekp/region", "operator": "Exists"}
    ]


def test_namespaces_are_not_argo_cds_to_make() -> None:
    assert "CreateNamespace=false" in application()["syncPolicy"]["syncOptions"]


def test_what_nobody_changed_is_not_applied_and_what_controllers_wrote_is_kept() -> None:
    options = application()["syncPolicy"]["syncOptions"]

    assert {"ApplyOutOfSyncOnly=true", "RespectIgnoreDifferences=true"} <= {*options}
    assert "ServerSideApply=true" not in options


@pytest.mark.parametrize("strategy", [Canary(), HeaderCanary(), BlueGreen()])
def test_a_project_allows_all_that_git_holds_of_a_service(strategy: Strategy) -> None:
    everywhere = (Route(host="shop"), Route(host="media"))
    rendered = service_objects(service(strategy=strategy, routes=everywhere), SITE)

    kinds = {(one.api_version.rpartition("/")[0], one.kind) for one in rendered}
    assert kinds == {*RENDERED_KINDS}
