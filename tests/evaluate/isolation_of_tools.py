"""Who of many tenants reaches whose things in Argo CD, in Vault and in AWS."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from modules.core.entra import EntraApplication
from modules.core.fleet import Delivered
from modules.core.gitops import Delivery, GitRepository
from modules.core.iam import trust_pod_identity
from modules.core.secrets import DATABASES, MOUNT, credentials
from modules.core.services import Service
from modules.core.tenant_iam import boundary_policy, service_policy
from modules.core.tenants import Tenancy
from modules.kubernetes.argo_cd.project import project
from modules.kubernetes.vault_state import tenant_state

from ekp.evaluate.argo_cd import may_deploy
from ekp.evaluate.argo_cd_roles import may_act
from ekp.evaluate.iam.policies import Policy, may
from ekp.evaluate.iam.trust import may_assume, pod
from ekp.evaluate.vault import login, sign_in
from ekp.evaluate.vault import may as may_in_vault
from tests.support import settings
from tests.support.tenants import group

from .isolation import Pair, Tenants

REGION = "eu-west-1"
_CLUSTER = f"prod-{REGION}"
_ARN = f"arn:aws:eks:{REGION}:333333333333:cluster/ekp-prod-euw1-eks"
_REPOSITORY = GitRepository(url="https://git.example.org/all/services.git")
_ENTRA = EntraApplication(tenant_id=group(1), client_id=group(2), admins=(group(3),))


def _everything(tenants: Tenants) -> list[tuple[Tenancy, Service]]:
    return [(one, service) for one in tenants.tenancies for service in one.services]


def by_projects(tenants: Tenants) -> set[Pair]:
    """Return into whose namespaces each tenant's commits are applied, told by its first one."""
    delivered = Delivered(
        environment="prod",
        regions=(REGION,),
        tenancies=tenants.tenancies,
        delivery=Delivery(repository=_REPOSITORY),
        networks=(),
    )
    found = {one.name: project(one, delivered).as_dict() for one in tenants.tenancies}
    spaces = [space for one in tenants.tenancies for space in one.namespaces]
    return {
        (one.namespaces[0], space)
        for one in tenants.tenancies
        for space in spaces
        if may_deploy(
            found[one.name],
            source=_REPOSITORY.url,
            cluster=_CLUSTER,
            namespace=space,
            group="argoproj.io",
            kind="Rollout",
        ).allowed
    } | {
        (people, other.namespaces[0])
        for one in tenants.tenancies
        for people in one.tenant.groups.everyone
        for other in tenants.tenancies
        if any(
            may_act(
                found[name],
                [people],
                "get",
                application=f"prod-{other.name}/prod-{REGION}-{other.namespaces[0]}",
            ).allowed
            for name in {one.name, other.name}
        )
    }


def by_vault(tenants: Tenants) -> set[Pair]:
    """Return whose secrets each service, and each group of people, may read or write."""
    states = [
        tenant_state(one, host="vault.example.org", entra=_ENTRA) for one in tenants.tenancies
    ]
    policies = {name: policy for state in states for name, policy in state.policies.items()}
    services = {name: role for state in states for name, role in state.service_roles.items()}
    people = {name: role for state in states for name, role in state.people_roles.items()}
    given = {
        **{s.ref: login(services, s.name, s.namespace) for _, s in _everything(tenants)},
        **{
            one: sign_in(people, [one])
            for tenancy in tenants.tenancies
            for one in tenancy.tenant.groups.everyone
        },
    }
    return {
        (who, service.ref)
        for who, names in given.items()
        for _, service in _everything(tenants)
        for path in _paths(service)
        if any(may_in_vault(policies, names, does, path).allowed for does in ("read", "update"))
    }


def _paths(service: Service) -> Iterator[str]:
    for secret in service.secrets:
        if secret.database:
            made = credentials(service.namespace, service.name, secret.name)
            yield f"{DATABASES}/creds/{made}"
        else:
            yield f"{MOUNT}/data/{service.namespace}/{secret.name}"


def by_iam(tenants: Tenants) -> set[Pair]:
    """Return whose buckets, queues and keys, told by a namespace, each service's role may use.

    A role is whose pods may assume it.
    """
    ctx = settings.context()
    boundary = Policy.of(_document(boundary_policy(ctx)), "boundary")
    things = [(one.namespaces[0], thing) for one in tenants.tenancies for thing in _things(one)]
    pods = [
        (s.ref, pod(cluster_arn=_ARN, namespace=s.namespace, service_account=s.name))
        for _, s in _everything(tenants)
    ]
    found = set()
    for one, service in _everything(tenants):
        if service.name not in one.settings.grants.services():
            continue
        text = service_policy(ctx, service=service.name, grants=one.settings.grants)
        policy = Policy.of(_document(text))
        trust = Policy.of(
            _document(
                trust_pod_identity(
                    cluster_arn=_ARN, namespace=service.namespace, service_account=service.name
                )
            )
        )
        used = {
            owner
            for owner, (action, resource) in things
            if may([policy], boundary, action, resource).allowed
        }
        found |= {
            (who, owner)
            for who, caller in pods
            if may_assume(trust, caller).allowed
            for owner in used
        }
    return found


def _things(tenancy: Tenancy) -> Iterator[tuple[str, str]]:
    """Yield every action on everything that a tenant is granted."""
    grants = tenancy.settings.grants
    for bucket in grants.buckets:
        for action in ("s3:GetObject", "s3:PutObject", "s3:DeleteObject"):
            yield action, f"arn:aws:s3:::{bucket.bucket}/{bucket.prefix}photo.jpg"
    for queue in grants.queues:
        for action in ("sqs:SendMessage", "sqs:ReceiveMessage"):
            yield action, queue.queue
    for key in grants.keys:
        for action in ("kms:Encrypt", "kms:Decrypt"):
            yield action, key.key


def _document(text: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(text)
    return found
