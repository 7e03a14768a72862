"""`ekp secrets`: which Secrets people make in the clusters of an environment."""

from rich.markup import escape
from rich.table import Table

from ekp.cluster.bootstrap import BootstrapSecret, commands, secrets_of
from ekp.runner import stacks

from .console import out, print_json
from .options import EnvironmentName, Json
from .workspace import workspace

WITHOUT = {True: "its stack does not deploy", False: "the rest works"}
HOW = (
    "Each FILE holds one value and no line break at its end. Make what a stack does not deploy"
    " without before its deploy, all else after it, in the cluster of the stack's region:"
)


def secrets(environment: EnvironmentName, *, as_json: Json = False) -> None:
    """Show the Secrets that neither Terraform nor a chart makes, and the commands that do.

    No cluster is asked: a deploy looks for those that it cannot do without.

    Example: ekp secrets management
    """
    chosen = stacks.of_environment(workspace().synthesize(), environment)
    found = [(id_, secret) for id_, stack in chosen.items() for secret in secrets_of(stack)]
    if as_json:
        print_json({"secrets": [_plain(id_, secret) for id_, secret in found]})
        return
    if not found:
        out.print(f"{environment} needs no Secrets that people make.", highlight=False)
        return
    table = Table("stack", "Secret", "keys", "what for", "without it", title="bootstrap Secrets")
    for column in table.columns:
        column.overflow = "fold"
    for id_, secret in found:
        labels = (f"label {name}={value}" for name, value in secret.labels.items())
        table.add_row(
            escape(id_),
            escape("\n".join((secret.place, *labels))),
            escape("\n".join(secret.keys)),
            escape(secret.purpose),
            WITHOUT[secret.blocks],
        )
    out.print(table)
    lines = [HOW]
    for id_ in dict.fromkeys(id_ for id_, _ in found):
        lines += ["", f"# {id_}"]
        lines += [line for of, secret in found if of == id_ for line in commands(secret)]
    out.print(*lines, sep="\n", highlight=False, markup=False, soft_wrap=True)


def _plain(id_: str, secret: BootstrapSecret) -> dict[str, object]:
    return {
        "stack": id_,
        "namespace": secret.namespace,
        "name": secret.name,
        "keys": [*secret.keys],
        "purpose": secret.purpose,
        "labels": dict(secret.labels),
        "blocks": secret.blocks,
        "commands": commands(secret),
    }
