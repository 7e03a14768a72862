"""Arguments and options that several commands share, each described once."""

from pathlib import Path
from typing import Annotated

import typer

EnvironmentName = Annotated[
    str, typer.Argument(metavar="ENV", help="The environment, such as dev.", show_default=False)
]
Local = Annotated[
    bool, typer.Option("--local", help="Use the local AWS on this machine; no account is needed.")
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, and nothing else.")]
Parallelism = Annotated[
    int | None,
    typer.Option(
        min=1,
        show_default="4",
        help="How many stacks may run at once; each takes about 750 MB.",
    ),
]
LockTimeout = Annotated[
    str,
    typer.Option(
        help="How long to wait for a state that another run holds, such as 30s or 5m.",
        metavar="DURATION",
    ),
]
Recover = Annotated[
    bool,
    typer.Option(
        "--recover",
        help="Release the lock of a killed run of this machine, and take over what it made.",
    ),
]
SkipDrain = Annotated[
    bool,
    typer.Option(
        "--skip-drain",
        help="Do not empty the clusters first; what their controllers made in AWS may stay there "
        "and keep the network from being deleted. For clusters that cannot be reached any more.",
    ),
]
Services = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        exists=True,
        file_okay=False,
        help="The services' objects as Git holds them, in place of the rendered ones.",
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask before a real account is changed.")]
