"""Drills that were never run, for tests of what is shown of them."""

from ekp.drill.report import Drill, Table, failed, noted, passed, skipped
from ekp.drill.together import Report

HOSTILE = "<script>document.title='ran'</script> & \x1b[31mred"

HELD = Drill(
    name="region-down",
    environment="prod",
    title="A region goes down",
    broken="Every pod of `eu-west-1` is gone. Users of it ask the other region.",
    checks=(
        passed("Users are led away from it.", "All of 2 hosts, after 90 s.", "prod-edge/records/a"),
        passed(
            "Nothing is shared.",
            "7 stacks of each region, none of both.",
            *(f"prod-eu-west-1-platform/thing-{number}" for number in range(7)),
        ),
    ),
    tables=(
        Table(
            title="Where users go",
            columns=("region", "users", "share", "answered by"),
            rows=(
                ("eu-west-1", "0", "0%", "none"),
                ("us-east-1", "1,200", "100%", "gateway"),
            ),
        ),
    ),
)
BROKEN = Drill(
    name="overload",
    environment="prod",
    title="Too many good requests",
    broken="Twice what the services were sized for.",
    checks=(
        failed(
            "A pod never takes more than it can.",
            "`shop/checkout` takes 40 a second and can do 20.",
            f"Rollout shop/{HOSTILE}",
            remedy="Set `capacity` of the service.",
        ),
        skipped(
            "The alert comes within a minute.",
            "Prometheus is not installed here.",
            remedy="Install Prometheus.",
        ),
        noted(
            "Nobody waits for the alert.",
            "It comes by mail alone.",
            remedy="Name somebody who is called.",
        ),
        passed("Users are told to come back.", "429 with Retry-After | and *stars*."),
    ),
    local=True,
)
REPORT = Report(environment="prod", drills=(HELD, BROKEN))
CLEAN = Report(environment="dev", drills=(HELD,))
