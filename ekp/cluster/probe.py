"""Asking a cluster's API for an answer before Terraform needs one, to say what to open."""

import time
from collections.abc import Callable

from .answers import not_allowed
from .connect import Api
from .errors import UnauthorizedError, UnreachableError
from .kinds import NAMESPACE

# The name of a new endpoint and a new access entry take a while to be known everywhere.
PATIENCE_SECONDS = 60.0
INTERVAL_SECONDS = 5.0


def probe(
    api: Api,
    *,
    patience_seconds: float = PATIENCE_SECONDS,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], object] = time.sleep,
) -> None:
    """Reach the API as the deploying role, and see whether the role may deploy.

    Raises:
        UnreachableError, UntrustedError: nothing of the cluster's own answers.
        UnauthorizedError, ForbiddenError: the role needs an access entry, or a wider one.
        AwsCliMissingError, TokenError: there is no way to sign in.
    """
    deadline = clock() + patience_seconds
    while True:
        try:
            allowed = api.may("create", NAMESPACE)
        except (UnreachableError, UnauthorizedError):
            if clock() >= deadline:
                raise
            sleep(INTERVAL_SECONDS)
            continue
        if not allowed:
            raise not_allowed(api.cluster, "make namespaces")
        return
