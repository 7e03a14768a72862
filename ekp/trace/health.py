"""Whether Route 53 takes a record as healthy, while some regions' alarms fire.

Sources: Route 53 developer guide, "How Amazon Route 53 chooses records when health checking is
configured", "What happens when you associate a health check with an alias record" (both the check
and the target must be healthy) and "How Route 53 determines the status of health checks that
monitor CloudWatch alarms" (it follows the alarm's figures, not its state); Route 53 API reference,
``HealthCheckConfig`` and ``AliasTarget``.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from ekp.configured.environment import Configured
from ekp.configured.reading import Resource
from ekp.evaluate.blocks import block
from ekp.evaluate.hop import Hop, Verdict
from ekp.evaluate.request import Unsupported
from ekp.evaluate.stage import Stage
from ekp.traffic.records import Leads, Record, Routing, aliases

Alias = tuple[Resource, Record]


@dataclass(frozen=True)
class Zone:
    """The alias records of an environment, while the alarms of some regions fire."""

    configured: Configured
    records: tuple[Alias, ...]
    out: frozenset[str]

    @classmethod
    def of(cls, configured: Configured, out: frozenset[str]) -> "Zone":
        """Return an environment's records."""
        return cls(configured, tuple(aliases(configured.stacks)), out)

    def group(self, name: str, kind: str) -> list[Alias]:
        """Return the records of a name and type, which answer for each other."""
        return [one for one in self.records if (one[1].name, one[1].kind) == (name, kind)]

    def target(self, found: Resource) -> Resource | str | None:
        """Return what an alias leads to: a resource, a name of the zone, or nothing."""
        name = str((block(found.body, "alias") or {}).get("name", ""))
        if name.startswith("${"):
            return self.configured.reader.referred(found.stack, name)
        return name or None

    def sick(self, alias: Alias) -> str:
        """Return why a record is unhealthy, or an empty string.

        Raises:
            Unsupported: the kind of health check is not evaluated.
        """
        found, record = alias
        why = self._by_check(found)
        if not why and (block(found.body, "alias") or {}).get("evaluate_target_health"):
            why = self._by_target(found, record)
        return why

    def unwatched(self, group: Iterable[Alias], stage: Stage) -> list[Hop]:
        """Return hops of records that stay in the answers whatever happens to their region."""
        return [
            Hop(
                stage=stage,
                region=record.region,
                name=f"health check of {record.name} in {record.region}",
                verdict=Verdict.MISSING,
                by=f"{found.path} health_check_id",
                why=why,
                remedy=f"regions[{record.region}].ingress.health has the figures of the check that "
                "ingress makes of the gateway's alarm: synthesize the stack anew",
            )
            for found, record in group
            if record.routing is not Routing.SIMPLE and (why := self._unwatched(found))
        ]

    def _unwatched(self, found: Resource) -> str:
        if (block(found.body, "alias") or {}).get("evaluate_target_health"):
            return ""
        check = self._check(found)
        if check is None:
            return "a record without a health check is always healthy, so it is always answered"
        reader = self.configured.reader
        if reader.referred(check.stack, check.body.get("cloudwatch_alarm_name")) is None:
            return "there is no alarm behind its health check, so nothing takes it out"
        return ""

    def _check(self, found: Resource) -> Resource | None:
        return self.configured.reader.referred(found.stack, found.body.get("health_check_id"))

    def _by_check(self, found: Resource) -> str:
        check = self._check(found)
        if check is None:
            return ""
        if check.body.get("disabled"):
            # It counts as healthy; inverted, as the opposite.
            return "its health check is inverted" if check.body.get("invert_healthcheck") else ""
        if check.body.get("type") != "CLOUDWATCH_METRIC":
            raise Unsupported(check.path, "type", f"{check.body.get('type')} is not judged")
        region = str(check.body.get("cloudwatch_alarm_region"))
        fires = region in self.out
        if fires is bool(check.body.get("invert_healthcheck")):
            return ""
        alarm = self.configured.reader.referred(
            check.stack, check.body.get("cloudwatch_alarm_name")
        )
        name = alarm.body.get("alarm_name") if alarm else "of its health check"
        return f"alarm {name} in {region} {'fires' if fires else 'does not fire'}"

    def _by_target(self, found: Resource, record: Record) -> str:
        target = self.target(found)
        if isinstance(target, str):
            group = self.group(target, record.kind)
            sick = [why for one in group if (why := self.sick(one))]
            return f"no record of {target} is healthy" if group and len(sick) == len(group) else ""
        if record.leads is Leads.BALANCER and target and target.stack.region in self.out:
            return f"its load balancer in {target.stack.region} has no healthy target"
        return ""
