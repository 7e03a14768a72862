"""Node groups of the EKS extension."""

from typing import Any

import pytest

from .conftest import Clients
from .eks_cluster import Fixture, make, network, refused


@pytest.fixture
def main(clients: Clients, account: str) -> Fixture:
    return make(clients, account)


def template(main: Fixture, **data: Any) -> str:
    made = main.ec2.create_launch_template(
        LaunchTemplateName="nodes", LaunchTemplateData={"EbsOptimized": True, **data}
    )
    return str(made["LaunchTemplate"]["LaunchTemplateId"])


def described(main: Fixture) -> Any:
    return main.eks.describe_nodegroup(clusterName="main", nodegroupName="general")["nodegroup"]


def test_a_node_group_with_a_launch_template_has_no_disk_and_no_key_of_its_own(
    main: Fixture,
) -> None:
    id_ = template(main)
    main.add_nodes(launchTemplate={"id": id_}, instanceTypes=["m6i.large"])

    group = described(main)

    assert group["launchTemplate"] == {"id": id_, "name": "nodes", "version": "1"}
    assert not {"diskSize", "remoteAccess"} & set(group)
    assert (group["version"], group["releaseVersion"][:4]) == ("1.34", "1.34")


def test_a_node_group_keeps_its_settings(main: Fixture) -> None:
    settings: dict[str, Any] = {
        "labels": {"pool": "general"},
        "taints": [{"key": "k", "value": "v", "effect": "NO_SCHEDULE"}],
        "scalingConfig": {"minSize": 1, "maxSize": 5, "desiredSize": 2},
        "updateConfig": {"maxUnavailablePercentage": 33},
        "nodeRepairConfig": {"enabled": True},
        "capacityType": "SPOT",
        "amiType": "BOTTLEROCKET_x86_64",
        "tags": {"team": "platform"},
    }
    main.add_nodes(**settings)

    group = described(main)

    assert {key: group[key] for key in settings} == settings


def test_updates_of_one_group_leave_the_defaults_of_the_next_alone(main: Fixture) -> None:
    main.add_nodes()
    main.eks.update_nodegroup_config(
        clusterName="main",
        nodegroupName="general",
        scalingConfig={"minSize": 1, "maxSize": 9, "desiredSize": 4},
    )

    assert main.add_nodes("other")["scalingConfig"] == {
        "minSize": 2,
        "maxSize": 2,
        "desiredSize": 2,
    }


def test_an_update_of_a_group_gives_a_receipt_under_the_group(main: Fixture) -> None:
    main.add_nodes()
    update = main.eks.update_nodegroup_config(
        clusterName="main",
        nodegroupName="general",
        labels={"addOrUpdateLabels": {"a": "1"}},
        taints={"addOrUpdateTaints": [{"key": "k", "effect": "NO_EXECUTE"}]},
    )["update"]

    found = main.eks.describe_update(name="main", nodegroupName="general", updateId=update["id"])
    assert found["update"]["status"] == "Successful"
    assert described(main)["labels"] == {"a": "1"}
    assert described(main)["taints"] == [{"key": "k", "effect": "NO_EXECUTE"}]
    with refused("ResourceNotFoundException", 404):
        main.eks.describe_update(name="main", updateId=update["id"])


def test_nodes_follow_their_control_plane_and_never_lead_it(main: Fixture) -> None:
    main.add_nodes()
    with refused("InvalidParameterException", 400):
        main.eks.update_nodegroup_version(
            clusterName="main", nodegroupName="general", version="1.35"
        )
    main.eks.update_cluster_version(name="main", version="1.35")

    main.eks.update_nodegroup_version(clusterName="main", nodegroupName="general")

    assert described(main)["version"] == "1.35"
    assert described(main)["releaseVersion"].startswith("1.35.")
    with refused("InvalidRequestException", 400, "cannot be lowered"):
        main.eks.update_nodegroup_version(
            clusterName="main", nodegroupName="general", version="1.34"
        )


