"""`ekp demo`: the main job on the local AWS, from settings to an empty second plan."""

import shutil
import time

import typer
from rich.panel import Panel

from ekp.runner import progress, stacks
from ekp.runner.contracts import local_speculation
from ekp.runner.deploy import deploy
from ekp.runner.plan import plan
from ekp.runner.results import Counts, RunResult

from .console import complain, err, out
from .policy import gated
from .runs import outputs_table
from .workspace import workspace

ENVIRONMENT = "dev"
# The way in takes minutes of waiting for DNS and CloudFront.
LAYERS = ("network", "cluster", "platform")
NEXT = """\
ekp outputs dev --local         what later layers and people read
ekp charts                      every Helm chart, its version, where it runs
.ekp/rendered/                  the Kubernetes objects of our own, as they would be applied
ekp deploy dev --local          the way in too: DNS, CDN, firewalls, load balancer
ekp policy prod                 what a security review reads; --html writes it as a page
ekp plan prod --local           both regions of production, before anything of it exists
ekp destroy dev --local         everything gone, in reverse order
ekp local stop                  stop the local AWS
environments/dev.py             change a setting, then: ekp plan dev --local
ekp doctor                      what a real account would need"""


def demo() -> None:
    """Apply dev's network, cluster and platform on the local AWS; a second plan must be empty.

    Needs Terraform and its AWS provider (or a way to the registry); no AWS account.

    Example: ekp demo
    """
    began = time.monotonic()
    space = workspace()
    _step(1, "synthesize every environment")
    every = space.synthesize()
    environment = stacks.of_environment(every, ENVIRONMENT)
    chosen = {id_: stack for id_, stack in environment.items() if stack.layer in LAYERS}
    _step(2, "judge the policy gate: checkov's checks and ours, exceptions with a reason")
    with gated(space, every, ENVIRONMENT, as_json=False) as last_look:
        _step(
            3, "start the local AWS: the environment's own account, its deploy role, a state bucket"
        )
        target = space.target(chosen, local=True)
        what = f"{', '.join(LAYERS)} of {ENVIRONMENT}"
        _step(4, f"deploy {what}: real Terraform, real AWS provider, local AWS")
        deployed = deploy(
            every,
            selected=chosen,
            target=target,
            reporter=progress.reporter(err),
            before_apply=last_look,
        )
    out.print(deployed.summary())
    if not deployed.ok:
        raise typer.Exit(1)
    _step(5, "plan again: nothing may be left to change")
    again = plan(
        every,
        selected=chosen,
        target=target,
        reporter=progress.reporter(err),
        speculation=local_speculation(),
    )
    if not again.ok or _left(again):
        out.print(again.summary())
        complain("the second plan is not empty", "This is a defect of the platform: report it.")
        raise typer.Exit(1)
    resources = sum(
        len(named)
        for stack in chosen.values()
        for named in stack.configuration.get("resource", {}).values()
    )
    out.print(outputs_table(deployed))
    out.print(
        f"{len(chosen)} stacks, {resources} resources, second plan empty, "
        f"{time.monotonic() - began:.0f} s."
    )
    if releases := space.releases():
        out.print(releases, highlight=False, soft_wrap=True)
    activate = "" if shutil.which("ekp") else "source .venv/bin/activate       put ekp on PATH\n"
    out.print(Panel(activate + NEXT, title="what to try next", expand=False))


def _left(result: RunResult) -> bool:
    return any(stack.counts != Counts() or stack.speculative for stack in result.stacks)


def _step(number: int, text: str) -> None:
    err.print(f"[bold]{number}/5[/] {text}", highlight=False)
