"""Clusters of the EKS extension."""

import base64

import pytest

from .conftest import Clients
from .eks_cluster import Fixture, make, network, refused


@pytest.fixture
def main(clients: Clients, account: str) -> Fixture:
    return make(clients, account)


def test_a_cluster_is_in_the_vpc_of_its_subnets_with_a_security_group_that_exists(
    main: Fixture,
) -> None:
    vpc = main.cluster()["resourcesVpcConfig"]

    groups = main.ec2.describe_security_groups(GroupIds=[vpc["clusterSecurityGroupId"]])
    (group,) = groups["SecurityGroups"]
    assert vpc["vpcId"] == group["VpcId"] == main.vpc
    assert {"Key": "kubernetes.io/cluster/main", "Value": "owned"} in group["Tags"]
    assert group["IpPermissions"][0]["UserIdGroupPairs"][0]["GroupId"] == group["GroupId"]


def test_the_security_group_goes_with_the_cluster(main: Fixture) -> None:
    group = main.cluster()["resourcesVpcConfig"]["clusterSecurityGroupId"]

    main.eks.delete_cluster(name="main")

    with refused("InvalidGroup.NotFound", 400):
        main.ec2.describe_security_groups(GroupIds=[group])
    with refused("ResourceNotFoundException", 404, "No cluster found for name: main"):
        main.cluster()


def test_each_cluster_has_an_issuer_an_endpoint_and_a_certificate_that_decodes(
    main: Fixture,
) -> None:
    main.create("other")
    one, other = main.cluster(), main.cluster("other")

    assert one["identity"]["oidc"]["issuer"] != other["identity"]["oidc"]["issuer"]
    assert one["endpoint"] != other["endpoint"]
    assert base64.b64decode(one["certificateAuthority"]["data"], validate=True).startswith(b"-----")


def test_a_cluster_gives_back_what_it_was_made_with(main: Fixture) -> None:
    key = [{"resources": ["secrets"], "provider": {"keyArn": "arn:aws:kms:eu-west-1:1:key/k"}}]
    main.create(
        "other",
        upgradePolicy={"supportType": "STANDARD"},
        zonalShiftConfig={"enabled": True},
        encryptionConfig=key,
        kubernetesNetworkConfig={"serviceIpv4Cidr": "172.30.0.0/16"},
        tags={"team": "platform"},
    )

    cluster = main.cluster("other")

    assert cluster["upgradePolicy"] == {"supportType": "STANDARD"}
    assert cluster["zonalShiftConfig"] == {"enabled": True}
    assert cluster["encryptionConfig"] == key
    assert cluster["kubernetesNetworkConfig"]["serviceIpv4Cidr"] == "172.30.0.0/16"
    assert cluster["accessConfig"]["authenticationMode"] == "API"
    assert cluster["tags"] == {"team": "platform"}
    assert cluster["status"] == "ACTIVE"


def test_the_defaults_are_those_of_eks(main: Fixture) -> None:
    main.eks.create_cluster(
        name="plain",
        roleArn=main.role("cluster"),
        resourcesVpcConfig={"subnetIds": main.subnets},
    )

    cluster = main.cluster("plain")

    assert cluster["upgradePolicy"] == {"supportType": "EXTENDED"}
    assert cluster["accessConfig"]["authenticationMode"] == "CONFIG_MAP"
    assert cluster["resourcesVpcConfig"]["publicAccessCidrs"] == ["0.0.0.0/0"]
    assert cluster["logging"]["clusterLogging"][0]["enabled"] is False


def test_a_creator_becomes_administrator_unless_told_not_to(main: Fixture) -> None:
    main.create("other", accessConfig={"authenticationMode": "API"})

    assert main.eks.list_access_entries(clusterName="main")["accessEntries"] == []
    assert main.eks.list_access_entries(clusterName="other")["accessEntries"] == [main.role("test")]
    policies = main.eks.list_associated_access_policies(
        clusterName="other", principalArn=main.role("test")
    )["associatedAccessPolicies"]
    assert [item["policyArn"].rpartition("/")[2] for item in policies] == [
        "AmazonEKSClusterAdminPolicy"
    ]


