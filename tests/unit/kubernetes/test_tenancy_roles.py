"""A tenant's people do in its namespaces what their group may, and nothing anywhere else."""

from collections.abc import Iterator
from typing import Any

from modules.core.rates import Key, Rate
from modules.core.services import Access, External, Route, Service
from modules.core.tenants import Groups, Tenancy
from modules.kubernetes.guardrails import tenant_guardrails
from modules.kubernetes.service_objects import service_objects
from modules.kubernetes.tenancy.roles import roles

import pytest

from ekp.evaluate.rbac import Group, may
from ekp.evaluate.request import Object
from tests.support.core_kinds import core_mistakes
from tests.support.shop import SITE
from tests.support.tenants import group, tenancy, tenant

IMAGE = "registry.example.org/shop/catalog:1.4.2"
CATALOG = Service(
    name="catalog",
    namespace="shop",
    image=IMAGE,
    routes=(Route(host="shop"), Route(host="media", path="/catalog")),
    access=Access(public=("/status",)),
    external=(External(host="payments.example.com"),),
    capacity=Rate(requests=6000, key=Key.POD),
)
GROUPS = Groups(admin=(group(1),), developer=(group(2),), viewer=(group(3),))
SHOP = tenancy(tenant("shop", services=(CATALOG,), groups=GROUPS))
OTHERS = Groups(admin=(group(4),), developer=(group(5),), viewer=(group(6),))
BILLING = tenancy(tenant("billing", groups=OTHERS))
ADMIN, DEVELOPER, VIEWER = (Group(f"entra:{group(number)}") for number in (1, 2, 3))
EVERYBODY = (ADMIN, DEVELOPER, VIEWER)
WRITES = ("create", "update", "patch", "delete", "deletecollection")


def objects(*, debugging: bool = False) -> list[Object]:
    found = [*roles(SHOP, debugging=debugging), *roles(BILLING, debugging=debugging)]
    return [manifest.as_dict() for manifest in found]


OBJECTS = objects()


def allowed(found: list[Object], who: Group, verb: str, resource: str, **where: Any) -> bool:
    return may(found, who, verb, resource, **where).allowed


def kept_in_the_namespace(of: Tenancy) -> Iterator[tuple[str, str, str]]:
    """Yield group, plural and kind of everything that Git and Terraform keep there."""
    kept = [
        *tenant_guardrails(of, SITE),
        *(manifest for service in of.services for manifest in service_objects(service, SITE)),
    ]
    for manifest in kept:
        if manifest.namespace not in of.namespaces:
            continue
        api_group = manifest.api_version.rpartition("/")[0]
        kind = manifest.kind.lower()
        plural = f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}s"
        yield api_group, plural, manifest.kind


@pytest.mark.requirement("R34")
@pytest.mark.parametrize("who", EVERYBODY, ids=["admin", "developer", "viewer"])
def test_everybody_of_a_tenant_sees_all_that_is_kept_of_it_but_secrets(who: Group) -> None:
    kept = set(kept_in_the_namespace(SHOP))

    assert {"Rollout", "NetworkPolicy", "ResourceQuota", "Role"} <= {kind for *_, kind in kept}
    for api_group, resource, kind in kept:
        for verb in ("get", "list", "watch"):
            assert allowed(OBJECTS, who, verb, resource, api_group=api_group, namespace="shop"), (
                kind
            )
    for resource, subresource in (("pods", None), ("pods", "log"), ("events", None)):
        assert allowed(OBJECTS, who, "get", resource, namespace="shop", subresource=subresource)
    assert allowed(OBJECTS, who, "get", "namespaces", namespace="shop", name="shop")
    for verb in ("get", "list", "watch"):
        assert not allowed(OBJECTS, who, verb, "secrets", namespace="shop", name="catalog-database")


@pytest.mark.requirement("R34")
@pytest.mark.parametrize("who", EVERYBODY, ids=["admin", "developer", "viewer"])
def test_nobody_of_a_tenant_sees_anything_of_another(who: Group) -> None:
    granted = {
        (api_group, resource, verb)
        for found in OBJECTS
        for rule in found.get("rules", ())
        if found["kind"] == "Role"
        for api_group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }

    assert ("", "pods", "get") in granted
    for api_group, resource, verb in granted:
        for elsewhere in ("billing", "observability", None):
            assert not allowed(
                OBJECTS,
                who,
                verb,
                resource,
                api_group=api_group,
                namespace=elsewhere,
                name="default.*",
            )


