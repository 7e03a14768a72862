"""Secrets that a stack's releases read and people make: which, and by which commands."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ekp.runner.stacks import Stack

# A line of a terminal that is 80 wide would be broken in the middle of a command.
BREAK = " \\\n    "


@dataclass(frozen=True, slots=True)
class BootstrapSecret:
    """A Secret that neither Terraform nor a chart makes; ``blocks``: no release without it."""

    namespace: str
    name: str
    keys: tuple[str, ...]
    purpose: str
    labels: Mapping[str, str]
    blocks: bool

    @property
    def place(self) -> str:
        """Where it belongs."""
        return f"{self.namespace}/{self.name}"


def secrets_of(stack: Stack) -> tuple[BootstrapSecret, ...]:
    """The Secrets that the stack's releases read."""
    found = stack.configuration.get("//", {}).get("ekp", {}).get("bootstrap_secrets", ())
    return tuple(BootstrapSecret(**{**one, "keys": tuple(one["keys"])}) for one in found)


def commands(secret: BootstrapSecret, *, there: Collection[str] | None = None) -> list[str]:
    """The commands that make a Secret of files: a value on a command line stays in its history.

    ``there`` are the keys of the Secret as it is, which are kept; None: there is no such Secret.
    """
    files = [f"--from-file={key}=FILE" for key in secret.keys if key not in (there or ())]
    create = [f"kubectl -n {secret.namespace} create secret generic {secret.name}", *files]
    if there is not None:
        # Client-side apply would copy the value into an annotation.
        create += ["--dry-run=client -o yaml", "| kubectl apply --server-side -f -"]
    label = [f"kubectl -n {secret.namespace} label secret {secret.name}"]
    label += [f"{name}={value}" for name, value in secret.labels.items()]
    return [BREAK.join(parts) for parts in ([create, label] if secret.labels else [create])]