def test_a_group_moves_to_another_version_of_its_launch_template_only(main: Fixture) -> None:
    id_ = template(main)
    main.add_nodes(launchTemplate={"id": id_, "version": "1"})
    main.ec2.create_launch_template_version(
        LaunchTemplateId=id_, LaunchTemplateData={"EbsOptimized": False}
    )
    main.ec2.create_launch_template(
        LaunchTemplateName="other", LaunchTemplateData={"EbsOptimized": True}
    )

    move = {"clusterName": "main", "nodegroupName": "general"}
    main.eks.update_nodegroup_version(**move, launchTemplate={"id": id_, "version": "2"})

    assert described(main)["launchTemplate"]["version"] == "2"
    with refused("InvalidRequestException", 400, "keeps the launch template"):
        main.eks.update_nodegroup_version(**move, launchTemplate={"name": "other"})
    with refused("InvalidParameterException", 400, "does not exist"):
        main.eks.update_nodegroup_version(**move, launchTemplate={"id": id_, "version": "9"})


def test_what_eks_refuses_of_a_node_group_is_refused(main: Fixture) -> None:
    id_ = template(main, InstanceType="m6i.large")
    outside = network(main.ec2, "10.1")[1]
    invalid: list[tuple[dict[str, Any], str]] = [
        ({"launchTemplate": {"id": id_}, "diskSize": 20}, "Disk size"),
        ({"launchTemplate": {"id": id_}, "remoteAccess": {"ec2SshKey": "k"}}, "Remote access"),
        ({"launchTemplate": {"id": id_}, "instanceTypes": ["m6i.large"]}, "not in both"),
        ({"launchTemplate": {"id": id_, "name": "nodes"}}, "not both"),
        ({"scalingConfig": {"minSize": 3, "maxSize": 5, "desiredSize": 2}}, "Minimum capacity 3"),
        ({"scalingConfig": {"minSize": 1, "maxSize": 1, "desiredSize": 2}}, "max size 1"),
        ({"taints": [{"key": "k", "effect": "NoSchedule"}]}, "NoSchedule"),
        ({"version": "1.35"}, "1.35"),
        ({"version": "1.34", "amiType": "AL2_x86_64"}, "AL2_x86_64"),
        ({"nodeRole": "node"}, "Invalid Role Arn"),
    ]
    for settings, reason in invalid:
        with refused("InvalidParameterException", 400, reason):
            main.add_nodes(**settings)
    with refused("InvalidRequestException", 400, "not in the cluster's VPC"):
        main.add_nodes(subnets=outside)
    main.add_nodes()
    with refused("ResourceInUseException", 409, "already exists"):
        main.add_nodes()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"minSize": 3}, "Minimum capacity 3 can't be greater than desired size 2"),
        ({"maxSize": 1}, "desired capacity 2 can't be greater than max size 1"),
        ({"desiredSize": 9}, "desired capacity 9 can't be greater than max size 5"),
        ({"desiredSize": 0}, "Minimum capacity 1 can't be greater than desired size 0"),
    ],
)
def test_an_update_that_puts_the_limits_of_a_group_apart_from_its_size_is_refused(
    main: Fixture, change: dict[str, int], reason: str
) -> None:
    scaling = {"minSize": 1, "maxSize": 5, "desiredSize": 2}
    main.add_nodes(scalingConfig=scaling)

    with refused("InvalidParameterException", 400, reason):
        main.eks.update_nodegroup_config(
            clusterName="main", nodegroupName="general", scalingConfig=change
        )

    assert described(main)["scalingConfig"] == scaling


def test_the_role_of_nodes_is_admitted_with_its_first_group_and_stays_after_the_last(
    main: Fixture,
) -> None:
    node = {"clusterName": "main", "principalArn": main.role("node")}
    for name in ("one", "two"):
        main.add_nodes(name)
    made = main.eks.describe_access_entry(**node)["accessEntry"]
    assert made["type"] == "EC2_LINUX"

    for name in ("one", "two"):
        main.eks.delete_nodegroup(clusterName="main", nodegroupName=name)

    assert main.eks.describe_access_entry(**node)["accessEntry"] == made
    with refused("ResourceNotFoundException", 404, "No node group found"):
        main.eks.describe_nodegroup(clusterName="main", nodegroupName="one")


def test_an_entry_made_before_the_nodes_is_left_as_it_is_and_deleted_after_them(
    main: Fixture,
) -> None:
    node = {"clusterName": "main", "principalArn": main.role("node")}
    made = main.eks.create_access_entry(**node, type="EC2_LINUX", tags={"team": "platform"})

    main.add_nodes()
    main.eks.delete_nodegroup(clusterName="main", nodegroupName="general")

    assert main.eks.describe_access_entry(**node)["accessEntry"] == made["accessEntry"]
    main.eks.delete_access_entry(**node)
    assert main.eks.list_access_entries(clusterName="main")["accessEntries"] == []
