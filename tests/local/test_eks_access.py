"""Access entries, identity providers and pod identities of the EKS extension."""

from typing import Any

import pytest

from .conftest import Clients
from .eks_cluster import Fixture, make, refused

POLICY = "arn:aws:eks::aws:cluster-access-policy"
CLUSTER = {"type": "cluster"}


@pytest.fixture
def main(clients: Clients, account: str) -> Fixture:
    return make(clients, account)


@pytest.fixture
def admin(main: Fixture) -> dict[str, Any]:
    principal = {"clusterName": "main", "principalArn": main.role("teams/admin")}
    main.eks.create_access_entry(**principal, kubernetesGroups=["admins"])
    return principal


def test_an_entry_names_its_principal_as_kubernetes_sees_it(
    main: Fixture, admin: dict[str, Any]
) -> None:
    entry = main.eks.describe_access_entry(**admin)["accessEntry"]

    assert entry["username"] == (
        f"arn:aws:sts::{main.account}:assumed-role/admin/{{{{SessionName}}}}"
    )
    assert entry["type"] == "STANDARD"
    assert entry["accessEntryArn"].startswith(
        f"arn:aws:eks:eu-west-1:{main.account}:access-entry/main/role/{main.account}/admin/"
    )


def test_an_entry_is_updated_and_deleted(main: Fixture, admin: dict[str, Any]) -> None:
    main.eks.update_access_entry(**admin, kubernetesGroups=["others"], username="someone")
    entry = main.eks.describe_access_entry(**admin)["accessEntry"]
    main.eks.delete_access_entry(**admin)

    assert (entry["kubernetesGroups"], entry["username"]) == (["others"], "someone")
    with refused("ResourceNotFoundException", 404, "could not be found"):
        main.eks.describe_access_entry(**admin)


def test_a_principal_has_one_entry(main: Fixture, admin: dict[str, Any]) -> None:
    with refused("ResourceInUseException", 409, "already in use"):
        main.eks.create_access_entry(**admin)


def test_reserved_groups_and_things_that_are_no_principal_are_refused(main: Fixture) -> None:
    role = main.role("other")
    for settings, reason in (
        ({"principalArn": "role/other"}, "principalArn is invalid"),
        ({"principalArn": role, "kubernetesGroups": ["system:masters"]}, "system:masters"),
        ({"principalArn": role, "username": "system:admin"}, "system:admin"),
        ({"principalArn": role, "type": "EC2_LINUX", "username": "node"}, "neither groups"),
    ):
        with refused("InvalidParameterException", 400, reason):
            main.eks.create_access_entry(clusterName="main", **settings)


def test_a_cluster_without_entries_takes_none(main: Fixture) -> None:
    main.create("other", accessConfig={"authenticationMode": "CONFIG_MAP"})

    with refused("InvalidRequestException", 400, "authentication mode"):
        main.eks.create_access_entry(clusterName="other", principalArn=main.role("admin"))


def test_a_policy_holds_in_its_scope_until_it_is_taken(
    main: Fixture, admin: dict[str, Any]
) -> None:
    def policies() -> dict[str, Any]:
        found = main.eks.list_associated_access_policies(**admin)["associatedAccessPolicies"]
        return {item["policyArn"]: item["accessScope"] for item in found}

    edit = f"{POLICY}/AmazonEKSEditPolicy"
    main.eks.associate_access_policy(**admin, policyArn=edit, accessScope=CLUSTER)
    scope = {"type": "namespace", "namespaces": ["one", "two"]}
    main.eks.associate_access_policy(**admin, policyArn=edit, accessScope=scope)
    assert policies() == {edit: scope}
    listed = main.eks.list_access_entries(clusterName="main", associatedPolicyArn=edit)
    assert listed["accessEntries"] == [admin["principalArn"]]

    main.eks.disassociate_access_policy(**admin, policyArn=edit)
    assert policies() == {}
    with refused("ResourceNotFoundException", 404):
        main.eks.disassociate_access_policy(**admin, policyArn=edit)


def test_unknown_policies_and_scopes_without_sense_are_refused(
    main: Fixture, admin: dict[str, Any]
) -> None:
    view = f"{POLICY}/AmazonEKSViewPolicy"
    for policy, scope, reason in (
        (f"{POLICY}/AmazonEKSGodPolicy", CLUSTER, "AmazonEKSGodPolicy"),
        ("arn:aws:iam::aws:policy/AdministratorAccess", CLUSTER, "AdministratorAccess"),
        (view, {"type": "namespace"}, "namespaces"),
        (view, {"type": "cluster", "namespaces": ["one"]}, "namespaces"),
    ):
        with refused("InvalidParameterException", 400, reason):
            main.eks.associate_access_policy(**admin, policyArn=policy, accessScope=scope)
    known = [item["arn"] for item in main.eks.list_access_policies()["accessPolicies"]]
    assert view in known


def test_an_identity_provider_comes_and_goes(main: Fixture) -> None:
    wanted = {
        "identityProviderConfigName": "people",
        "issuerUrl": "https://login.example.com",
        "clientId": "platform",
        "groupsClaim": "groups",
    }
    named = {"type": "oidc", "name": "people"}
    main.eks.associate_identity_provider_config(clusterName="main", oidc=wanted, tags={"a": "1"})

    found = main.eks.describe_identity_provider_config(
        clusterName="main", identityProviderConfig=named
    )["identityProviderConfig"]["oidc"]
    assert {key: found[key] for key in wanted} == wanted
    assert (found["status"], found["tags"]) == ("ACTIVE", {"a": "1"})
    listed = main.eks.list_identity_provider_configs(clusterName="main")
    assert listed["identityProviderConfigs"] == [named]

    main.eks.disassociate_identity_provider_config(clusterName="main", identityProviderConfig=named)
    with refused("ResourceNotFoundException", 404, "people"):
        main.eks.describe_identity_provider_config(clusterName="main", identityProviderConfig=named)


def test_a_cluster_takes_one_identity_provider_with_a_secure_issuer(main: Fixture) -> None:
    def associate(name: str, issuer: str = "https://login.example.com") -> None:
        main.eks.associate_identity_provider_config(
            clusterName="main",
            oidc={"identityProviderConfigName": name, "issuerUrl": issuer, "clientId": "c"},
        )

    with refused("InvalidParameterException", 400, "https://"):
        associate("people", "http://login.example.com")
    associate("people")
    with refused("ResourceInUseException", 409, "people"):
        associate("people")
    with refused("InvalidRequestException", 400, "one OIDC"):
        associate("others")


def test_a_service_account_has_one_role(main: Fixture) -> None:
    account = {"clusterName": "main", "namespace": "app", "serviceAccount": "app"}
    made = main.eks.create_pod_identity_association(**account, roleArn=main.role("one"))
    named = {"clusterName": "main", "associationId": made["association"]["associationId"]}
    with refused("ResourceInUseException", 409, named["associationId"]):
        main.eks.create_pod_identity_association(**account, roleArn=main.role("two"))

    main.eks.update_pod_identity_association(**named, roleArn=main.role("two"))
    found = main.eks.describe_pod_identity_association(**named)["association"]
    listed = main.eks.list_pod_identity_associations(clusterName="main", namespace="other")
    main.eks.delete_pod_identity_association(**named)

    assert found["roleArn"] == main.role("two")
    assert listed["associations"] == []
    with refused("ResourceNotFoundException", 404, named["associationId"]):
        main.eks.describe_pod_identity_association(**named)
