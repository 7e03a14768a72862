"""The cluster's default storage: encrypted gp3 volumes."""

from .manifest import Manifest

STORAGE_CLASS = "gp3"


def default_storage_class() -> Manifest:
    """Return the default class, which EKS has not made since Kubernetes 1.30.

    Volumes are encrypted with the account's key for EBS; a class can never name another one. They
    are made where their pod runs, can grow, and go with their claim.
    """
    return Manifest(
        api_version="storage.k8s.io/v1",
        kind="StorageClass",
        name=STORAGE_CLASS,
        annotations={"storageclass.kubernetes.io/is-default-class": "true"},
        fields={
            "provisioner": "ebs.csi.aws.com",
            "parameters": {"type": "gp3", "encrypted": "true"},
            "allowVolumeExpansion": True,
            "reclaimPolicy": "Delete",
            "volumeBindingMode": "WaitForFirstConsumer",
        },
    )
