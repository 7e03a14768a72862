"""Where the state and the runs of a stack are, as cdktf.out says it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from ekp.runner.errors import BrokenSynthesisError
from ekp.runner.stacks import SYNTH, Stack


@dataclass(frozen=True)
class Home:
    """What a stack says of HCP Terraform under ``//.ekp.hcp``.

    ``execution`` is ``remote`` or ``agent``, in the API's words; the pool goes with ``agent``.
    ``run_triggers``: whether an apply of what it depends on starts a run here.
    """

    hostname: str
    organization: str
    project: str
    workspace: str
    execution: str
    agent_pool: str
    run_role_arn: str
    terraform_version: str
    run_triggers: bool

    @property
    def place(self) -> tuple[str, str]:
        """The installation and the organisation."""
        return self.hostname, self.organization


def home(stack: Stack) -> Home | None:
    """Where a stack is in HCP; None where its state is somewhere else.

    Raises:
        BrokenSynthesisError: what it says is not whole.
    """
    if stack.hcp is None:
        return None
    try:
        return Home(**{each.name: stack.hcp[each.name] for each in fields(Home)})
    except KeyError as error:
        raise BrokenSynthesisError(
            f"{stack.file} does not say its {error.args[0]} in HCP Terraform.", remedy=SYNTH
        ) from error


def homes(stacks: Mapping[str, Stack]) -> Mapping[str, Home]:
    """The homes of those stacks that have one, by id of the stack."""
    found = {id_: home(stack) for id_, stack in stacks.items()}
    return {id_: each for id_, each in found.items() if each is not None}
