"""Who may reach a load balancer, and what it may reach: its security group and the pods'."""

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network

from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from cdktf_cdktf_provider_aws.vpc_security_group_egress_rule import VpcSecurityGroupEgressRule
from cdktf_cdktf_provider_aws.vpc_security_group_ingress_rule import VpcSecurityGroupIngressRule
from constructs import Construct

from ..core.context import Context
from .target_group import Backend


class AlbSecurity(Construct):
    """HTTPS from CloudFront or from listed networks, and on to pods' traffic and health ports."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        prefix_list_id: str | None,
        networks: Mapping[str, IPv4Network],
        backends: Sequence[Backend],
        vpc_id: str,
        pods_security_group_id: str,
    ) -> None:
        super().__init__(scope, id_)
        group = SecurityGroup(
            self,
            "Resource",
            name=ctx.name("alb"),
            description="HTTPS to the load balancer, and from it to pods",
            vpc_id=vpc_id,
            tags={"Name": ctx.name("alb")},
        )
        self.group_id = group.id
        if prefix_list_id:
            # Everyone's distributions call from these addresses: a listener rule asks for more.
            self._https("cloudfront", prefix_list_id=prefix_list_id)
        for name, network in networks.items():
            self._https(name, cidr_ipv4=str(network))
        ports = {port for backend in backends for port in (backend.port, backend.health_port)}
        for port in sorted(ports):
            VpcSecurityGroupEgressRule(
                self,
                f"to-pods-{port}",
                security_group_id=group.id,
                description=f"Pods on {port}",
                referenced_security_group_id=pods_security_group_id,
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
            )
            VpcSecurityGroupIngressRule(
                self,
                f"pods-from-alb-{port}",
                security_group_id=pods_security_group_id,
                description=f"Load balancer on {port}",
                referenced_security_group_id=group.id,
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
            )

    def _https(
        self, name: str, *, prefix_list_id: str | None = None, cidr_ipv4: str | None = None
    ) -> None:
        VpcSecurityGroupIngressRule(
            self,
            f"from-{name}",
            security_group_id=self.group_id,
            description=f"HTTPS from {name}",
            prefix_list_id=prefix_list_id,
            cidr_ipv4=cidr_ipv4,
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
        )
