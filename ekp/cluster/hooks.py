"""The moments of a run at which a cluster is probed or drained, each once a cluster."""

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Generic, TypeVar

from ekp.runner.contracts import Upstreams
from ekp.runner.errors import RunnerError, TerraformFailedError
from ekp.runner.results import Doubt
from ekp.runner.run import Run
from ekp.runner.stacks import Stack

from .connect import Api
from .contract import Cluster, cluster_of, has_helm
from .drain import drain
from .errors import ClusterError, NoClusterError, NotDrainedError
from .probe import probe
from .required import require_secrets
from .session import Left, Session

T = TypeVar("T")
Connect = Callable[[Cluster], Api]

SKIP = (
    "With --skip-drain the destroy goes on without. What controllers in the cluster made then stays"
    " in AWS and is billed: load balancers with their security groups and network interfaces (they"
    " keep the VPC from being deleted), EBS volumes of claims, instances of Karpenter."
)


class _Once(Generic[T]):
    """Does something once a key; whoever comes later gets nothing, or the same error."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._ended: dict[str, RunnerError | None] = {}

    def do(self, key: str, work: Callable[[], T]) -> T | None:
        with self._lock:
            own = self._locks.setdefault(key, threading.Lock())
        with own:
            if key in self._ended:
                if error := self._ended[key]:
                    raise error
                return None
            try:
                result = work()
            except RunnerError as error:
                self._ended[key] = error
                raise
            self._ended[key] = None
            return result


class Probe:
    """Asks the API of a stack's cluster for an answer before the stack is planned.

    With ``destroying`` it looks for no Secrets, and tells the way round a cluster that cannot be
    used.
    """

    def __init__(
        self,
        connect: Connect = Api,
        *,
        destroying: bool = False,
        probe: Callable[[Api], None] = probe,
    ) -> None:
        self._connect = connect
        self._destroying = destroying
        self._probe = probe
        self._once: _Once[None] = _Once()

    def __call__(self, run: Run, stack: Stack, upstreams: Upstreams) -> None:
        """Probe, if the stack puts anything into Kubernetes.

        Raises:
            ClusterError: the API cannot be used, or lacks Secrets that a deploy would wait for; it
                says what to open, whom to let in, or what to make.
        """
        if not has_helm(stack):
            return
        run.reporter.step(stack.id, "reaches the Kubernetes API")
        try:
            cluster = cluster_of(stack, upstreams)
            if cluster is not None:
                api = self._connect(cluster)
                self._once.do(cluster.endpoint, partial(self._probe, api))
                if not self._destroying:
                    require_secrets(api, stack)
        except ClusterError as error:
            remedy = f"{error.remedy} {SKIP}" if self._destroying else error.remedy
            raise type(error)(error.message, remedy=remedy) from None


class Drain:
    """Drains the cluster of a stack before the first such stack is destroyed."""

    def __init__(
        self, connect: Connect = Api, *, session: Callable[[Api], Session] = Session
    ) -> None:
        self._connect = connect
        self._session = session
        self._once: _Once[tuple[Doubt, ...]] = _Once()

    def __call__(self, run: Run, stack: Stack, upstreams: Upstreams) -> tuple[Doubt, ...]:
        """Drain; what stays, and may be looked for in AWS or in another cluster.

        Raises:
            NotDrainedError: the cluster is not empty, or cannot be asked; nothing was destroyed.
            InterruptedRunError: a person asked to stop.
        """
        try:
            cluster = cluster_of(stack, upstreams)
            if cluster is None:
                return ()
            work = partial(self._drain, run, stack, upstreams, cluster)
            return self._once.do(cluster.endpoint, work) or ()
        except ClusterError as error:
            message = error.message
            if not isinstance(error, NotDrainedError):
                message = f"The cluster of {stack.id} was not drained. {message}"
            raise NotDrainedError(message, remedy=f"{error.remedy} {SKIP}") from None

    def _drain(
        self, run: Run, stack: Stack, upstreams: Upstreams, cluster: Cluster
    ) -> tuple[Doubt, ...]:
        session = self._session(self._connect(cluster))
        session.tell = lambda step, total: run.reporter.step(stack.id, f"drains: {step}", total)
        session.done = lambda count: run.reporter.progress(stack.id, count)
        session.stopped = run.interrupts.requested
        session.tell("looks at the cluster", 0)
        hubs, unknown = _hubs(run, upstreams, cluster)
        session.left.extend(unknown)
        drain(session, [self._connect(one) for one in hubs])
        return tuple(Doubt(left.what, "", left.why) for left in session.left)


def _hubs(
    run: Run, upstreams: Upstreams, cluster: Cluster
) -> tuple[Sequence[Cluster], Sequence[Left]]:
    """The other clusters whose Argo CD brings services to this one's environment.

    Those whose state cannot be read come as something that is left.
    """
    found: dict[str, Cluster] = {}
    unknown: list[Left] = []
    for stack in run.stacks.values():
        if not has_helm(stack) or cluster.environment not in stack.delivers:
            continue
        try:
            hub = cluster_of(stack, upstreams)
        except NoClusterError:
            continue  # the hub is not deployed
        except TerraformFailedError as error:
            why = f"Argo CD there may still deploy to {cluster.name}: {error.message}"
            unknown.append(Left(f"cluster of {stack.id}", why))
            continue
        if hub is not None and hub.endpoint != cluster.endpoint:
            found[hub.endpoint] = hub
    return [*found.values()], unknown
