"""HCP Terraform as the place of states and runs: its hosts, and what it says of a run there."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from .lock import StateLock
from .progress import Reporter
from .stacks import HCP_HOST, Stack
from .target import KEPT, Target

T = TypeVar("T")
Place = TypeVar("Place", bound=Target)

# What Terraform says of a run that happens elsewhere, in words: -json is for runs that happen here.
TOLD = re.compile(r"https://\S+/runs/run-\w+|Waiting for the manually locked workspace[^.\x1b]*")
# A run in HCP Terraform gets the folder but for this: plans and logs are nobody else's, and locks
# of providers hold the hashes of this machine's platform alone.
IGNORE_FILE = ".terraformignore"
IGNORED = "".join(f"/{name}\n/{name}/\n" for name in sorted(KEPT))
GAVE_UP = "Lock timeout exceeded"


@dataclass(frozen=True)
class Hosted:
    """An API that stands in for HCP Terraform's: where it is, and what lets Terraform in."""

    address: str
    token: str

    def variables(self, hostnames: Iterable[str]) -> dict[str, str | None]:
        """The variables that let Terraform in where these hosts are asked for."""
        tokens = {token_variable(one): self.token for one in hostnames}
        # What HashiCorp's client reads: no token of the caller's gets here either. It puts its
        # paths, which begin with api/v2/, in the place of the last part of an address.
        own = {"TFE_ADDRESS": self.address.removesuffix("/v2/"), "TFE_TOKEN": self.token}
        return {**tokens, **own} if tokens else {}

    def answering(self, target: Place, hostnames: Sequence[str]) -> Place:
        """The same target, in which it answers for these hosts."""
        variables = {**target.variables, **self.variables(hostnames)}
        return replace(target, variables=variables, hosts=dict.fromkeys(hostnames, self.address))


def hostnames(stacks: Iterable[Stack]) -> tuple[str, ...]:
    """The hosts that keep the states of stacks in HCP Terraform, or in Terraform Enterprise."""
    backends = (stack.backend for stack in stacks)
    return tuple(
        sorted({str(how.get("hostname") or HCP_HOST) for kind, how in backends if kind == "cloud"})
    )


def token_variable(hostname: str) -> str:
    """The variable that Terraform reads the token of a host from.

    Source: Terraform's documentation, "CLI Configuration File", environment variable credentials.
    """
    return "TF_TOKEN_" + hostname.replace("-", "__").replace(".", "_")


def listener(reporter: Reporter, stack: Stack) -> Callable[[str], None]:
    """What tells the person where a run of HCP Terraform is seen, and what it waits for."""

    def hear(line: str) -> None:
        if stack.backend[0] == "cloud" and (told := TOLD.search(line)):
            reporter.say(f"{stack.id}: {told[0]}")

    return hear


def queued_too_long(stack: Stack, log: Path) -> StateLock | None:
    """The lock that a run in HCP Terraform's queue has waited for in vain, if that ended it."""
    if stack.backend[0] != "cloud" or GAVE_UP not in log.read_text(errors="replace"):
        return None
    _, _, organization, workspace = stack.state_key
    return StateLock.of_workspace(f"{organization}/{workspace}")


def holder(stack: Stack, environ: Mapping[str, str]) -> str:
    """Who holds the lock of a stack's workspace; empty where HCP Terraform cannot be asked."""
    _, _, organization, workspace = stack.state_key
    by = _ask(
        stack,
        environ,
        lambda client: client.workspaces.read(workspace, organization=organization).locked_by,
    )
    if by is not None and by.run:
        return _page(stack, by.run)
    return f"the user {by.user}" if by is not None and by.user else ""


def discard(stack: Stack, plan: Path, environ: Mapping[str, str]) -> str:
    """Discard the run of HCP Terraform that a saved plan names, so that nobody can confirm it.

    Args:
        stack: whose plan it is.
        plan: what ``plan -out`` wrote. That of a run on this machine names none.
        environ: where a token may be.

    Returns:
        The address of a run that waits for a confirmation and could not be discarded, or nothing.
    """
    if stack.backend[0] != "cloud" or not plan.is_file():
        return ""
    try:
        run = str(json.loads(plan.read_text(encoding="utf-8"))["run_id"])
    except ValueError:
        # The plan itself, which Terraform keeps as an archive.
        return ""

    def drop(client: Any) -> bool:
        found = client.runs.read(run)
        if found.actions is not None and found.actions.is_discardable:
            client.runs.discard(run)
        return True

    return "" if _ask(stack, environ, drop) else _page(stack, run)


def _ask(stack: Stack, environ: Mapping[str, str], question: Callable[[Any], T]) -> T | None:
    """What HashiCorp's client answers; None where HCP Terraform cannot be asked."""
    try:
        from ekp.hcp.connect import connected  # noqa: PLC0415 - its client is an extra
        from ekp.hcp.errors import HcpError  # noqa: PLC0415 - as said above
    except ImportError:
        return None
    _, hostname, organization, _ = stack.state_key
    try:
        with (
            connected(hostname, organization, environ) as connection,
            connection.explaining() as client,
        ):
            return question(client)
    except (HcpError, ValueError):
        # Its client raises the latter for an answer that it does not understand.
        return None


def _page(stack: Stack, run: str) -> str:
    """Where a person sees a run."""
    _, hostname, organization, workspace = stack.state_key
    return f"https://{hostname}/app/{organization}/workspaces/{workspace}/runs/{run}"
