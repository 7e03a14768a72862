"""From a load balancer to the pods: what a request meets inside a region's cluster."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ekp.configured.environment import Configured
from ekp.evaluate.calico.endpoints import address
from ekp.evaluate.calls import may_call
from ekp.evaluate.delivery import Call
from ekp.evaluate.hop import Hop, Verdict, of_decision
from ekp.evaluate.request import Decision, Request
from ekp.evaluate.stage import Stage
from ekp.evaluate.world import World

from . import rates
from .balancer import Entered
from .binding import Entrance, entrance
from .question import Question
from .rollouts import replicas
from .serving import seen_by_pods, to_service, workload
from .tokens import SIGNATURE
from .unguarded import marked
from .unserved import explained, of_chart

# After these a proxy counts, before it looks at paths and tokens: rate limits are put before all.
_CONNECTED = (Stage.NETWORK, Stage.MUTUAL_TLS)
# A load balancer that cannot connect answers so. Source: ELB, "Troubleshoot your Application Load
# Balancers", HTTP 504.
_NOT_CONNECTED = 504


def inside(
    configured: Configured, question: Question, entered: Entered, notes: Sequence[str] = ()
) -> Iterator[Hop]:
    """Yield what a request meets from a load balancer to the pods; the last one ends it.

    Args:
        configured: The environment.
        question: What is asked.
        entered: As the front left it.
        notes: What was assumed of the token.

    Raises:
        Unsupported: the answer hangs on something that is not evaluated.
    """
    region = entered.region
    bound, found = entrance(configured, region, entered.target_group)
    yield bound
    if found is None:
        return
    world = configured.world(region)
    request = replace(entered.request, port=found.port)
    call = may_call(world, address(entered.source), request, entrance=found.word)
    way = _Way(configured, question, world, region, found, request, call, tuple(notes))
    for hop in way.hops():
        yield hop
        if hop.ends or (hop.verdict is Verdict.MISSING and hop.status is not None):
            return


@dataclass(frozen=True)
class _Way:
    """One request's way through one cluster."""

    configured: Configured
    question: Question
    world: World
    region: str
    entered: Entrance
    request: Request
    call: Call
    notes: tuple[str, ...]

    def hops(self) -> Iterator[Hop]:
        """Yield all hops; what follows a refusal is for the caller to leave out."""
        first, then = self._parts()
        yield from self._at_entrance(first)
        if chart := of_chart(self.configured, self.region, self.call):
            yield self._end_at_chart(*chart)
            return
        if not all(each.allowed for each in first):
            return
        yield from to_service(
            self.world,
            self.region,
            self.call,
            environment=self.configured.environment,
            namespace=self.entered.workload.namespace,
        )
        target = self.call.target
        name = f"pods of {target.namespace}/{target.name}" if target else "the service"
        for each in then:
            yield self._decided(each, name)
        if target is not None and self.call.allowed:
            yield from rates.at_pods(
                self.world,
                self.region,
                target,
                seen_by_pods(self.world, self.call, self.request),
                pods=replicas(self.world, target),
                rate=self.question.rate,
            )
            yield workload(self.world, self.region, self.call, self.request.headers)

    def _parts(self) -> tuple[Sequence[Decision], Sequence[Decision]]:
        """Return what was decided before a route was found, and what after."""
        hops = self.call.hops
        ends = [place for place, each in enumerate(hops, start=1) if each.stage is Stage.ROUTE]
        return (hops[: ends[0]], hops[ends[0] :]) if ends else (hops, ())

    def _at_entrance(self, first: Sequence[Decision]) -> Iterator[Hop]:
        """Yield what the gateway or the shard does, with the limits where they are asked."""
        counted = False
        for each in first:
            if self.entered.is_gateway and not counted and each.stage not in _CONNECTED:
                counted = True
                routed = self.call.routed
                yield from rates.at_gateway(
                    self.world,
                    self.region,
                    self.entered,
                    self.request,
                    rate=self.question.rate,
                    lost=routed is not None and not routed.decision.allowed,
                )
            yield self._decided(each, self._called(each))
            if each.stage is Stage.SHARD and each.allowed:
                yield from rates.at_shard(
                    self.world,
                    self.region,
                    self.entered,
                    self.request,
                    rate=self.question.rate,
                    body_bytes=self.question.body_bytes,
                )

    def _is_first(self, decision: Decision) -> bool:
        """Tell whether no proxy before looked at the token."""
        return decision is next(one for one in self.call.hops if one.stage is decision.stage)

    def _called(self, decision: Decision) -> str:
        if decision.stage is Stage.NETWORK:
            return f"pods of {self.entered.name}"
        if decision.stage is Stage.ROUTE:
            return f"host {self.call.routed.request.host if self.call.routed else ''}"
        sidecar = decision.stage is Stage.SCOPE
        return f"sidecar of {self.entered.name}" if sidecar else self.entered.name

    def _decided(self, decision: Decision, name: str) -> Hop:
        hop = of_decision(decision, self.region, name)
        if hop.stage is Stage.NETWORK and hop.ends and hop.status is None:
            hop = replace(hop, status=_NOT_CONNECTED)
        if hop.stage is Stage.TOKEN and self._is_first(decision) and self.question.token:
            good = [SIGNATURE] if "the token is valid" in hop.why else []
            hop = replace(hop, why="; ".join([hop.why, *self.notes, *good]))
        chart = of_chart(self.configured, self.region, self.call)
        if hop.stage is Stage.ROUTE and chart is not None:
            return replace(hop, verdict=Verdict.PASSES, status=None, why=f"leads to {chart[0]}")
        hop = marked(hop, environment=self.configured.environment, token=self.question.token)
        return explained(
            hop,
            configured=self.configured,
            world=self.world,
            request=self.request,
            call=self.call,
        )

    def _end_at_chart(self, host: str, chart: str) -> Hop:
        return Hop(
            stage=Stage.WORKLOAD,
            region=self.region,
            name=f"Service {host.removesuffix('.svc.cluster.local')}",
            verdict=Verdict.PASSES,
            by=f"chart {chart}",
            why="the chart brings the Service and its pods; what they do is not looked at here",
        )
