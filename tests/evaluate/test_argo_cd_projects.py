"""What projects let in and whom they let act, as Argo CD itself decides it."""

from typing import Any

from modules.core.fleet import Delivered
from modules.core.gitops import Delivery, GitRepository
from modules.kubernetes.argo_cd.project import RENDERED_KINDS, project

import pytest

from ekp.evaluate.argo_cd import may_deploy
from ekp.evaluate.argo_cd_roles import may_act
from ekp.evaluate.request import Unsupported
from tests.support.tenants import tenancy, tenant

OWN = "https://git.example.org/shop/services.git"
OTHER = "https://git.example.org/bank/services.git"
SHOP = tenancy(tenant("shop", namespaces=("shop", "shop-jobs")))
BANK = tenancy(tenant("bank", repository=GitRepository(url=OTHER)))
DELIVERED = Delivered(
    environment="prod",
    regions=("eu-west-1", "us-east-1"),
    tenancies=(BANK, SHOP),
    delivery=Delivery(repository=GitRepository(url=OWN)),
    networks=(),
)
PROJECT, BANKS = project(SHOP, DELIVERED).as_dict(), project(BANK, DELIVERED).as_dict()
GROUPS = SHOP.tenant.groups
ABORT = "action/argoproj.io/Rollout/abort"


def written(**spec: Any) -> dict[str, Any]:
    """Return a project that allows everything but what is said otherwise."""
    anything = {
        "sourceRepos": ["*"],
        "destinations": [{"name": "*", "namespace": "*"}],
        "clusterResourceWhitelist": [{"group": "*", "kind": "*"}],
    }
    metadata = {"name": "prod-shop", "namespace": "argocd"}
    return {"kind": "AppProject", "metadata": metadata, "spec": anything | spec}


def deploys(found: dict[str, Any] = PROJECT, **changes: Any) -> bool:
    asked: dict[str, Any] = {
        "source": OWN,
        "cluster": "prod-eu-west-1",
        "namespace": "shop",
        "group": "argoproj.io",
        "kind": "Rollout",
    }
    return may_deploy(found, **asked | changes).allowed


def acts(groups: tuple[str, ...], action: str, found: dict[str, Any] = PROJECT) -> bool:
    return may_act(found, groups, action, application="prod-shop/prod-eu-west-1-shop").allowed


@pytest.mark.requirement("R37")
@pytest.mark.requirement("R34")
def test_a_tenant_brings_its_kinds_from_its_repository_into_its_namespaces_and_nothing_else() -> (
    None
):
    for group, kind in RENDERED_KINDS:
        for namespace in ("shop", "shop-jobs"):
            for cluster in ("prod-eu-west-1", "prod-us-east-1"):
                assert deploys(group=group, kind=kind, namespace=namespace, cluster=cluster)
    assert not deploys(source=OTHER)
    for cluster in ("dev-eu-west-1", "in-cluster", "prod-eu-west-10"):
        assert not deploys(cluster=cluster)
    for namespace in ("bank", "kube-system", "shop-job", "shop-jobs-x", ""):
        assert not deploys(namespace=namespace)


@pytest.mark.parametrize(
    ("group", "kind"),
    [
        ("elbv2.k8s.aws", "TargetGroupBinding"),
        ("", "Secret"),
        ("", "Pod"),
        ("rbac.authorization.k8s.io", "RoleBinding"),
        ("security.istio.io", "AuthorizationPolicy"),
        ("apps", "Rollout"),
    ],
)
def test_what_guards_a_tenant_is_not_brought_from_git(group: str, kind: str) -> None:
    assert not deploys(group=group, kind=kind)


def test_nothing_of_a_cluster_is_brought_from_git() -> None:
    for group, kind in (("", "Namespace"), ("rbac.authorization.k8s.io", "ClusterRole")):
        assert not deploys(namespace=None, group=group, kind=kind)


