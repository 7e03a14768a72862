"""Terraform variables without a default: secrets, which only the environment may carry."""

import hashlib
from collections.abc import Iterable, Mapping

from .errors import RunnerError
from .stacks import Stack

PREFIX = "TF_VAR_"


class MissingVariableError(RunnerError):
    """Variables that the stacks need have no value."""


def require(stacks: Iterable[Stack], environ: Mapping[str, str]) -> None:
    """Check that every variable has a value.

    Raises:
        MissingVariableError: some have none; it names each, and the stacks that need it.
    """
    missing: dict[str, list[str]] = {}
    meaning: dict[str, str] = {}
    for stack in stacks:
        for name, declared in stack.required_variables.items():
            if PREFIX + name not in environ:
                missing.setdefault(name, []).append(stack.id)
                meaning[name] = str(declared.get("description", ""))
    if missing:
        raise MissingVariableError(
            "\n".join(
                f"{PREFIX}{name} is not set (for {', '.join(needed)}). {meaning[name]}"
                for name, needed in missing.items()
            ),
            remedy="Set them from your secret store. A first value is made with"
            f' `export {PREFIX}{next(iter(missing))}="$(openssl rand -hex 32)"`.',
        )


def stand_ins(stacks: Iterable[Stack], environ: Mapping[str, str]) -> dict[str, str]:
    """Values for the local AWS, where nothing is secret: the same in every run.

    A variable that ``environ`` has keeps its value, so that a rotation can be tried.
    """
    names = {PREFIX + name for stack in stacks for name in stack.required_variables}
    return {
        name: hashlib.sha256(name.encode()).hexdigest() for name in sorted(names - set(environ))
    }
