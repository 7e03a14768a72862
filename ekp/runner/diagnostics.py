"""Terraform's diagnostics as errors a person can act on."""

import re
from collections.abc import Iterable
from pathlib import Path

from .errors import Problem, TerraformFailedError
from .stacks import Stack
from .terraform import Event

# What Terraform says (lower case) -> what to do. The first that matches is taken.
REGISTRY = (
    r"could not connect to registry|failed to query available provider|registry service is"
    r" unreachable|failed to install provider|no available releases match"
)
CREDENTIALS = (
    r"no valid credential sources|expiredtoken|invalidclienttokenid|failed to refresh cached"
    r" credentials|security token included in the request is (invalid|expired)"
)
WRONG_ACCOUNT = r"account id not allowed"
NO_ROLE = r"cannot assume iam role|not authorized to perform: sts:assumerole"
BROKEN_STATE = r"unsupported state file format|state file could not be parsed|bad state"
NO_BUCKET = r"s3 bucket .* does not exist|nosuchbucket"
UNSAVED = r"error saving state|failed to persist state|errored\.tfstate"
DENIED = r"accessdenied|access denied|unauthorizedoperation|not authorized to perform"
# What a remedy may name, besides the state and the environment, are the groups of its pattern.
NODE_GROUP = r"updating EKS Node Group \((?P<cluster>[^:)]+):(?P<group>[^)]+)\)[^\n]*?"
TOO_FEW_NODES = NODE_GROUP + r"minimum capacity (?P<size>\d+) can't be greater than desired size"
TOO_MANY_NODES = NODE_GROUP + r"can't be greater than max size (?P<size>\d+)"
RESIZE = (
    "Terraform leaves the desired size to the autoscaler. Set it first, with `aws eks"
    " update-nodegroup-config --cluster-name {cluster} --nodegroup-name {group} --scaling-config"
    " desiredSize={size}`, then deploy again."
)
# The provider sends an empty role, which EKS takes for one of another account:
# https://github.com/hashicorp/terraform-provider-aws/issues/30645
STUCK_ROLE = (
    r"updating EKS Add-On \((?P<cluster>[^:)]+):(?P<addon>[^)]+)\)[^\n]*?cross-account pass role"
)
REMEDIES = {
    BROKEN_STATE: (
        "The state is broken. Put an earlier version of {state} back (the bucket keeps versions),"
        " or restore a backup; do not edit it by hand."
    ),
    REGISTRY: (
        "Terraform cannot get a provider. Check the network or proxy, or let EKP_PROVIDER_MIRROR"
        " name a folder laid out HOSTNAME/NAMESPACE/TYPE/VERSION/OS_ARCH; `ekp doctor` lists the"
        " mirrors found."
    ),
    CREDENTIALS: (
        "Sign in to AWS (for example `aws sso login`) and try again; `ekp doctor` shows which"
        " credentials are used."
    ),
    WRONG_ACCOUNT: (
        "These credentials are of another account than the environment's. Sign in to account"
        " {account} and try again."
    ),
    NO_ROLE: (
        "The role named above is not there yet, or does not trust these credentials. `ekp bootstrap"
        " {environment}` makes it; `bootstrap.deployers` of the settings says who may take it on."
    ),
    NO_BUCKET: (
        "The state bucket {state} does not exist or cannot be seen with these credentials. Create"
        " it, or correct the setting that names it."
    ),
    STUCK_ROLE: (
        "The provider cannot take an add-on off its IRSA role. Do it once, with `aws eks"
        " update-addon --cluster-name {cluster} --addon-name {addon}"
        " --pod-identity-associations serviceAccount=NAME,roleArn=ARN` (both are in the plan),"
        " then deploy again."
    ),
    TOO_FEW_NODES: RESIZE,
    TOO_MANY_NODES: RESIZE,
    r"unable to find remote state": (
        "A stack that this one reads is not applied yet: deploy it first."
    ),
    UNSAVED: (
        "Terraform kept the state in errored.tfstate in the stack's working copy. Once {state}"
        " can be written again, `ekp deploy {environment} --recover` stores it."
    ),
    DENIED: "The role that deploys lacks the permission named above.",
}
OTHERWISE = "Correct what Terraform reports and run the command again; finished work is kept."
ANSI = re.compile(r"\x1b\[[0-9;]*m")


def problems(stack: Stack, diagnostics: Iterable[Event]) -> tuple[Problem, ...]:
    """The errors among the diagnostics, each with the construct it is about."""
    return tuple(
        Problem(
            summary=diagnostic.get("summary", ""),
            detail=diagnostic.get("detail", ""),
            address=diagnostic.get("address", ""),
            construct_path=stack.construct_path(diagnostic.get("address", "")),
        )
        for diagnostic in diagnostics
        if diagnostic.get("severity") == "error"
    )


def failure(
    stack: Stack, step: str, found: tuple[Problem, ...], log: Path | None
) -> TerraformFailedError:
    """The error for a step of Terraform that failed."""
    if not found and log is not None:
        found = (Problem(summary=_tail(log)),)
    text = "\n".join(problem.text for problem in found)
    state = "/".join(str(part).strip('"') for part in stack.state_key[1:])
    remedy, names = next(
        (
            (remedy, match.groupdict())
            for pattern, remedy in REMEDIES.items()
            if (match := re.search(pattern, text, re.IGNORECASE | re.DOTALL))
        ),
        (OTHERWISE, {}),
    )
    return TerraformFailedError(
        f"`terraform {step}` failed for {stack.id}.",
        remedy=remedy.format(
            state=state, environment=stack.environment, account=stack.account, **names
        ),
        problems=found,
        log=log,
    )


def plain(stack: Stack, step: str, text: str) -> TerraformFailedError:
    """The error for a short command, which reports in prose."""
    words = ANSI.sub("", text)
    words = " ".join(re.sub(r"[╷│╵]", " ", words).split())
    return failure(stack, step, (Problem(summary=words.removeprefix("Error: ")),), None)


def _tail(log: Path) -> str:
    try:
        lines = log.read_text(errors="replace").splitlines()
    except OSError:
        return "Terraform said nothing."
    # What a run in HCP Terraform says is no event, and stands among some.
    words = [line for line in lines if not line.startswith("{")] or lines
    return "\n".join(ANSI.sub("", line) for line in words[-20:]) or "Terraform said nothing."