def test_a_name_is_taken_once(main: Fixture) -> None:
    with refused("ResourceInUseException", 409, "already exists with name: main"):
        main.create("main")


def test_an_unknown_kubernetes_version_is_refused(main: Fixture) -> None:
    with refused("InvalidParameterException", 400, r"1\.19"):
        main.create("old", version="1.19")


def test_subnets_must_exist_in_two_zones_of_one_vpc(main: Fixture) -> None:
    other = network(main.ec2, "10.1")[1]
    for subnets, reason in (
        (["subnet-00000000000000000"], "does not exist"),
        (main.subnets[:1], "two different AZs"),
        ([main.subnets[0], other[1]], "same VPC"),
    ):
        with refused("InvalidParameterException", 400, reason):
            main.create("other", resourcesVpcConfig={"subnetIds": subnets})


def test_a_control_plane_moves_to_other_subnets_of_its_zones(main: Fixture) -> None:
    subnets = [main.add_subnet("euw1-az3", 8), main.add_subnet("euw1-az1", 9)]

    main.eks.update_cluster_config(name="main", resourcesVpcConfig={"subnetIds": subnets})

    assert main.cluster()["resourcesVpcConfig"]["subnetIds"] == subnets


def test_a_control_plane_stays_in_its_vpc_and_in_the_zones_of_its_first_subnets(
    main: Fixture,
) -> None:
    before = main.cluster()["resourcesVpcConfig"]
    third = main.add_subnet("euw1-az2")
    exact = "exact set of AZs 'eu-west-1a,eu-west-1b' in which subnets were provided"
    for subnets, reason in (
        ([*main.subnets, third], f"AZs 'eu-west-1a,eu-west-1b,eu-west-1c'.*{exact}"),
        ([main.subnets[0], third], f"AZs 'eu-west-1a,eu-west-1c'.*{exact}"),
        (network(main.ec2, "10.1")[1], "must be in the cluster's VPC"),
    ):
        with refused("InvalidParameterException", 400, reason):
            main.eks.update_cluster_config(name="main", resourcesVpcConfig={"subnetIds": subnets})

    assert main.cluster()["resourcesVpcConfig"] == before


def test_a_zone_without_control_planes_is_refused_for_a_cluster(
    clients: Clients, account: str
) -> None:
    ec2, eks = clients("ec2", region="us-east-1"), clients("eks", region="us-east-1")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{index}.0/24", AvailabilityZoneId=zone)[
            "Subnet"
        ]["SubnetId"]
        for index, zone in enumerate(("use1-az1", "use1-az3"))
    ]

    with refused("UnsupportedAvailabilityZoneException", 400, "because us-east-1e, the targeted"):
        eks.create_cluster(
            name="main",
            roleArn=f"arn:aws:iam::{account}:role/cluster",
            resourcesVpcConfig={"subnetIds": subnets},
        )

    assert eks.list_clusters()["clusters"] == []
    assert [group["GroupName"] for group in ec2.describe_security_groups()["SecurityGroups"]] == [
        "default",
        "default",
    ]


@pytest.mark.parametrize(
    ("vpc", "services"),
    [("10.1", "172.20.0.0/16"), ("172.20", "10.100.0.0/16"), ("192.168", "10.100.0.0/16")],
)
def test_services_get_addresses_apart_from_those_of_the_vpc(
    main: Fixture, vpc: str, services: str
) -> None:
    main.create("other", resourcesVpcConfig={"subnetIds": network(main.ec2, vpc)[1]})

    found = main.cluster("other")["kubernetesNetworkConfig"]
    assert (found["serviceIpv4Cidr"], found["ipFamily"]) == (services, "ipv4")


