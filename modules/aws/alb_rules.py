"""The rules of a listener: which hosts go where, and what a request must prove."""

from collections.abc import Mapping, Sequence
from itertools import islice

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.lb_listener_rule import (
    LbListenerRule,
    LbListenerRuleAction,
    LbListenerRuleCondition,
    LbListenerRuleConditionHostHeader,
    LbListenerRuleConditionHttpHeader,
)
from constructs import Construct

from ..core.cloudfront import ORIGIN_HEADER
from ..core.context import Context
from ..core.hosts import Hosts

# Source: Application Load Balancers quotas; not adjustable.
CONDITION_VALUES = 5
# A shard's slot times this is its first rule's priority: room for so many rules.
SLOT = 100
GATEWAY_PRIORITY = 50_000


class AlbRules(Construct):
    """A shard's hosts to its target group, the environment's other hosts to the gateway's."""

    all: list[ITerraformDependable]

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        listener_arn: str,
        hosts: Hosts,
        header_values: Sequence[str],
        gateway_arn: str,
        shard_arns: Mapping[str, str],
    ) -> None:
        super().__init__(scope, id_)
        self.all = []
        self._ctx = ctx
        self._listener_arn = listener_arn
        self._header_values = header_values
        for name, shard in hosts.shards.items():
            # A rule's number is its priority, so it is also its id: hosts may move between the
            # rules of a shard, rules never trade places.
            for number, part in enumerate(_parts(shard.hosts, len(header_values)), start=1):
                priority = shard.slot * SLOT + number
                self._forward(f"shard-{name}-{number}", priority, part, shard_arns[name])
        self._forward("gateway", GATEWAY_PRIORITY, hosts.aliases, gateway_arn)

    def _forward(self, id_: str, priority: int, hosts: Sequence[str], target: str) -> None:
        conditions = [
            LbListenerRuleCondition(
                host_header=LbListenerRuleConditionHostHeader(values=list(hosts))
            )
        ]
        if self._header_values:
            conditions.append(
                LbListenerRuleCondition(
                    http_header=LbListenerRuleConditionHttpHeader(
                        http_header_name=ORIGIN_HEADER, values=list(self._header_values)
                    )
                )
            )
        rule = LbListenerRule(
            self,
            id_,
            listener_arn=self._listener_arn,
            priority=priority,
            condition=conditions,
            action=[LbListenerRuleAction(type="forward", target_group_arn=target)],
            tags={"Name": self._ctx.name(id_)},
        )
        self.all.append(rule)


def shard_rules(hosts: Sequence[str], secrets: int) -> int:
    """Return how many rules a shard's hosts take beside so many secrets."""
    return len(_parts(hosts, secrets))


def _parts(hosts: Sequence[str], others: int) -> list[list[str]]:
    """Return hosts in parts that leave room for a rule's other condition values."""
    left = iter(hosts)
    parts = []
    while part := list(islice(left, CONDITION_VALUES - others)):
        parts.append(part)
    return parts
