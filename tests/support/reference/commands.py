"""Every command of `ekp`: what it is for, what it takes, an example."""

import re
from collections.abc import Iterator
from typing import Any

import typer.main

from ekp.cli import app

from .tables import table

EXIT_CODES = (
    ("0", "done"),
    ("1", "failed"),
    ("2", "wrong usage, or invalid settings"),
    ("3", "the policy gate is closed"),
    ("4", "drift found"),
)


# Typer's own classes of commands and parameters are private to it.
Command = Any


def commands() -> Iterator[tuple[str, Command]]:
    """Yield every command by its words; a group that does something itself, too."""
    yield from _unfolded("ekp", typer.main.get_command(app))


def _unfolded(words: str, command: Command) -> Iterator[tuple[str, Command]]:
    inner = getattr(command, "commands", {})
    if not inner or command.invoke_without_command:
        yield words, command
    for name, one in inner.items():
        yield from _unfolded(f"{words} {name}", one)


def commands_page(made: str) -> str:
    """Return the page of all commands."""
    parts = [
        "# Commands",
        f"What the `--help` of each says. {made}",
        "## Exit codes",
        table(("code", "means"), EXIT_CODES),
        "A command that gives a code another meaning says so.",
    ]
    for words, command in commands():
        parts += [f"## {words}", *_told(words, command)]
    return "\n\n".join(parts) + "\n"


def _told(words: str, command: Command) -> Iterator[str]:
    context = command.make_context(words, [], resilient_parsing=True)
    text, *examples = (command.help or "").replace("\b", "").split("Example: ")
    usage = " ".join([words, *command.collect_usage_pieces(context)])
    yield f"`{re.sub(r'[{}]', '', usage)}`"
    yield re.sub(r"(?<!\n)\n(?!\n)", " ", text.strip())
    if rows := list(_parameters(context, command)):
        yield table(("takes", "meaning", "default"), rows)
    yield from (f"Example: `{example.strip()}`" for example in examples)


def _parameters(context: Any, command: Command) -> Iterator[tuple[str, str, str]]:
    for one in command.params:
        record = one.get_help_record(context)
        if record is None:
            continue
        name, text = record[0], re.sub(r" +", " ", record[1])
        # What Typer adds in brackets: whether it is needed, its default, its limits.
        meaning, _, extra = text.partition(" [")
        default = re.search(r"default: \(?([^;\])]+)", extra)
        said = f"`{default[1].strip()}`" if default else "needed" if "required" in extra else ""
        yield f"`{re.sub(r' <str>| <path>', '', name)}`", meaning.strip(), said