def test_addresses_of_services_that_eks_refuses_are_refused(main: Fixture) -> None:
    main.ec2.associate_vpc_cidr_block(VpcId=main.vpc, CidrBlock="10.200.0.0/16")
    for block, reason in (
        ("services", "is no IPv4 block"),
        ("172.20.0.1/16", "is no IPv4 block"),
        ("100.64.0.0/16", "is not within one of"),
        ("172.32.0.0/16", "is not within one of"),
        ("10.0.0.0/8", "is not between /24 and /12"),
        ("172.20.0.0/25", "is not between /24 and /12"),
        ("10.0.128.0/20", "overlaps the VPC's CIDR block 10.0.0.0/16"),
        ("10.192.0.0/12", "overlaps the VPC's CIDR block 10.200.0.0/16"),
    ):
        with refused("InvalidParameterException", 400, reason):
            main.create("other", kubernetesNetworkConfig={"serviceIpv4Cidr": block})
    for name, block in (("large", "172.16.0.0/12"), ("small", "192.168.255.0/24")):
        main.create(name, kubernetesNetworkConfig={"serviceIpv4Cidr": block})
        assert main.cluster(name)["kubernetesNetworkConfig"]["serviceIpv4Cidr"] == block


def test_a_cluster_with_nodes_is_not_deleted(main: Fixture) -> None:
    main.add_nodes()

    with refused("ResourceInUseException", 409, "Cluster has nodegroups attached"):
        main.eks.delete_cluster(name="main")


def test_an_update_gives_a_receipt_that_can_be_described(main: Fixture) -> None:
    update = main.eks.update_cluster_config(
        name="main", resourcesVpcConfig={"endpointPrivateAccess": True}
    )["update"]

    described = main.eks.describe_update(name="main", updateId=update["id"])["update"]
    assert described["status"] == "Successful"
    assert described["type"] == "EndpointAccessUpdate"
    assert main.eks.list_updates(name="main")["updateIds"] == [update["id"]]
    with refused("ResourceNotFoundException", 404):
        main.eks.describe_update(name="main", updateId="none")


def test_an_update_of_the_endpoint_keeps_the_rest_of_the_network(main: Fixture) -> None:
    before = main.cluster()["resourcesVpcConfig"]

    main.eks.update_cluster_config(
        name="main", resourcesVpcConfig={"publicAccessCidrs": ["198.51.100.0/24"]}
    )

    after = main.cluster()["resourcesVpcConfig"]
    assert after == {**before, "publicAccessCidrs": ["198.51.100.0/24"]}


def test_an_update_that_changes_nothing_or_too_much_is_refused(main: Fixture) -> None:
    with refused("InvalidParameterException", 400, "already at the desired configuration"):
        main.eks.update_cluster_config(
            name="main", resourcesVpcConfig={"endpointPublicAccess": True}
        )
    with refused("InvalidParameterException", 400, "cannot be false"):
        main.eks.update_cluster_config(
            name="main", resourcesVpcConfig={"endpointPublicAccess": False}
        )
    with refused("InvalidParameterException", 400, "Only one type of update"):
        main.eks.update_cluster_config(
            name="main",
            upgradePolicy={"supportType": "STANDARD"},
            zonalShiftConfig={"enabled": True},
        )


def test_log_types_are_switched_one_by_one(main: Fixture) -> None:
    for types, enabled in ((["api", "audit"], True), (["api"], False)):
        main.eks.update_cluster_config(
            name="main", logging={"clusterLogging": [{"types": types, "enabled": enabled}]}
        )

    on, off = main.cluster()["logging"]["clusterLogging"]
    assert on == {"types": ["audit"], "enabled": True}
    assert "api" in off["types"]


def test_logs_make_the_log_group_that_nobody_made(main: Fixture, clients: Clients) -> None:
    main.create("logged", logging={"clusterLogging": [{"types": ["api"], "enabled": True}]})

    groups = clients("logs").describe_log_groups()["logGroups"]
    assert [group["logGroupName"] for group in groups] == ["/aws/eks/logged/cluster"]


