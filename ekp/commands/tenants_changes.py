"""`ekp tenants new`, `register`, `delete`: what changes tenants' files and the register."""

from typing import Annotated

import typer

from .console import complain, err, out
from .tenants_shown import USAGE, Name, deletion, refuse, unknown


def new(
    name: Name,
    *,
    owner: Annotated[
        str, typer.Option(help="Who answers for it, such as a mail address.", show_default=False)
    ],
    cost_center: Annotated[str, typer.Option(help="Who pays for it.", show_default=False)],
    admin_group: Annotated[
        list[str],
        typer.Option(
            metavar="ID",
            help="Object id of a group in Entra ID whose people administer it; may stand twice.",
            show_default=False,
        ),
    ],
    environment: Annotated[
        list[str] | None,
        typer.Option(metavar="ENV", help="Where it is; may stand twice.", show_default="dev"),
    ] = None,
) -> None:
    """Write the file of a new tenant, and enter it into the register.

    The name is for ever: namespaces, roles and paths of secrets are called by it. Nothing is
    written unless all settings would be valid with it.

    Example: ekp tenants new billing --owner billing@example.org --cost-center cc-3001
    --admin-group 8a3c1e52-6f0b-4d3e-9a57-0c1f2b7d4e61 --environment dev
    """
    from ekp.tenants.new import new_text, not_a_name  # noqa: PLC0415 - as below
    from ekp.tenants.trial import trial  # noqa: PLC0415 - the settings load the bindings

    if wrong := not_a_name(name):
        refuse(wrong, "Use small letters, digits and dashes, at most 20, a letter first.")
    text = new_text(
        name,
        owner=owner,
        cost_center=cost_center,
        admins=admin_group,
        environments=environment or ["dev"],
    )
    with trial() as copy:
        given = copy.given()
        if name in given or copy.file(name).exists():
            refuse(
                f"There is a tenant {name!r} already; nothing was written.",
                f"Change environments/tenants/{name}.yaml, or choose another name.",
            )
        copy.file(name).write_text(text, encoding="utf-8")
        copy.take_up(name)
        copy.load()
        copy.keep(name)
    out.print(
        f"Written: environments/tenants/{name}.yaml, and {name} is in environments/register.yaml. "
        f"Add its services there, and see what it gets: ekp tenants show {name}",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )


def register(
    name: Name,
    *,
    without: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAMESPACE",
            help="A namespace that the tenant gives up; may stand twice.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Enter a tenant whose file was written by hand, or its new namespaces, into the register.

    With --without, namespaces that are no longer in its file leave the register. Clusters keep
    them, and all that is in them, until somebody deletes them there.

    Example: ekp tenants register shop --without shop-jobs
    """
    from ekp.tenants.trial import trial  # noqa: PLC0415 - the settings load the bindings

    gone = tuple(without or ())
    with trial() as copy:
        if not copy.file(name).is_file():
            unknown(name, [file.stem for file in copy.folder.glob("*.yaml")])
        copy.take_up(name, without=gone)
        copy.load()
        copy.keep(name)
        spaces = ", ".join(copy.given()[name])
    out.print(f"{name} has {spaces} in environments/register.yaml.", highlight=False, markup=False)
    for space in gone:
        err.print(
            f"The clusters keep {space}; once nothing in it is needed: kubectl delete namespace "
            f"{space}",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )


def delete(
    name: Name,
    *,
    yes: Annotated[
        str,
        typer.Option(
            "--yes", metavar="NAME", help="The name once more, for scripts.", show_default=False
        ),
    ] = "",
) -> None:
    """Show what goes with a tenant, and take its file and its place in the register away.

    The next deploy of each environment removes what guards it. Its namespaces stay in the clusters
    until somebody deletes them.

    Example: ekp tenants delete billing
    """
    from ekp.tenants.summary import details  # noqa: PLC0415 - the settings load the bindings
    from ekp.tenants.trial import trial  # noqa: PLC0415 - as above

    with trial() as copy:
        given, file = copy.given(), copy.file(name)
        if name not in given and not file.is_file():
            unknown(name, given)
        tenant = copy.known(name)
        file.unlink(missing_ok=True)
        copy.give({other: spaces for other, spaces in given.items() if other != name})
        environments, _ = copy.load()
        found = details(tenant, environments) if tenant else None
        lines = deletion(name, given.get(name, ()), found)
        for line in lines:
            err.print(line, highlight=False, markup=False, soft_wrap=True)
        typed = yes or typer.prompt("Type the tenant's name to delete it", err=True)
        if typed != name:
            complain(f"{typed!r} is not {name!r}; nothing was changed.")
            raise typer.Exit(USAGE)
        copy.keep(name)
    out.print(f"{name} is deleted; commit, and deploy each of its environments.", highlight=False)
