"""Manifests: a bundle of objects as one Helm release of a local chart."""

from collections.abc import Sequence
from pathlib import Path

from cdktf import AssetType, ITerraformDependable, TerraformAsset, TerraformStack
from cdktf_cdktf_provider_helm.release import Release
from constructs import Construct

from .helm import HISTORY, fits
from .manifest import Manifest
from .yaml_document import to_yaml

CHART = Path(__file__).parent / "objects_chart"


class Manifests(Construct):
    """Objects that come, change and go together.

    The objects are values, not templates, so that Helm's own syntax survives in them. The chart
    is an asset of the stack, so that a remote run carries it. An object's kind must be known to
    the cluster: the release comes ``after`` the chart that brings its definition.

    ``kubernetes_manifest`` would ask the cluster while planning
    (hashicorp/terraform-provider-kubernetes#1367).

    Raises:
        ValueError: the bundle would not fit in the Secret in which Helm keeps it.
    """

    resource: Release

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        namespace: str,
        manifests: Sequence[Manifest],
        after: Sequence[ITerraformDependable] = (),
        timeout_seconds: int = 600,
    ) -> None:
        super().__init__(scope, id_)
        values = to_yaml({"objects": [manifest.as_dict() for manifest in manifests]})
        fits(name, [values])
        self.resource = Release(
            self,
            "Resource",
            name=name,
            chart=f"./{_chart(self).path}",
            namespace=namespace,
            create_namespace=False,
            values=[values],
            atomic=True,
            cleanup_on_fail=True,
            wait=True,
            wait_for_jobs=True,
            timeout=timeout_seconds,
            max_history=HISTORY,
            depends_on=list(after) or None,
        )


def _chart(scope: Construct) -> TerraformAsset:
    """Return the stack's one copy of the chart."""
    stack = TerraformStack.of(scope)
    found = stack.node.try_find_child("objects-chart")
    if isinstance(found, TerraformAsset):
        return found
    return TerraformAsset(stack, "objects-chart", path=str(CHART), type=AssetType.DIRECTORY)