@pytest.mark.parametrize(
    ("api_group", "resource"),
    [
        ("", "secrets"),
        ("", "configmaps"),
        ("", "services"),
        ("", "serviceaccounts"),
        ("", "resourcequotas"),
        ("", "limitranges"),
        ("apps", "deployments"),
        ("batch", "jobs"),
        ("argoproj.io", "rollouts"),
        ("elbv2.k8s.aws", "targetgroupbindings"),
        ("k8s.nginx.org", "virtualservers"),
        ("monitoring.coreos.com", "alertmanagerconfigs"),
        ("networking.istio.io", "envoyfilters"),
        ("networking.istio.io", "sidecars"),
        ("networking.k8s.io", "networkpolicies"),
        ("projectcalico.org", "networkpolicies"),
        ("rbac.authorization.k8s.io", "rolebindings"),
        ("rbac.authorization.k8s.io", "roles"),
        ("secrets.hashicorp.com", "vaultauths"),
        ("security.istio.io", "authorizationpolicies"),
        ("security.istio.io", "requestauthentications"),
    ],
)
@pytest.mark.requirement("R34")
def test_nobody_writes_what_git_or_terraform_owns(api_group: str, resource: str) -> None:
    every = objects(debugging=True)

    for who in EVERYBODY:
        for verb in (*WRITES, "bind", "escalate", "impersonate"):
            assert not allowed(every, who, verb, resource, api_group=api_group, namespace="shop")


def test_nobody_starts_pods_or_makes_tokens() -> None:
    every = objects(debugging=True)

    for who in EVERYBODY:
        assert not allowed(every, who, "create", "pods", namespace="shop")
        assert not allowed(every, who, "patch", "pods", namespace="shop")
        assert not allowed(
            every, who, "create", "serviceaccounts", namespace="shop", subresource="token"
        )
        assert not allowed(every, who, "impersonate", "groups")


@pytest.mark.requirement("R34")
def test_developers_promote_and_stop_rollouts_and_restart_pods() -> None:
    for who in (ADMIN, DEVELOPER):
        assert allowed(
            OBJECTS,
            who,
            "patch",
            "rollouts",
            api_group="argoproj.io",
            namespace="shop",
            subresource="status",
        )
        assert allowed(OBJECTS, who, "delete", "pods", namespace="shop", name="catalog-1")


def test_viewers_change_nothing() -> None:
    every = objects(debugging=True)
    granted = [rule for one in every if one["kind"] == "Role" for rule in one["rules"]]

    for rule in granted:
        for resource in rule["resources"]:
            name, _, subresource = resource.partition("/")
            for verb in WRITES:
                assert not allowed(
                    every,
                    VIEWER,
                    verb,
                    name,
                    api_group=rule["apiGroups"][0],
                    namespace="shop",
                    subresource=subresource or None,
                )


STREAMS = (
    ("exec", "create"),
    ("exec", "get"),
    ("attach", "create"),
    ("portforward", "create"),
    ("portforward", "get"),
    ("ephemeralcontainers", "patch"),
)


@pytest.mark.parametrize(("subresource", "verb"), STREAMS)
def test_pods_are_entered_where_debugging_is_on_and_by_developers(
    subresource: str, verb: str
) -> None:
    def enters(who: Group, *, debugging: bool) -> bool:
        return allowed(
            objects(debugging=debugging),
            who,
            verb,
            "pods",
            namespace="shop",
            subresource=subresource,
        )

    assert enters(DEVELOPER, debugging=True)
    assert enters(ADMIN, debugging=True)
    assert not enters(VIEWER, debugging=True)
    assert not any(enters(who, debugging=False) for who in EVERYBODY)


def test_calico_shows_the_tenants_policies() -> None:
    # What its API server asks before it answers for one policy.
    assert allowed(OBJECTS, VIEWER, "get", "tiers", api_group="projectcalico.org", name="default")
    assert not allowed(OBJECTS, VIEWER, "list", "tiers", api_group="projectcalico.org")
    for resource, name in (("networkpolicies", "catalog"), ("tier.networkpolicies", "default.*")):
        assert allowed(
            OBJECTS,
            VIEWER,
            "get",
            resource,
            api_group="projectcalico.org",
            namespace="shop",
            name=name,
        )


def test_a_tenant_with_admins_alone_has_valid_bindings() -> None:
    lonely = tenancy(tenant("lone", groups=Groups(admin=(group(9),))))
    found: list[dict[str, Any]] = [manifest.as_dict() for manifest in roles(lonely)]

    assert core_mistakes(found) == []
    bindings = [one for one in found if one["kind"].endswith("Binding")]
    assert all([s["name"] for s in one["subjects"]] == [f"entra:{group(9)}"] for one in bindings)
