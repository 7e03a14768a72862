"""Contracts of upstream layers: whether they are applied, and samples where they are not.

A plan with samples is made in a throwaway local AWS: what it reads is written there and nowhere
else, so neither a real bucket nor a local AWS that holds applied state ever sees a sample.
"""

import json
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Protocol, Self
from urllib.parse import urlsplit

from . import expected, hcp, state
from .errors import RunnerError
from .hcp import Hosted
from .run import Run
from .samples import sample_outputs, state_with
from .stacks import Stack
from .state import State
from .target import Target, difference

LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class ServesAws(Protocol):
    """A local AWS that runs."""

    @property
    def endpoint(self) -> str:
        """Its URL, on loopback."""

    @property
    def directory(self) -> Path:
        """Its folder, which goes with it."""


class Prepare(Protocol):
    """Makes in a local AWS what a stack expects to be there."""

    def __call__(
        self,
        endpoint: str,
        *,
        deploy_roles: Sequence[str],
        state_buckets: Sequence[tuple[str, str]],
        parent_zones: Sequence[tuple[str, str, str]],
    ) -> object:
        """Make the roles (ARN), the buckets (name, region) and the zones (name, id, role)."""


@dataclass(frozen=True)
class Speculation:
    """How to get a throwaway local AWS; see ``local_speculation`` for the real one."""

    throwaway: Callable[[], AbstractContextManager[ServesAws]]
    variables: Callable[[ServesAws], Mapping[str, str | None]]
    prepare: Prepare
    mirrors: Callable[[], Sequence[Path]] = tuple
    hcp: Callable[[ServesAws], Hosted] | None = None
    """Where it answers as HCP Terraform; None: nowhere."""


class NoSpeculationError(RunnerError):
    """A stack's upstream is not applied and samples cannot stand in for it."""


def local_speculation() -> Speculation:
    """Speculation with the project's own local AWS (needs the extra ``local``)."""
    from ekp.local import environment, prepare, process  # noqa: PLC0415  an extra, loaded on use
    from ekp.local.hcp import hosted  # noqa: PLC0415  as said above
    from ekp.local.helm import install  # noqa: PLC0415  as said above

    def variables(service: ServesAws) -> Mapping[str, str | None]:
        caller = dict(os.environ)
        turned = environment.child_environment(service.endpoint, caller)
        return difference(caller, {**turned, **install.variables(service.directory)})

    def mirrors() -> Sequence[Path]:
        return (install.mirrored(os.environ),)

    def beside(service: ServesAws) -> Hosted:
        return hosted.api(service.endpoint, service.directory)

    return Speculation(process.throwaway, variables, prepare.prepare, mirrors, beside)


class Upstreams:
    """The states that stacks read in one run, each pulled once until it is forgotten."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._lock = threading.Lock()
        self._states: dict[str, State | None] = {}

    def state(self, stack: Stack) -> State | None:
        """The stored state of a stack."""
        with self._lock:
            if stack.id not in self._states:
                self._states[stack.id] = state.pull(self._run, stack)
            return self._states[stack.id]

    def forget(self, stack: Stack) -> None:
        """The stack's state has changed."""
        with self._lock:
            self._states.pop(stack.id, None)

    def read_by(self, stack: Stack) -> list[Stack]:
        """The stacks whose states a stack reads, as far as they were synthesized too."""
        read = set(stack.remote_states.values())
        return [one for one in self._run.stacks.values() if one.state_key in read]

    def missing(self, stack: Stack) -> tuple[str, ...]:
        """Ids of the stacks that this one reads and that are not applied.

        A stack is applied when its state has every field of its contract as an output.
        """
        return tuple(
            upstream.id
            for upstream in self.read_by(stack)
            if (found := self.state(upstream)) is None or not found.has(upstream.contract)
        )


class Throwaway:
    """One throwaway local AWS for the speculative plans of a run, started on first use."""

    def __init__(self, speculation: Speculation, upstreams: Upstreams) -> None:
        self._speculation = speculation
        self._upstreams = upstreams
        self._lock = threading.Lock()
        self._opened = ExitStack()
        self._endpoint = ""
        self._variables: Mapping[str, str | None] = {}
        self._hosted: Hosted | None = None

    def __enter__(self) -> Self:
        """Nothing starts before it is needed."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop it, with all that was written to it."""
        self._opened.close()

    def run_for(self, run: Run, stack: Stack) -> Run:
        """The run against the throwaway, in which all that the stack reads exists.

        Raises:
            NoSpeculationError: what the stack reads is in no place that can be stood in for.
        """
        sources = [*self._upstreams.read_by(stack), stack]
        elsewhere = [one.id for one in sources if not self._redirectable(one)]
        if elsewhere:
            raise NoSpeculationError(
                f"{stack.id} cannot be planned before its upstream: the state of"
                f" {', '.join(elsewhere)} is neither in HCP Terraform nor in an S3 backend without"
                " endpoints of its own.",
                remedy="Deploy the upstream first.",
            )
        with self._lock:
            if not self._endpoint:
                run.reporter.step(stack.id, "starts a throwaway local AWS")
                service = self._opened.enter_context(self._speculation.throwaway())
                self._endpoint = _loopback(service.endpoint)
                self._variables = self._speculation.variables(service)
                self._hosted = self._speculation.hcp and self._speculation.hcp(service)
            elsewhere_run = run.at(self._target(run, sources))
            self._fill(elsewhere_run, sources)
        return elsewhere_run

    def _redirectable(self, stack: Stack) -> bool:
        kind, settings = stack.backend
        if kind == "cloud":
            return self._speculation.hcp is not None
        return kind == "s3" and "endpoint" not in settings and "endpoints" not in settings

    def _target(self, run: Run, sources: Sequence[Stack]) -> Target:
        target = replace(
            run.target,
            name="speculative",
            variables={**run.target.variables, **self._variables},
            mirrors=self._speculation.mirrors(),
            hosts={},
        )
        if self._hosted is None:
            return target
        return self._hosted.answering(target, hcp.hostnames(sources))

    def _fill(self, run: Run, sources: Sequence[Stack]) -> None:
        self._speculation.prepare(self._endpoint, **asdict(expected.by(sources)))
        for upstream in sources[:-1]:
            found = self._upstreams.state(upstream)
            outputs = {
                **sample_outputs(upstream.contract),
                **(found.raw.get("outputs") or {} if found else {}),
            }
            body = state_with(outputs, run.binary.version)
            if upstream.backend[0] == "cloud":
                state.push(run, upstream, body)
            else:
                self._put(upstream, body)

    def _put(self, upstream: Stack, body: Mapping[str, Any]) -> None:
        import boto3  # noqa: PLC0415  comes with the extra `local`, as moto does

        variables = self._variables
        settings = upstream.backend[1]
        boto3.client(
            "s3",
            # Given outright, so that no setting of the caller can send it anywhere else.
            endpoint_url=self._endpoint,
            region_name=str(settings["region"]),
            aws_access_key_id=variables.get("AWS_ACCESS_KEY_ID") or "throwaway",
            aws_secret_access_key=variables.get("AWS_SECRET_ACCESS_KEY") or "throwaway",
            aws_session_token=variables.get("AWS_SESSION_TOKEN"),
        ).put_object(Bucket=settings["bucket"], Key=settings["key"], Body=json.dumps(body).encode())


def _loopback(endpoint: str) -> str:
    if urlsplit(endpoint).hostname not in LOOPBACK:
        raise NoSpeculationError(
            f"The throwaway AWS at {endpoint} is not on this machine.",
            remedy="Samples are written to loopback alone; this is a fault of ekp, report it.",
        )
    return endpoint
