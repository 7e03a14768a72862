"""`ekp tenants`: the business units on the platform, one file each."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from ekp.runner import files
from ekp.synth import InvalidSettingsError

from . import tenants_changes
from .console import out, print_json, warn
from .options import Json
from .tenants_shown import USAGE, Name, page, refuse, unknown

tenants = typer.Typer(
    no_args_is_help=True,
    help="The business units on the platform: who they are, what they run, what they get.",
)
tenants.command()(tenants_changes.new)
tenants.command()(tenants_changes.register)
tenants.command()(tenants_changes.delete)


@tenants.command(name="list")
def list_(*, as_json: Json = False) -> None:
    """Show every tenant.

    Example: ekp tenants list
    """
    from ekp.tenants.summary import row, tenants_of  # noqa: PLC0415 - loads the bindings
    from ekp.tenants.trial import load_environments  # noqa: PLC0415 - as above

    environments, _ = load_environments()
    rows = [row(tenant) for tenant in tenants_of(environments).values()]
    if as_json:
        print_json({"tenants": rows})
        return
    if not rows:
        out.print("There are no tenants; `ekp tenants new` makes one.", highlight=False)
        return
    table = Table("tenant", "owner", "cost centre", "environments", "namespaces", "services")
    for column in table.columns:
        column.overflow = "fold"
    for one in rows:
        cells = (", ".join(v) if isinstance(v, list) else v for v in one.values())
        table.add_row(*map(escape, cells))
    out.print(table)


@tenants.command()
def check(
    candidates: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILE]...",
            help="Files of tenants, judged as if they were in environments/tenants and registered.",
            show_default=False,
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Judge all tenants, and all environments with them; exit code 2 with every error at once.

    Example: ekp tenants check ~/billing.yaml
    """
    from ekp.tenants.trial import trial  # noqa: PLC0415 - the settings load the bindings

    with trial() as copy:
        for file in candidates or ():
            if file.suffix != ".yaml":
                refuse(
                    f"{file} is no tenant's file: its name does not end in .yaml.",
                    "Call it as the tenant is called, such as shop.yaml.",
                )
            (copy.folder / file.name).write_bytes(file.read_bytes())
            copy.take_up(file.stem)
        try:
            environments, warnings = copy.load()
        except InvalidSettingsError as error:
            if not as_json:
                raise
            print_json({"errors": [*error.problems], "warnings": []})
            raise typer.Exit(USAGE) from None
    if as_json:
        print_json({"errors": [], "warnings": [*warnings]})
        return
    for warning in warnings:
        warn(warning)
    count = len({tenant.name for one in environments.values() for tenant in one.tenants})
    out.print(f"{count} tenant{'s' * (count != 1)}, no errors.", highlight=False)


@tenants.command()
def show(
    name: Name,
    *,
    environment: Annotated[
        str | None,
        typer.Option("--env", metavar="ENV", help="One environment alone.", show_default=False),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what a tenant gets: namespaces, hosts, quota, groups, services, secrets, grants.

    Example: ekp tenants show shop --env prod
    """
    from ekp.tenants.summary import details, tenants_of  # noqa: PLC0415 - loads the bindings
    from ekp.tenants.trial import load_environments  # noqa: PLC0415 - as above

    environments, _ = load_environments()
    known = tenants_of(environments)
    if name not in known:
        unknown(name, known)
    tenant = known[name]
    if environment is not None and environment not in tenant.environments:
        refuse(f"{name} is not in {environment!r}.", f"It is in {', '.join(tenant.environments)}.")
    chosen = {e: one for e, one in environments.items() if environment in (None, e)}
    found = details(tenant, chosen)
    if as_json:
        print_json(found)
        return
    for line in page(found):
        out.print(line, highlight=False, markup=False, soft_wrap=True)


@tenants.command()
def schema(
    *,
    file: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Where to write it.", show_default="printed"),
    ] = None,
) -> None:
    """Print the JSON Schema of a tenant's file, by which editors complete and underline.

    Example: ekp tenants schema --out environments/tenants/schema.json
    """
    from ekp.tenants.schema import schema_text  # noqa: PLC0415 - loads every setting of a tenant

    if file is None:
        typer.echo(schema_text(), nl=False)
    else:
        files.write(file, schema_text())
        # It is committed, and read by whoever works here.
        file.chmod(0o644)