@pytest.mark.requirement("R36")
def test_no_tenants_project_takes_what_is_another_ones() -> None:
    assert not deploys(BANKS)
    assert not deploys(BANKS, source=OTHER)
    assert not deploys(source=OTHER, namespace="bank")
    assert deploys(BANKS, source=OTHER, namespace="bank")


@pytest.mark.requirement("R41")
def test_administrators_and_developers_sync_and_end_rollouts_and_viewers_look() -> None:
    for groups in (GROUPS.admin, GROUPS.developer):
        assert acts(groups, "get")
        assert acts(groups, "sync")
        assert acts(groups, ABORT)
        assert acts(groups, "action/argoproj.io/Rollout/promote-full")
        assert acts(groups, "action/argoproj.io/Rollout/restart")
    assert acts(GROUPS.viewer, "get")
    for action in ("sync", ABORT):
        assert not acts(GROUPS.viewer, action)
    for action in ("create", "update", "delete", "override", "delete/*/Service/shop/cart"):
        assert not acts(GROUPS.everyone, action)
    assert not acts(GROUPS.everyone, "action/apps/Deployment/restart")


@pytest.mark.requirement("R36")
def test_a_tenants_people_have_no_right_in_another_tenants_project() -> None:
    everyone = GROUPS.everyone
    for action in ("get", "sync", ABORT):
        # Argo CD asks the project of the application, and no group of the shop is in it.
        assert not may_act(BANKS, everyone, action, application="prod-bank/x").allowed
        assert not may_act(PROJECT, everyone, action, application="prod-bank/x").allowed
        assert not may_act(PROJECT, everyone, action, application="prod-shop-eu/x").allowed


def test_whoever_is_in_no_group_sees_nothing() -> None:
    for action in ("get", "sync"):
        assert not acts((), action)
        assert not acts(("00000000-0000-0000-0000-00000000ffff",), action)


@pytest.mark.parametrize(
    ("sources", "source", "allowed"),
    [
        (["https://git.example.org/shop/services"], OWN, True),
        (["https://GIT.example.org/shop/services.git"], OWN, True),
        (["git@git.example.org:shop/a.git"], "ssh://git@git.example.org/shop/a", True),
        # One star stops at a slash, two do not.
        (["https://git.example.org/*"], OWN, False),
        (["https://git.example.org/*/services"], OWN, True),
        (["https://git.example.org/**"], OWN, True),
        (["*"], OWN, True),
        ([], OWN, False),
        # What one denies lets all others in: Argo CD takes it so.
        (["!https://git.example.org/bank/*"], OWN, True),
        (["*", "!https://git.example.org/bank/*"], OTHER, False),
    ],
)
def test_sources_match_by_globs_and_a_denial_wins(
    sources: list[str], source: str, *, allowed: bool
) -> None:
    assert deploys(written(sourceRepos=sources), source=source) is allowed


@pytest.mark.parametrize(
    ("destinations", "allowed"),
    [
        ([{"name": "prod-*", "namespace": "shop"}], True),
        ([{"name": "prod-*", "namespace": "sho?"}], True),
        ([{"name": "prod-?", "namespace": "shop"}], False),
        ([{"server": "*", "namespace": "shop"}], True),
        # Without a name or a server no cluster is meant.
        ([{"namespace": "*"}], False),
        ([{"name": "*", "namespace": "!kube-system"}], True),
        # A denial alone lets all other clusters in; a denied one is so whatever the namespace.
        ([{"name": "!dev-*", "namespace": "*"}], True),
        ([{"name": "*", "namespace": "*"}, {"name": "!prod-*", "namespace": "x"}], False),
        ([{"name": "*", "namespace": "*"}, {"server": "*", "namespace": "!shop"}], False),
    ],
)
def test_destinations_match_by_globs_and_a_denial_wins(
    destinations: list[dict[str, str]], *, allowed: bool
) -> None:
    assert deploys(written(destinations=destinations)) is allowed


