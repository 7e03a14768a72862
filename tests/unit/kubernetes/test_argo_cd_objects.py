"""What Argo CD may apply, where, in which order, and what it overlooks."""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

from modules.core.delivery import BlueGreen, Canary, HeaderCanary, Strategy
from modules.core.fleet import Delivered
from modules.core.gitops import Delivery, GitRepository, Sync
from modules.core.secrets import Secret
from modules.core.services import Route, Service
from modules.core.site import Site
from modules.core.sync_windows import SyncWindow, WindowKind
from modules.core.tenants import Groups, Tenancy, TenantEnvironment
from modules.kubernetes.argo_cd.application_set import application_set
from modules.kubernetes.argo_cd.project import RENDERED_KINDS, project
from modules.kubernetes.service_objects import service_objects

import pytest

from ekp.services.documents import render
from tests.support.custom_resources import mistakes
from tests.support.shop import SITE, service
from tests.support.tenants import group, tenancy, tenant

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


REGIONS = ("eu-west-1", "us-east-1", "us-west-2")
SHOP = tenancy(tenant(namespaces=("shop", "shop-jobs")))


def delivered(delivery: Delivery = AUTOMATED) -> Delivered:
    return Delivered(
        environment="prod", regions=REGIONS, tenancies=(SHOP,), delivery=delivery, networks=()
    )


def allowed(found: Tenancy = SHOP, delivery: Delivery = AUTOMATED) -> Mapping[str, Any]:
    spec: Mapping[str, Any] = project(found, delivered(delivery)).fields["spec"]
    return spec


def spec(delivery: Delivery = AUTOMATED, found: Tenancy = SHOP) -> Mapping[str, Any]:
    written: Mapping[str, Any] = application_set(found, "shop", delivered(delivery)).fields["spec"]
    return written


def application(delivery: Delivery = AUTOMATED, found: Tenancy = SHOP) -> Mapping[str, Any]:
    written: Mapping[str, Any] = spec(delivery, found)["template"]["spec"]
    return written


@pytest.mark.requirement("R37", "R45")
def test_the_objects_are_as_argo_cd_defines_them(tmp_path: Path) -> None:
    deny = SyncWindow(kind=WindowKind.DENY, schedule="0 16 * * FRI", duration="64h")
    closed = WAVES.model_copy(update={"windows": (deny,)})
    objects = [
        project(SHOP, delivered()),
        project(SHOP, delivered(closed)),
        application_set(SHOP, "shop", delivered()),
        application_set(SHOP, "shop", delivered(WAVES)),
    ]

    assert mistakes([one.as_dict() for one in objects], tmp_path) == []


def test_a_project_lets_one_repository_into_a_tenants_namespaces_on_clusters_by_name() -> None:
    found = project(SHOP, delivered())

    assert (found.name, found.namespace) == ("prod-shop", "argocd")
    assert found.fields["spec"]["sourceRepos"] == [REPOSITORY.url]
    assert found.fields["spec"]["destinations"] == [
        {"name": f"prod-{region}", "namespace": namespace}
        for region in REGIONS
        for namespace in ("shop", "shop-jobs")
    ]


def test_a_tenant_brings_its_own_repository_and_gets_the_regions_that_it_is_in() -> None:
    own = GitRepository(url="https://git.example.org/bank/services.git", revision="live")
    here = TenantEnvironment(regions=("us-east-1",))
    found = tenancy(tenant("bank", repository=own, environments={"prod": here}))

    assert allowed(found)["sourceRepos"] == [own.url]
    assert allowed(found)["destinations"] == [{"name": "prod-us-east-1", "namespace": "bank"}]
    assert application(found=found)["source"]["repoURL"] == own.url
    assert application(found=found)["source"]["targetRevision"] == "live"
    (generator,) = spec(found=found)["generators"]
    (asked,) = generator["clusters"]["selector"]["matchExpressions"]
    assert asked == {"key": "ekp/region", "operator": "In", "values": ["us-east-1"]}


