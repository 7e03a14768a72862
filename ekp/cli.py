"""The command line `ekp`: commands, and what becomes of their errors."""

import sys
from collections.abc import Iterable
from errno import ENOSPC
from importlib import import_module

import typer

from ekp.runner.errors import RunnerError, UnknownEnvironmentError
from ekp.synth import InvalidSettingsError

from .commands.console import complain

FAILED = 1
USAGE = 2
# Commands and groups of commands, in the order in which help shows them, by the modules of
# ekp/commands that have them.
COMMANDS: dict[str, str] = {
    "synth": "machine",
    "plan": "plan",
    "deploy": "runs",
    "destroy": "destroy",
    "outputs": "runs",
    "drift": "drift",
    "bootstrap": "bootstrap",
    "diagram": "diagram",
    "trace": "trace",
    "drill": "drill",
    "policy": "policy",
    "secrets": "secrets",
    "cost": "cost",
    "doctor": "machine",
    "demo": "demo",
}
GROUPS: dict[str, str] = {
    "charts": "charts",
    "hcp": "hcp",
    "rotate": "rotate",
    "services": "services",
    "tenants": "tenants",
    "traffic": "traffic",
    "upgrade": "upgrade",
    "local": "machine",
}


def command_line(names: Iterable[str] = (*COMMANDS, *GROUPS)) -> typer.Typer:
    """Return the command line with some commands; only the modules of these are loaded."""
    made = typer.Typer(
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
    # Without it a command line with one command would take no command's name.
    made.callback()(_nothing)
    for name in names:
        module = import_module(f".commands.{(COMMANDS | GROUPS)[name]}", __package__)
        if name in COMMANDS:
            made.command(name)(getattr(module, name))
        else:
            made.add_typer(getattr(module, name), name=name)
    return made


def _nothing() -> None:
    pass


def __getattr__(name: str) -> typer.Typer:
    """Return ``app``, which has every command: it is made for whoever asks for it."""
    if name != "app":
        raise AttributeError(name)
    return command_line()


def main() -> None:
    """Run the command line; a person's mistake is a message and an exit code, never a traceback."""
    word = sys.argv[1] if len(sys.argv) > 1 else ""
    names = (word,) if word in COMMANDS or word in GROUPS else (*COMMANDS, *GROUPS)
    try:
        command_line(names)()
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
    except OSError as error:
        if error.errno != ENOSPC or error.filename is not None:
            raise
        complain("The output cannot be written: no space is left.", "Write it somewhere else.")
        sys.exit(FAILED)
    except Exception as error:
        # ekp.local needs an extra, so its error is known only once it is loaded.
        process = sys.modules.get("ekp.local.process")
        if process is None or not isinstance(error, process.LocalAwsError):
            raise
        complain(str(error))
        sys.exit(FAILED)
