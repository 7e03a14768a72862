"""Add-ons of the EKS extension."""

from typing import Any

import pytest

from .conftest import Clients
from .eks_cluster import Fixture, make, refused


@pytest.fixture
def main(clients: Clients, account: str) -> Fixture:
    return make(clients, account)


def described(main: Fixture, name: str) -> Any:
    return main.eks.describe_addon(clusterName="main", addonName=name)["addon"]


def test_an_addon_keeps_its_settings(main: Fixture) -> None:
    main.eks.create_addon(
        clusterName="main",
        addonName="vpc-cni",
        addonVersion="v1.20.0-eksbuild.1",
        serviceAccountRoleArn=main.role("cni"),
        configurationValues="{}",
        tags={"team": "platform"},
    )

    addon = described(main, "vpc-cni")

    assert addon["addonVersion"] == "v1.20.0-eksbuild.1"
    assert addon["serviceAccountRoleArn"] == main.role("cni")
    assert addon["configurationValues"] == "{}"
    assert addon["tags"] == {"team": "platform"}
    assert addon["status"] == "ACTIVE"
    assert main.eks.list_addons(clusterName="main")["addons"] == ["vpc-cni"]


def test_the_default_version_fits_the_cluster(main: Fixture) -> None:
    addon = main.eks.create_addon(clusterName="main", addonName="kube-proxy")["addon"]

    assert addon["addonVersion"].startswith("v1.34.")
    offered = main.eks.describe_addon_versions(kubernetesVersion="1.34", addonName="kube-proxy")
    assert [item["addonVersion"] for item in offered["addons"][0]["addonVersions"]] == [
        addon["addonVersion"]
    ]


def test_an_addon_that_needs_nodes_fails_before_them_and_works_after(main: Fixture) -> None:
    early = main.eks.create_addon(clusterName="main", addonName="coredns")["addon"]
    main.eks.delete_addon(clusterName="main", addonName="coredns")
    main.add_nodes()

    late = main.eks.create_addon(clusterName="main", addonName="coredns")["addon"]

    assert early["status"] == "CREATE_FAILED"
    assert early["health"]["issues"][0]["code"] == "InsufficientNumberOfReplicas"
    assert (late["status"], late["health"]["issues"]) == ("ACTIVE", [])


def test_the_pod_identities_of_an_addon_come_change_and_go_with_it(main: Fixture) -> None:
    def roles() -> list[str]:
        found = main.eks.list_pod_identity_associations(clusterName="main", namespace="kube-system")
        return [
            main.eks.describe_pod_identity_association(
                clusterName="main", associationId=item["associationId"]
            )["association"]["roleArn"]
            for item in found["associations"]
        ]

    identity = {"serviceAccount": "aws-node", "roleArn": main.role("cni")}
    addon = main.eks.create_addon(
        clusterName="main", addonName="vpc-cni", podIdentityAssociations=[identity]
    )["addon"]
    seen = [roles()]
    main.eks.update_addon(
        clusterName="main",
        addonName="vpc-cni",
        podIdentityAssociations=[{**identity, "roleArn": main.role("other")}],
    )
    seen.append(roles())
    main.eks.delete_addon(clusterName="main", addonName="vpc-cni")
    seen.append(roles())

    assert seen == [[main.role("cni")], [main.role("other")], []]
    assert ":podidentityassociation/main/a-" in addon["podIdentityAssociations"][0]


def associations(main: Fixture) -> list[Any]:
    found = main.eks.list_pod_identity_associations(clusterName="main")["associations"]
    return [
        main.eks.describe_pod_identity_association(
            clusterName="main", associationId=item["associationId"]
        )["association"]
        for item in found
    ]


def test_an_addon_owns_its_pod_identities_and_names_them(main: Fixture) -> None:
    identity = {"serviceAccount": "aws-node", "roleArn": main.role("cni")}
    addon = main.eks.create_addon(
        clusterName="main", addonName="vpc-cni", podIdentityAssociations=[identity]
    )["addon"]

    (made,) = associations(main)
    assert (made["namespace"], made["serviceAccount"]) == ("kube-system", "aws-node")
    assert made["ownerArn"] == addon["addonArn"]
    assert addon["podIdentityAssociations"] == [made["associationArn"]]

    main.eks.delete_pod_identity_association(
        clusterName="main", associationId=made["associationId"]
    )
    assert described(main, "vpc-cni").get("podIdentityAssociations", []) == []


def test_an_empty_list_takes_the_pod_identities_of_an_addon_and_none_leaves_them(
    main: Fixture,
) -> None:
    identity = {"serviceAccount": "aws-node", "roleArn": main.role("cni")}
    addon = {"clusterName": "main", "addonName": "vpc-cni"}
    main.eks.create_addon(**addon, podIdentityAssociations=[identity])

    counts = []
    changes: list[dict[str, Any]] = [{"configurationValues": "{}"}, {"podIdentityAssociations": []}]
    for change in changes:
        main.eks.update_addon(**addon, **change)
        counts.append(len(associations(main)))

    assert counts == [1, 0]