def test_git_brings_services_and_never_what_guards_them() -> None:
    found = allowed()
    kinds = [(entry["group"], entry["kind"]) for entry in found["namespaceResourceWhitelist"]]

    assert found["clusterResourceWhitelist"] == []
    assert tuple(kinds) == RENDERED_KINDS
    assert {("argoproj.io", "Rollout"), ("networking.istio.io", "VirtualService")} <= {*kinds}
    assert not {group for group, _ in kinds} & {
        "*",
        "elbv2.k8s.aws",
        "k8s.nginx.org",
        "networking.k8s.io",
        "projectcalico.org",
        "rbac.authorization.k8s.io",
        "security.istio.io",
        "telemetry.istio.io",
    }
    assert not {kind for _, kind in kinds} & {
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
        "TargetGroupBinding",
        "VaultAuth",
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


def test_an_application_belongs_to_the_project_of_its_tenant() -> None:
    assert application()["project"] == project(SHOP, delivered()).name
    jobs = application_set(SHOP, "shop-jobs", delivered())
    assert jobs.name == "prod-shop-jobs"
    assert jobs.fields["spec"]["template"]["spec"]["project"] == "prod-shop"


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
    found = application_set(SHOP, "shop", delivered()).as_dict()

    assert found["spec"]["syncPolicy"] == {"preserveResourcesOnDeletion": True}
    assert "finalizers" not in found["metadata"]
    assert "finalizers" not in found["spec"]["template"]["metadata"]


def test_a_name_without_a_region_cannot_arise() -> None:
    found = spec()

    assert found["goTemplate"] is True
    assert found["goTemplateOptions"] == ["missingkey=error"]
    (generator,) = found["generators"]
    assert generator["clusters"]["selector"]["matchExpressions"] == [
        {"key": "ekp/region", "operator": "In", "values": [*REGIONS]}
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
    secrets = (Secret(name="key"), Secret(name="store", database="main"))
    one = service(strategy=strategy, routes=everywhere, secrets=secrets)
    rendered = service_objects(one, SITE)

    kinds = {(one.api_version.rpartition("/")[0], one.kind) for one in rendered}
    assert kinds == {*RENDERED_KINDS}


def policies(found: Tenancy = SHOP) -> dict[str, list[str]]:
    return {role["name"]: role["policies"] for role in allowed(found)["roles"]}


@pytest.mark.requirement("R41")
def test_people_have_their_rights_by_group_in_their_tenants_project() -> None:
    roles = {role["name"]: role["groups"] for role in allowed()["roles"]}
    groups = SHOP.tenant.groups

    # As tokens carry them: no prefix, as Kubernetes has one.
    assert roles == {
        "developer": [*groups.admin, *groups.developer],
        "viewer": [*groups.viewer],
    }
    assert policies()["viewer"] == [
        "p, proj:prod-shop:viewer, applications, get, prod-shop/*, allow"
    ]
    assert policies()["developer"] == [
        f"p, proj:prod-shop:developer, applications, {action}, prod-shop/*, allow"
        for action in ("get", "sync", "action/argoproj.io/Rollout/*")
    ]


def test_a_tenant_without_viewers_has_no_role_for_them() -> None:
    found = tenancy(tenant(groups=Groups(admin=(group(1),))))

    assert [*policies(found)] == ["developer"]


def test_nobody_but_administrators_makes_changes_or_deletes_applications() -> None:
    granted = {policy.split(", ")[3] for rules in policies().values() for policy in rules}

    assert granted.isdisjoint({"*", "create", "update", "delete", "override"})


@pytest.mark.requirement("R37")
def test_every_window_of_the_delivery_holds_for_all_applications_of_a_project() -> None:
    windows = (
        SyncWindow(
            kind=WindowKind.DENY,
            schedule="0 16 * * FRI",
            duration="64h",
            time_zone="Europe/Dublin",
            manual_sync=True,
        ),
        SyncWindow(kind=WindowKind.ALLOW, schedule="0 8 * * MON-FRI", duration="8h"),
    )
    delivery = WAVES.model_copy(update={"windows": windows})

    assert allowed()["syncWindows"] == []
    assert allowed(delivery=delivery)["syncWindows"] == [
        {
            "kind": "deny",
            "schedule": "0 16 * * FRI",
            "duration": "64h",
            "timeZone": "Europe/Dublin",
            "applications": ["*"],
            "manualSync": True,
        },
        {
            "kind": "allow",
            "schedule": "0 8 * * MON-FRI",
            "duration": "8h",
            "timeZone": "UTC",
            "applications": ["*"],
            "manualSync": False,
        },
    ]
