"""Which regions users are led to, and what Route 53 watches of each."""

from collections.abc import Sequence
from dataclasses import dataclass

from modules.core.mesh import GATEWAY_NAMESPACE

from ekp.configured.environment import Configured
from ekp.configured.reading import Resource, of_kind, resources
from ekp.evaluate.blocks import blocks
from ekp.traffic.balancers import listener_rules, listeners
from ekp.traffic.records import Leads, Record, aliases

Alias = tuple[Resource, Record]


@dataclass(frozen=True)
class Served:
    """The regions of an environment with a load balancer, and the records that lead to them."""

    configured: Configured
    records: tuple[Alias, ...]
    """Those that lead to load balancers."""

    @classmethod
    def of(cls, configured: Configured) -> "Served":
        """Return what leads to the regions of an environment."""
        found = (one for one in aliases(configured.stacks) if one[1].leads is Leads.BALANCER)
        return cls(configured, tuple(found))

    @property
    def regions(self) -> tuple[str, ...]:
        """Those that a record leads to."""
        return tuple(sorted({record.region for _, record in self.records}))

    @property
    def idle(self) -> tuple[str, ...]:
        """Regions with a load balancer that no record leads to."""
        behind = {
            region
            for region in self.configured.regions
            if (stack := self.configured.layer("ingress", region)) and resources(stack, "aws_lb")
        }
        return tuple(sorted(behind - set(self.regions)))

    @property
    def private(self) -> tuple[str, ...]:
        """Regions without a record whose load balancer is in a VPC, where CloudFront calls it."""
        return tuple(
            region
            for region in self.idle
            if (stack := self.configured.layer("ingress", region))
            and all(one.body.get("internal") is True for one in resources(stack, "aws_lb"))
        )

    def of_region(self, region: str) -> list[Alias]:
        """Return the records of a region."""
        return [one for one in self.records if one[1].region == region]

    def others(self, region: str) -> list[str]:
        """Return the other regions that are served."""
        return [one for one in self.regions if one != region]

    def balancer(self, found: Resource) -> Resource | None:
        """Return the load balancer that a record leads to."""
        alias = blocks(found.body, "alias")[0]
        return self.configured.reader.referred(found.stack, alias.get("name"))

    def gateway(self, region: str) -> Resource | None:
        """Return the target group that the region's Istio gateway registers in."""
        for stack in self.configured.of_region(region):
            for one in of_kind(self.configured.reader.objects(stack), "TargetGroupBinding"):
                if one["metadata"].get("namespace") == GATEWAY_NAMESPACE:
                    return self.configured.reader.referred(stack, one["spec"]["targetGroupARN"])
        return None

    def sent_to(self, balancer: Resource) -> Sequence[Resource]:
        """Return the target groups that a load balancer's rules send requests to."""
        found: dict[tuple[str, str], Resource] = {}
        for listener in listeners(balancer):
            for rule in listener_rules(listener):
                for action in blocks(rule.body, "action"):
                    text = action.get("target_group_arn")
                    if group := self.configured.reader.referred(rule.stack, text):
                        found[group.key] = group
        return list(found.values())


def called(found: Resource) -> str:
    """Return what people call a resource."""
    return found.label


def listed(words: Sequence[str]) -> str:
    """Return words as a list in a sentence."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
