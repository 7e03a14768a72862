"""A made-up report: a finding, an exception and a stack of each sort that reports tell apart."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from ekp.gate.findings import Exemption, Finding, Report, Scanned, Seen, Severity, Subject, Use

DAY = date(2026, 11, 21)
SCRIPT = "<script>document.title = 'ran'</script>"
HOSTILE = f"""{SCRIPT}"'&[red]"""
"""What would break out of a page, an attribute, XML or a terminal's markup."""
ESCAPE = "\x1b[31m"
"""What turns a terminal's text red, and what XML cannot hold."""

LOGS = Exemption(
    check="CKV_AWS_18",
    path="**/alb/logs/**",
    environments=("dev",),
    reason="Logs of the bucket for logs would never end.",
    owner="platform",
    expires=DAY + timedelta(days=30),
    line=2,
)
IMAGES = Exemption(
    check="CKV_K8S_43",
    path="*-services/**",
    environments=(),
    reason=f"Argo CD writes the digest, not we. {HOSTILE}",
    owner="delivery",
    expires=DAY + timedelta(days=31),
    line=9,
)
EXPIRED = Exemption(
    check="CKV_AWS_144",
    path="**",
    environments=(),
    reason="What is in these buckets can be made again.",
    owner="storage",
    expires=DAY - timedelta(days=1),
    plan_only=True,
    line=16,
)
PROBLEM = f"exceptions.yaml:16: CKV_AWS_144 at **: expired on {EXPIRED.expires}; give a new date"


def subject(path: str, layer: str, *, stack: str = "", resource: str = "") -> Subject:
    """Return the subject at a construct path, which begins with its stack."""
    stack = stack or path.partition("/")[0]
    environment = "" if layer == "charts" else stack.partition("-")[0]
    region = "eu-west-1" if "eu-west-1" in stack else ""
    return Subject(path, environment, region, layer, stack, resource)


ENDPOINT = Finding(
    check="EKP_EKS_1",
    title="The endpoint of a cluster is private",
    severity=Severity.CRITICAL,
    subject=subject(
        "prod-eu-west-1-cluster/eks/Resource", "cluster", resource="aws_eks_cluster.eks_1"
    ),
    seen=(Seen.SYNTHESIZED, Seen.PLAN),
)
BUCKET = Finding(
    check="CKV_AWS_145",
    title="Ensure that S3 buckets are encrypted with KMS by default",
    severity=Severity.HIGH,
    subject=subject(
        "prod-eu-west-1-ingress/alb/logs/Resource",
        "ingress",
        resource="aws_s3_bucket.alb_logs_that_a_narrow_window_has_no_room_for_F1D17FC2",
    ),
    seen=(Seen.SYNTHESIZED,),
)
NAMED_BY_OTHERS = Finding(
    check="CKV_AWS_18",
    title="Ensure the S3 bucket has access logging enabled",
    severity=Severity.MEDIUM,
    subject=subject(f"prod-eu-west-1-ingress/{HOSTILE}{ESCAPE}/Resource", "ingress"),
    seen=(Seen.PLAN,),
)
EXPLAINED = Finding(
    check="CKV_AWS_18",
    title="Ensure the S3 bucket has access logging enabled",
    severity=Severity.MEDIUM,
    subject=subject("dev-eu-west-1-ingress/alb/logs/Resource", "ingress"),
    seen=(Seen.SYNTHESIZED,),
    exemption=LOGS,
)
EXPLAINED_OBJECT = Finding(
    check="CKV_K8S_43",
    title="Image should use digest",
    severity=Severity.LOW,
    subject=subject(
        "prod-services/shop/checkout:Rollout/shop/checkout",
        "services",
        resource="Rollout/shop/checkout",
    ),
    seen=(Seen.OBJECTS,),
    exemption=IMAGES,
)
CHART = Finding(
    check="CKV_K8S_43",
    title="Image should use digest",
    severity=Severity.LOW,
    subject=subject(
        "charts/istiod:Deployment/istio-system/istiod",
        "charts",
        stack="istiod",
        resource="Deployment/istio-system/istiod",
    ),
    seen=(Seen.CHART,),
)


def report(**changes: Any) -> Report:
    """Return a report whose gate is closed: 3 open findings, 2 explained, 1 of a chart."""
    whole = Report(
        environments=("prod", "dev"),
        findings=(ENDPOINT, BUCKET, NAMED_BY_OTHERS, EXPLAINED, EXPLAINED_OBJECT),
        uses=(Use(LOGS, 1), Use(IMAGES, 1), Use(EXPIRED, 0)),
        problems=(PROBLEM,),
        unused=(),
        charts=(CHART,),
        scanned=(
            _stack("prod-eu-west-1-cluster", resources=42, planned=True),
            _stack("prod-eu-west-1-ingress", resources=34, planned=False),
            _stack("prod-eu-west-1-network", resources=55, planned=True),
            _stack("dev-eu-west-1-ingress", resources=30, objects=3, planned=True),
            Scanned("prod-services", "prod", "", "services", 0, 26, planned=None),
        ),
        versions={"checkov": "3.3.30", "Python": "3.11.2"},
        passed=1234,
        day=DAY,
        seconds=4.25,
    )
    return replace(whole, **changes)


def clean(**changes: Any) -> Report:
    """Return a report without findings or exceptions."""
    return report(**{"findings": (), "uses": (), "problems": (), "charts": ()} | changes)


def _stack(name: str, *, resources: int, objects: int = 0, planned: bool) -> Scanned:
    environment, _, layer = name.partition("-eu-west-1-")
    return Scanned(name, environment, "eu-west-1", layer, resources, objects, planned)
