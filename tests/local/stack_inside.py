"""What the tests' stack has inside its cluster."""

from typing import Any

ISSUER = "https://login.microsoftonline.com/tenant/v2.0"
POLICY = "arn:aws:eks::aws:cluster-access-policy"


def addons() -> dict[str, Any]:
    """Give add-ons before and after the nodes."""
    main = "${aws_eks_cluster.main.name}"
    after = {"depends_on": ["aws_eks_node_group.general"]}
    return {
        "aws_eks_addon": {
            "vpc-cni": {
                "cluster_name": main,
                "addon_name": "vpc-cni",
                "addon_version": "v1.21.1-eksbuild.1",
                "service_account_role_arn": "${aws_iam_role.pod.arn}",
                "configuration_values": '{"env":{"ENABLE_PREFIX_DELEGATION":"true"}}',
                "resolve_conflicts_on_create": "OVERWRITE",
                "resolve_conflicts_on_update": "PRESERVE",
            },
            "kube-proxy": {"cluster_name": main, "addon_name": "kube-proxy"},
            "coredns": {
                "cluster_name": main,
                "addon_name": "coredns",
                "addon_version": "v1.13.2-eksbuild.3",
                **after,
            },
            "aws-ebs-csi-driver": {
                "cluster_name": main,
                "addon_name": "aws-ebs-csi-driver",
                "pod_identity_association": [
                    {
                        "service_account": "ebs-csi-controller-sa",
                        "role_arn": "${aws_iam_role.pod.arn}",
                    }
                ],
                **after,
            },
        }
    }


def access() -> dict[str, Any]:
    """Give access entries, people's log-in and a pod's role."""
    main = "${aws_eks_cluster.main.name}"
    entry = "${aws_eks_access_entry.admin.principal_arn}"
    return {
        "aws_eks_access_entry": {
            "admin": {"cluster_name": main, "principal_arn": "${aws_iam_role.admin.arn}"},
            # EKS would make it with the first node group, and leave it behind after the last.
            "nodes": {
                "cluster_name": main,
                "principal_arn": "${aws_iam_role.node.arn}",
                "type": "EC2_LINUX",
            },
        },
        "aws_eks_access_policy_association": {
            "admin": {
                "cluster_name": main,
                "principal_arn": entry,
                "policy_arn": f"{POLICY}/AmazonEKSClusterAdminPolicy",
                "access_scope": {"type": "cluster"},
            },
            "edit": {
                "cluster_name": main,
                "principal_arn": entry,
                "policy_arn": f"{POLICY}/AmazonEKSEditPolicy",
                "access_scope": {"type": "namespace", "namespaces": ["one", "two"]},
            },
        },
        "aws_eks_identity_provider_config": {
            "people": {
                "cluster_name": main,
                "oidc": {
                    "identity_provider_config_name": "people",
                    "issuer_url": ISSUER,
                    "client_id": "platform",
                    "groups_claim": "groups",
                    "groups_prefix": "entra:",
                    "username_claim": "upn",
                },
            }
        },
        "aws_eks_pod_identity_association": {
            "app": {
                "cluster_name": main,
                "namespace": "app",
                "service_account": "app",
                "role_arn": "${aws_iam_role.pod.arn}",
            }
        },
    }