def test_a_control_plane_moves_one_minor_at_a_time(main: Fixture) -> None:
    for version in ("1.33", "1.34", "1.36", "1.99"):
        with refused("InvalidParameterException", 400):
            main.eks.update_cluster_version(name="main", version=version)

    main.eks.update_cluster_version(name="main", version="1.35")

    assert main.cluster()["version"] == "1.35"


def test_access_modes_go_one_way(main: Fixture) -> None:
    main.create("other", accessConfig={"authenticationMode": "API_AND_CONFIG_MAP"})

    main.eks.update_cluster_config(name="other", accessConfig={"authenticationMode": "API"})

    with refused("InvalidParameterException", 400, "from API to CONFIG_MAP"):
        main.eks.update_cluster_config(
            name="other", accessConfig={"authenticationMode": "CONFIG_MAP"}
        )


def test_secrets_encryption_is_turned_on_once(main: Fixture) -> None:
    config = [{"resources": ["secrets"], "provider": {"keyArn": "arn:aws:kms:eu-west-1:1:key/k"}}]
    main.eks.associate_encryption_config(clusterName="main", encryptionConfig=config)

    assert main.cluster()["encryptionConfig"] == config
    with refused("ResourceInUseException", 409):
        main.eks.associate_encryption_config(clusterName="main", encryptionConfig=config)


def test_clusters_of_other_accounts_and_regions_are_apart(main: Fixture, clients: Clients) -> None:
    assert main.eks.list_clusters()["clusters"] == ["main"]
    assert clients("eks", account="200000000001").list_clusters()["clusters"] == []
    assert clients("eks", region="us-east-1").list_clusters()["clusters"] == []


def test_the_versions_that_eks_offers_have_dates(main: Fixture) -> None:
    (version,) = main.eks.describe_cluster_versions(clusterVersions=["1.35"])["clusterVersions"]

    assert version["clusterVersion"] == "1.35"
    assert version["endOfStandardSupportDate"].date().isoformat() == "2027-03-27"


def test_tags_work_on_every_resource_of_a_cluster(main: Fixture) -> None:
    group = main.add_nodes()
    addon = main.eks.create_addon(clusterName="main", addonName="vpc-cni")["addon"]
    entry = main.eks.create_access_entry(clusterName="main", principalArn=main.role("path/admin"))
    pod = main.eks.create_pod_identity_association(
        clusterName="main", namespace="app", serviceAccount="app", roleArn=main.role("app")
    )
    main.eks.associate_identity_provider_config(
        clusterName="main",
        oidc={"identityProviderConfigName": "p", "issuerUrl": "https://i", "clientId": "c"},
    )
    people = main.eks.describe_identity_provider_config(
        clusterName="main", identityProviderConfig={"type": "oidc", "name": "p"}
    )["identityProviderConfig"]["oidc"]
    for arn in (
        main.cluster()["arn"],
        group["nodegroupArn"],
        addon["addonArn"],
        entry["accessEntry"]["accessEntryArn"],
        pod["association"]["associationArn"],
        people["identityProviderConfigArn"],
    ):
        main.eks.tag_resource(resourceArn=arn, tags={"a": "1", "b": "2"})
        main.eks.untag_resource(resourceArn=arn, tagKeys=["a"])
        assert main.eks.list_tags_for_resource(resourceArn=arn)["tags"] == {"b": "2"}
    with refused("ResourceNotFoundException", 404):
        main.eks.list_tags_for_resource(resourceArn=main.cluster()["arn"] + "-none")


def test_a_cluster_is_found_by_its_tags(main: Fixture, clients: Clients) -> None:
    arn = main.create("tagged", tags={"Environment": "dev"})["arn"]

    asked = [{"Key": "Environment", "Values": ["dev"]}]
    found = clients("resourcegroupstaggingapi").get_resources(TagFilters=asked)

    assert [one["ResourceARN"] for one in found["ResourceTagMappingList"]] == [arn]