@pytest.mark.parametrize(
    ("lists", "namespaced", "clustered"),
    [
        # Kinds of namespaces are allowed unless said otherwise, those of clusters are not.
        ({}, True, True),
        ({"clusterResourceWhitelist": []}, True, False),
        ({"namespaceResourceWhitelist": []}, False, True),
        ({"namespaceResourceWhitelist": [{"group": "argoproj.io", "kind": "*"}]}, True, True),
        ({"namespaceResourceWhitelist": [{"group": "*.io", "kind": "Roll*"}]}, True, True),
        ({"namespaceResourceWhitelist": [{"group": "", "kind": "Rollout"}]}, False, True),
        ({"namespaceResourceBlacklist": [{"group": "*", "kind": "Rollout"}]}, False, True),
        ({"clusterResourceBlacklist": [{"group": "*", "kind": "*"}]}, True, False),
    ],
)
def test_kinds_are_allowed_by_scope_and_a_denial_wins(
    lists: dict[str, Any], *, namespaced: bool, clustered: bool
) -> None:
    found = written(**lists)

    assert deploys(found) is namespaced
    assert deploys(found, namespace=None) is clustered


def role(*policies: str, groups: tuple[str, ...] = ("g1",)) -> dict[str, Any]:
    return {"name": "r", "policies": [*policies], "groups": [*groups]}


def policy(effect: str = "allow", action: str = "*", of: str = "prod-shop/*") -> str:
    return f"p, proj:prod-shop:r, applications, {action}, {of}, {effect}"


def test_a_denial_holds_for_its_group_and_not_for_another_one_of_the_same_person() -> None:
    denied = {**role(policy(), policy("deny", "sync"), groups=("g1",))}
    open_ = {
        "name": "s",
        "policies": ["p, proj:prod-shop:s, applications, sync, prod-shop/*, allow"],
        "groups": ["g2"],
    }
    found = written(roles=[denied, open_])

    assert not acts(("g1",), "sync", found)
    assert acts(("g1",), "get", found)
    assert acts(("g1", "g2"), "sync", found)


@pytest.mark.parametrize(
    "wrong",
    [
        {"signatureKeys": [{"keyID": "1"}]},
        {"permitOnlyProjectScopedClusters": True},
        {"destinationServiceAccounts": []},
        {"sourceNamespaces": ["*"]},
        {"unheardOf": 1},
        {"sourceRepos": ["https://git.example.org/{shop,bank}/*"]},
        {"destinations": [{"name": "prod-[a-z]*", "namespace": "*"}]},
        {"destinations": [{"server": "https://prod.example.org", "namespace": "*"}]},
        {"namespaceResourceWhitelist": [{"group": "*", "kind": "Roll\\out"}]},
    ],
)
def test_what_is_not_understood_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Unsupported, match="AppProject argocd/prod-shop: spec"):
        deploys(written(**wrong))


@pytest.mark.parametrize(
    "wrong",
    [
        role(policy(of="prod-bank/*")),
        role(policy(of="*")),
        role(policy("maybe")),
        role("p, role:admin, applications, get, prod-shop/*, allow"),
        role("g, g1, role:admin"),
        role("p, proj:prod-shop:r, accounts, get, prod-shop/*, allow"),
        {**role(policy()), "jwtTokens": []},
    ],
)
def test_a_policy_that_argo_cd_would_refuse_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Unsupported, match=r"spec\.roles\[0\]"):
        acts(("g1",), "get", written(roles=[wrong]))


def test_rights_to_the_project_itself_are_not_guessed() -> None:
    with pytest.raises(Unsupported, match="rights to projects are not evaluated"):
        may_act(PROJECT, (), "get", application="prod-shop", resource="projects")


def test_a_decision_names_what_decided() -> None:
    found = may_deploy(
        PROJECT, source=OTHER, cluster="prod-eu-west-1", namespace="shop", group="", kind="Service"
    )

    assert (found.by, found.why) == ("AppProject argocd/prod-shop", f"{OTHER} is no source")
