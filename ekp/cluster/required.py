"""Looking for the Secrets without which a stack's releases would wait until they time out."""

from ekp.runner.stacks import Stack

from .bootstrap import BootstrapSecret, commands, secrets_of
from .connect import Api
from .errors import SecretsMissingError
from .kinds import SECRET


def require_secrets(api: Api, stack: Stack) -> None:
    """See that every Secret that a release of the stack cannot come up without is in the cluster.

    Raises:
        SecretsMissingError: some are not, or lack keys; it names them all.
        ClusterError: the API cannot be used.
    """
    wanted = [secret for secret in secrets_of(stack) if secret.blocks]
    found = [(secret, _keys(api, secret)) for secret in wanted]
    missing = [(secret, there) for secret, there in found if not {*secret.keys} <= (there or set())]
    if not missing:
        return
    cluster = api.cluster
    lacks = (
        f"\n  {secret.place}: {_lack(secret, there)} ({secret.purpose})"
        for secret, there in missing
    )
    make = (f"\n{line}" for secret, there in missing for line in commands(secret, there=there))
    raise SecretsMissingError(
        f"Releases of {stack.id} would wait until they time out for Secrets that are not in"
        f" {cluster.name}:{''.join(lacks)}",
        remedy=f"Make them there (aws eks update-kubeconfig --name {cluster.name} --region"
        f" {cluster.region}), each FILE with one value and no line break at its end, and deploy"
        f" again:{''.join(make)}",
    )


def _keys(api: Api, secret: BootstrapSecret) -> set[str] | None:
    body = api.find(SECRET, secret.namespace, secret.name)
    return None if body is None else {*(body.get("data") or {})}


def _lack(secret: BootstrapSecret, there: set[str] | None) -> str:
    keys = ", ".join(key for key in secret.keys if key not in (there or ()))
    return f"there is no such Secret; its keys: {keys}" if there is None else f"has no key {keys}"
