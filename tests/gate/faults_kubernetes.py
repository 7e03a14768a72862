"""Faults in the objects of clusters: of the mesh, of tenants, of pods."""

from . import faults_openings
from .seeded import Fault, Seeded, cut_in, gone_from, put_in

TENANTS = "prod-eu-west-1-tenants"
MESH = "mesh/Resource"
SHOP = "tenant-shop/Resource"
AGENT = "rancher-agent/job/Resource"
JOB = "Job/cattle-system/rancher-agent"
CATALOG = "shop/catalog.yaml"
ROLLOUT = "Rollout/shop/catalog"
POD = ("spec", "template", "spec")


def _privileged(seeded: Seeded) -> None:
    pod = seeded.object(AGENT, JOB)["spec"]["template"]["spec"]
    pod["containers"][0]["securityContext"]["privileged"] = True


def _latest(seeded: Seeded) -> None:
    pod = seeded.object(CATALOG, ROLLOUT)["spec"]["template"]["spec"]
    image = pod["containers"][0]["image"].partition("@")[0].rpartition(":")
    pod["containers"][0]["image"] = f"{image[0]}:latest"


def _unmeasured(seeded: Seeded) -> None:
    strategy = seeded.object(CATALOG, ROLLOUT)["spec"]["strategy"]
    for way in strategy.values():
        way.pop("analysis", None)
        way.pop("prePromotionAnalysis", None)
        way.pop("postPromotionAnalysis", None)
        way["steps"] = [step for step in way.get("steps", ()) if "analysis" not in step]


FAULTS = (
    *faults_openings.FAULTS,
    Fault(
        "the mesh takes traffic without mutual TLS",
        TENANTS,
        put_in(
            MESH, "PeerAuthentication/istio-system/default", "spec", "mtls", "mode", to="PERMISSIVE"
        ),
        "EKP_MESH_1",
        (f"{MESH}:PeerAuthentication/istio-system/default", f"{SHOP}:Namespace/shop"),
    ),
    Fault(
        "nothing asks for mutual TLS",
        TENANTS,
        gone_from(MESH, "PeerAuthentication/istio-system/default"),
        "EKP_MESH_1",
        (f"{SHOP}:Namespace/shop",),
    ),
    Fault(
        "the mesh does not deny by default",
        TENANTS,
        gone_from(MESH, "AuthorizationPolicy/istio-system/allow-nothing"),
        "EKP_MESH_2",
        (f"{SHOP}:Namespace/shop",),
    ),
    Fault(
        "the network does not deny by default",
        TENANTS,
        gone_from("default-deny/Resource", "GlobalNetworkPolicy/platform-default-deny"),
        "EKP_NETPOL_1",
        (f"{SHOP}:Namespace/shop",),
    ),
    Fault(
        "a container is privileged",
        TENANTS,
        _privileged,
        "EKP_POD_1",
        (f"{AGENT}:{JOB}",),
    ),
    Fault(
        "a container is privileged, as checkov sees it",
        TENANTS,
        _privileged,
        "CKV_K8S_16",
        (f"{AGENT}:{JOB}",),
    ),
    Fault(
        "a service's pod mounts its host's disk",
        TENANTS,
        put_in(CATALOG, ROLLOUT, *POD, "volumes", to=[{"name": "host", "hostPath": {"path": "/"}}]),
        "EKP_POD_1",
        (f"{CATALOG}:{ROLLOUT}",),
    ),
    Fault(
        "a container has no limit of memory",
        TENANTS,
        cut_in(CATALOG, ROLLOUT, *POD, "containers", 0, "resources", "limits", "memory"),
        "EKP_POD_2",
        (f"{CATALOG}:{ROLLOUT}",),
    ),
    Fault(
        "a service runs whatever is the latest",
        TENANTS,
        _latest,
        "EKP_POD_3",
        (f"{CATALOG}:{ROLLOUT}",),
    ),
    Fault(
        "a new version is not measured",
        TENANTS,
        _unmeasured,
        "EKP_ROLLOUT_1",
        (f"{CATALOG}:{ROLLOUT}",),
    ),
    Fault(
        "a new version is measured by a template that is not there",
        TENANTS,
        gone_from(CATALOG, "AnalysisTemplate/shop/catalog"),
        "EKP_ROLLOUT_1",
        (f"{CATALOG}:{ROLLOUT}",),
    ),
    Fault(
        "a way in names no class",
        TENANTS,
        cut_in(SHOP, "VirtualServer/shop/catalog-api", "spec", "ingressClassName"),
        "EKP_INGRESS_1",
        (f"{SHOP}:VirtualServer/shop/catalog-api",),
    ),
    Fault(
        "a tenant may use all of the cluster",
        TENANTS,
        gone_from(SHOP, "ResourceQuota/shop/tenant"),
        "EKP_TENANT_1",
        (f"{SHOP}:Namespace/shop",),
    ),
    Fault(
        "a tenant's people may read its secrets",
        TENANTS,
        put_in(SHOP, "Role/shop/tenant-viewer", "rules", 0, "resources", to=["secrets"]),
        "EKP_RBAC_1",
        (f"{SHOP}:Role/shop/tenant-viewer",),
    ),
)
