"""Where leftovers of an environment may be, and the tags that they are known by."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
import botocore.session
from botocore.config import Config

from ..stacks import Stack

# The tags by which everything of an environment is known; its providers give them.
OWN = ("Project", "Environment")
# What controllers of a cluster call it by: the load balancer controller, the network plugin,
# Karpenter and EKS itself.
OF_CLUSTER = (
    "elbv2.k8s.aws/cluster",
    "cluster.k8s.amazonaws.com/name",
    "eks:eks-cluster-name",
    "aws:eks:cluster-name",
)
# Resources that have no tags: a role of another account that makes nothing else has nothing that
# could be found.
UNTAGGED = {"aws_route53_record"}
Filter = list[dict[str, Any]]


@dataclass(frozen=True, order=True)
class Place:
    """A region as a role sees it. ``iam`` is whether the account's IAM is looked through here."""

    role_arn: str
    region: str
    iam: bool = False

    @property
    def words(self) -> str:
        """The place for a person."""
        return f"{self.role_arn.split(':')[4]} {self.region}"


def places(stacks: Iterable[Stack]) -> tuple[Place, ...]:
    """Every role and region that makes something with tags for these stacks."""
    found: dict[tuple[str, str], bool] = {}
    for stack in stacks:
        for name, provider in _providers(stack):
            at = (provider["assume_role"][0]["role_arn"], provider["region"])
            kinds = set(_kinds(stack, name)) - UNTAGGED
            if kinds:
                iam = any(kind.startswith("aws_iam_") for kind in kinds)
                found[at] = found.get(at, False) or iam
    # IAM is the same in every region.
    first = {role: region for (role, region), iam in sorted(found.items(), reverse=True) if iam}
    return tuple(Place(role, region, first.get(role) == region) for role, region in sorted(found))


def filters(stacks: Iterable[Stack]) -> tuple[Filter, ...]:
    """What to ask for: the environment's own tags, then those that controllers of clusters give."""
    asked: dict[tuple[str, ...], Filter] = {}
    for stack in stacks:
        for tags in _tags(stack):
            values = tuple(tags[name] for name in OWN)
            asked[values] = [{"Key": name, "Values": [tags[name]]} for name in OWN]
        for cluster in stack.resources.get("aws_eks_cluster", {}).values():
            name = cluster["name"]
            asked["", name] = [{"Key": f"kubernetes.io/cluster/{name}"}]
            for key in OF_CLUSTER:
                asked[key, name] = [{"Key": key, "Values": [name]}]
    return tuple(asked.values())


def prefixes(stacks: Iterable[Stack]) -> tuple[str, ...]:
    """How every name of the environment begins, such as ``ekp-dev-``."""
    found = {"-".join([*(tags[n] for n in OWN), ""]) for one in stacks for tags in _tags(one)}
    return tuple(sorted(found))


def session(variables: Mapping[str, str | None]) -> tuple[boto3.Session, dict[str, Any]]:
    """A session and the arguments of its clients.

    Without ``variables`` it is the caller's own; with those of the local AWS it reads nothing of
    the caller's, and leads nowhere else.
    """
    endpoint = variables.get("AWS_ENDPOINT_URL")
    if not endpoint:
        return boto3.Session(), {"config": Config(retries={"mode": "standard"})}
    # (file's name, variable, default, conversion): a profile comes from nowhere.
    core = botocore.session.Session(session_vars={"profile": (None, None, None, None)})
    for name in ("config_file", "credentials_file"):
        core.set_config_variable(name, os.devnull)
    own = boto3.Session(
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        botocore_session=core,
    )
    return own, {"endpoint_url": endpoint, "config": Config(proxies={"http": "", "https": ""})}


def _tags(stack: Stack) -> Iterator[Mapping[str, str]]:
    for _, provider in _providers(stack):
        for one in provider.get("default_tags", ()):
            if all(name in one.get("tags", {}) for name in OWN):
                yield one["tags"]


def _providers(stack: Stack) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for provider in stack.configuration.get("provider", {}).get("aws", ()):
        if provider.get("assume_role"):
            alias = provider.get("alias")
            yield (f"aws.{alias}" if alias else "aws"), provider


def _kinds(stack: Stack, provider: str) -> Iterator[str]:
    for kind, named in stack.resources.items():
        if any(one.get("provider", "aws") == provider for one in named.values()):
            yield kind
