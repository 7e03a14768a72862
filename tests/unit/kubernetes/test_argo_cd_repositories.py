"""People are told which credentials Argo CD needs, once for each private repository."""

from modules.core.fleet import Delivered
from modules.core.gitops import Delivery, GitRepository
from modules.core.tenants import Tenant
from modules.kubernetes.argo_cd.repositories import repository_secrets

from tests.support.tenants import tenancy, tenant

SHARED = GitRepository(url="https://git.example.org/shop/services.git")
OWN = GitRepository(url="git@git.example.org:bank/services.git")
OPEN = GitRepository(url="https://git.example.org/open/services.git", private=False)


def delivered(environment: str, *tenants: Tenant) -> Delivered:
    return Delivered(
        environment=environment,
        regions=("eu-west-1",),
        tenancies=tuple(tenancy(one, environment) for one in tenants),
        delivery=Delivery(repository=SHARED),
        networks=(),
    )


def test_a_repository_that_several_tenants_and_environments_share_needs_one_secret() -> None:
    found = repository_secrets(
        [
            delivered("dev", tenant("shop"), tenant("cart"), tenant("bank", repository=OWN)),
            delivered("prod", tenant("shop")),
        ]
    )

    assert len(found) == len({one.name for one in found}) == 2
    for one, url in zip(found, (OWN.url, SHARED.url), strict=True):
        assert url in one.purpose
        assert one.namespace == "argocd"
        # Argo CD does not see it otherwise.
        assert one.labels == {"argocd.argoproj.io/secret-type": "repository"}


def test_the_keys_are_those_of_the_protocol() -> None:
    shared, own = (
        repository_secrets([delivered("dev", tenant("bank", repository=one))])[0]
        for one in (SHARED, OWN)
    )

    assert shared.keys == ("type", "url", "username", "password")
    assert own.keys == ("type", "url", "sshPrivateKey")


def test_a_repository_that_anybody_may_read_needs_no_secret() -> None:
    assert repository_secrets([delivered("dev", tenant("bank", repository=OPEN))]) == []
