"""Tokens for a cluster's API, made by the AWS CLI; a token is never printed."""

import json
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from datetime import datetime

from .contract import Cluster
from .errors import AwsCliMissingError, TokenError

CLI_SECONDS = 60.0
# A token lives 15 minutes; one that is about to end may be too old when it arrives.
MARGIN_SECONDS = 120.0


class Tokens:
    """The current token of a cluster, made anew before it ends. Used from several threads."""

    def __init__(
        self,
        cluster: Cluster,
        *,
        clock: Callable[[], float] = time.time,
        cli_seconds: float = CLI_SECONDS,
    ) -> None:
        self._cluster = cluster
        self._clock = clock
        self._cli_seconds = cli_seconds
        self._lock = threading.Lock()
        self._token = ""
        self._ends = float("-inf")

    def current(self) -> str:
        """A token that lives a while longer.

        Raises:
            AwsCliMissingError: there is no AWS CLI.
            TokenError: it gives no token.
        """
        with self._lock:
            if self._clock() >= self._ends - MARGIN_SECONDS:
                self._token, self._ends = self._make()
            return self._token

    def _make(self) -> tuple[str, float]:
        cluster = self._cluster
        aws = shutil.which("aws")
        if aws is None:
            raise AwsCliMissingError(
                f"The AWS CLI (`aws`) was not found on PATH; it signs in to {cluster.name}.",
                remedy="Install version 2 of the AWS CLI: Terraform's Helm provider needs it too.",
            )
        argv = [aws, "eks", "get-token", "--cluster-name", cluster.name]
        argv += ["--region", cluster.region, "--output", "json"]
        argv += ["--role-arn", cluster.role_arn] if cluster.role_arn else []
        try:
            done = subprocess.run(  # noqa: S603 - the AWS CLI with names of our own states
                argv,
                capture_output=True,
                check=False,
                stdin=subprocess.DEVNULL,
                text=True,
                timeout=self._cli_seconds,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            # Its own text would show the whole command line, and a time-out what was printed.
            raise self._error(f"{type(error).__name__} of {aws}") from None
        if done.returncode != 0:
            raise self._error(done.stderr.strip() or f"exit code {done.returncode}")
        try:
            status = json.loads(done.stdout)["status"]
            ends = datetime.fromisoformat(status["expirationTimestamp"]).timestamp()
            return str(status["token"]), ends
        except (ValueError, KeyError, TypeError):
            raise self._error("its answer is no ExecCredential with a token") from None

    def _error(self, reason: str) -> TokenError:
        return TokenError(
            f"`aws eks get-token` gives no token for {self._cluster.name} as"
            f" {self._cluster.caller}: {reason}",
            remedy="Sign in to AWS as someone who may assume that role, then run the command"
            " again.",
        )