def test_an_addon_that_is_preserved_leaves_its_pod_identities(main: Fixture) -> None:
    identity = {"serviceAccount": "aws-node", "roleArn": main.role("cni")}
    addon = {"clusterName": "main", "addonName": "vpc-cni"}
    main.eks.create_addon(**addon, podIdentityAssociations=[identity])

    main.eks.delete_addon(**addon, preserve=True)

    assert len(associations(main)) == 1


def test_an_addon_does_not_take_over_the_pod_identity_of_somebody_else(main: Fixture) -> None:
    main.eks.create_pod_identity_association(
        clusterName="main",
        namespace="kube-system",
        serviceAccount="aws-node",
        roleArn=main.role("somebody"),
    )
    before = associations(main)
    identities = [
        {"serviceAccount": name, "roleArn": main.role("cni")} for name in ("other", "aws-node")
    ]
    addon = {"clusterName": "main", "addonName": "vpc-cni"}

    with refused("ResourceInUseException", 409, "Association already exists"):
        main.eks.create_addon(**addon, podIdentityAssociations=identities)
    assert main.eks.list_addons(clusterName="main")["addons"] == []
    main.eks.create_addon(**addon)
    with refused("ResourceInUseException", 409, "Association already exists"):
        main.eks.update_addon(**addon, podIdentityAssociations=identities)

    assert associations(main) == before


def test_an_addon_moves_from_the_role_of_its_service_account_to_a_pod_identity(
    main: Fixture,
) -> None:
    addon = {"clusterName": "main", "addonName": "vpc-cni"}
    identity = {"serviceAccount": "aws-node", "roleArn": main.role("pod")}
    main.eks.create_addon(**addon, serviceAccountRoleArn=main.role("cni"))

    both = {"serviceAccountRoleArn": main.role("cni"), "podIdentityAssociations": [identity]}
    main.eks.update_addon(**addon, **both)
    assert described(main, "vpc-cni")["serviceAccountRoleArn"] == main.role("cni")
    main.eks.update_addon(**addon, podIdentityAssociations=[identity])

    assert "serviceAccountRoleArn" not in described(main, "vpc-cni")
    assert [item["roleArn"] for item in associations(main)] == [main.role("pod")]


def test_an_empty_role_is_refused_and_the_addon_keeps_the_one_it_has(
    main: Fixture, clients: Clients
) -> None:
    addon = {"clusterName": "main", "addonName": "vpc-cni"}
    main.eks.create_addon(**addon, serviceAccountRoleArn=main.role("cni"))
    identity = {"serviceAccount": "aws-node", "roleArn": main.role("pod")}
    unchecked = clients("eks", parameter_validation=False)  # as Terraform's SDK is

    for more in ({}, {"podIdentityAssociations": [identity]}):
        with refused("AccessDeniedException", 403, "Cross-account pass role is not allowed"):
            unchecked.update_addon(**addon, serviceAccountRoleArn="", **more)

    assert described(main, "vpc-cni")["serviceAccountRoleArn"] == main.role("cni")
    assert associations(main) == []


def test_an_update_gives_a_receipt_under_the_addon(main: Fixture) -> None:
    main.eks.create_addon(clusterName="main", addonName="vpc-cni")
    update = main.eks.update_addon(
        clusterName="main", addonName="vpc-cni", addonVersion="v1.22.0-eksbuild.1"
    )["update"]

    found = main.eks.describe_update(name="main", addonName="vpc-cni", updateId=update["id"])
    assert found["update"]["type"] == "AddonUpdate"
    assert described(main, "vpc-cni")["addonVersion"] == "v1.22.0-eksbuild.1"


def test_unknown_names_versions_and_second_ones_are_refused(main: Fixture) -> None:
    create = main.eks.create_addon
    with refused("InvalidParameterException", 400, "Addon vpc-dns specified is not supported"):
        create(clusterName="main", addonName="vpc-dns")
    with refused("InvalidParameterException", 400, "latest specified is not supported"):
        create(clusterName="main", addonName="vpc-cni", addonVersion="latest")
    with refused("InvalidParameterException", 400, "not supported in 1.34"):
        create(clusterName="main", addonName="kube-proxy", addonVersion="v1.35.0-eksbuild.2")
    with refused("ResourceNotFoundException", 404, "No addon: vpc-cni found"):
        described(main, "vpc-cni")
    create(clusterName="main", addonName="vpc-cni")
    with refused("ResourceInUseException", 409, "already exists"):
        create(clusterName="main", addonName="vpc-cni")
