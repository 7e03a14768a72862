"""The command line `ekp`: commands, and what becomes of their errors."""

import sys

import typer

from ekp.runner.errors import RunnerError, UnknownEnvironmentError
from ekp.synth import InvalidSettingsError

from .commands import (
    bootstrap,
    charts,
    cost,
    demo,
    destroy,
    diagram,
    drift,
    drill,
    hcp,
    machine,
    plan,
    policy,
    rotate,
    runs,
    secrets,
    services,
    tenants,
    trace,
    traffic,
    upgrade,
)
from .commands.console import complain

FAILED = 1
USAGE = 2

app = typer.Typer(
    name="ekp",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Enterprise EKS Platform: Terraform for Kubernetes on AWS, from typed Python.\n\n"
    "Start with `ekp demo`: it needs no account. "
    "Exit codes: 0 done, 1 failed, 2 usage or invalid settings, 3 policy gate closed, "
    "4 drift found.",
)
app.command()(machine.synth)
app.command()(plan.plan)
app.command()(runs.deploy)
app.command()(destroy.destroy)
app.command()(runs.outputs)
app.command()(drift.drift)
app.command()(bootstrap.bootstrap)
app.command()(diagram.diagram)
app.command()(trace.trace)
app.command()(drill.drill)
app.command()(policy.policy)
app.command()(secrets.secrets)
app.command()(cost.cost)
app.command()(machine.doctor)
app.command()(demo.demo)
app.add_typer(charts.charts, name="charts")
app.add_typer(hcp.hcp, name="hcp")
app.add_typer(rotate.rotate, name="rotate")
app.add_typer(services.services, name="services")
app.add_typer(tenants.tenants, name="tenants")
app.add_typer(traffic.traffic, name="traffic")
app.add_typer(upgrade.upgrade, name="upgrade")
app.add_typer(machine.local, name="local")


def main() -> None:
    """Run the command line; a person's mistake is a message and an exit code, never a traceback."""
    try:
        app()
    except InvalidSettingsError as error:
        for problem in error.problems:
            complain(problem)
        count = len(error.problems)
        complain(f"{count} error{'s' * (count > 1)} in the settings; nothing was written.")
        sys.exit(USAGE)
    except UnknownEnvironmentError as error:
        complain(error.message, error.remedy)
        sys.exit(USAGE)
    except RunnerError as error:
        complain(error.message, error.remedy)
        sys.exit(FAILED)
    except Exception as error:
        # ekp.local needs an extra, so its error is known only once it is loaded.
        process = sys.modules.get("ekp.local.process")
        if process is None or not isinstance(error, process.LocalAwsError):
            raise
        complain(str(error))
        sys.exit(FAILED)
