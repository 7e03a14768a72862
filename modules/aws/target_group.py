"""A target group that pods are registered in, by address."""

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.lb_target_group import LbTargetGroup, LbTargetGroupHealthCheck
from constructs import Construct

from ..core.context import Context
from ..core.hosts import GATEWAY, GATEWAY_TLS

# Source: Elastic Load Balancing API, CreateTargetGroup.
NAME_LIMIT = 32


@dataclass(frozen=True, slots=True)
class Backend:
    """What listens in the cluster, and where it says that it is ready."""

    name: str
    protocol: str
    port: int
    health_port: int
    health_path: str


def istio_gateway(*, tls: bool) -> Backend:
    """Return the Istio gateway; another protocol is another target group, so another name."""
    return Backend(
        name=GATEWAY_TLS if tls else GATEWAY,
        protocol="HTTPS" if tls else "HTTP",
        port=443 if tls else 80,
        health_port=15021,
        health_path="/healthz/ready",
    )


def nginx_shard(name: str) -> Backend:
    """Return the NGINX ingress controller of a shard."""
    return Backend(
        name=name, protocol="HTTP", port=80, health_port=8081, health_path="/nginx-ready"
    )


@dataclass(frozen=True, slots=True)
class TargetGroupOutputs:
    """What listener rules, alarms and target group bindings need."""

    arn: str
    arn_suffix: str
    """The group's name in CloudWatch."""


class TargetGroup(Construct):
    """Targets ``<prefix>-<name>``: pods' addresses, entered by the load balancer controller."""

    outputs: TargetGroupOutputs

    def __init__(
        self, scope: Construct, id_: str, *, ctx: Context, backend: Backend, vpc_id: str
    ) -> None:
        super().__init__(scope, id_)
        name = ctx.name(backend.name, limit=NAME_LIMIT)
        group = LbTargetGroup(
            self,
            "Resource",
            name=name,
            target_type="ip",
            protocol=backend.protocol,
            protocol_version="HTTP1",
            port=backend.port,
            vpc_id=vpc_id,
            # Longer than a request may take; shorter than a pod has to end.
            deregistration_delay="60",
            load_balancing_algorithm_type="least_outstanding_requests",
            health_check=LbTargetGroupHealthCheck(
                enabled=True,
                protocol="HTTP",
                port=str(backend.health_port),
                path=backend.health_path,
                matcher="200",
                interval=10,
                timeout=5,
                healthy_threshold=2,
                unhealthy_threshold=2,
            ),
            tags={"Name": name},
        )
        self.outputs = TargetGroupOutputs(arn=group.arn, arn_suffix=group.arn_suffix)
