"""What a destroy left in IAM, which the tagging API does not tell of."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Tags = Mapping[str, str]


def search(iam: Any, prefixes: Sequence[str]) -> Iterator[tuple[str, Tags]]:
    """ARN and tags of roles, instance profiles and policies by name, and of OIDC providers.

    A name has to begin with one of the prefixes, such as ``ekp-dev-``: tags are one call each, and
    an account has hundreds of roles. IAM users and roles are not told by ``GetResources``:
    https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html
    """
    starts = tuple(prefixes)
    for one in _listed(iam, "list_roles", "Roles"):
        if one["RoleName"].startswith(starts):
            yield one["Arn"], _tags(iam.list_role_tags(RoleName=one["RoleName"]))
    for one in _listed(iam, "list_instance_profiles", "InstanceProfiles"):
        name = one["InstanceProfileName"]
        if name.startswith(starts):
            yield one["Arn"], _tags(iam.list_instance_profile_tags(InstanceProfileName=name))
    for one in _listed(iam, "list_policies", "Policies", Scope="Local"):
        if one["PolicyName"].startswith(starts):
            yield one["Arn"], _tags(iam.list_policy_tags(PolicyArn=one["Arn"]))
    for one in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]:
        arn = one["Arn"]
        yield arn, _tags(iam.list_open_id_connect_provider_tags(OpenIDConnectProviderArn=arn))


def _listed(iam: Any, operation: str, key: str, **options: str) -> Iterator[Any]:
    for page in iam.get_paginator(operation).paginate(**options):
        yield from page[key]


def _tags(answer: Mapping[str, Any]) -> Tags:
    return {tag["Key"]: tag["Value"] for tag in answer["Tags"]}
