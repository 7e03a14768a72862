"""A cluster's API on loopback, and the clock of a drain."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ekp.cluster.connect import Api, Timeouts
from ekp.cluster.contract import Cluster
from ekp.cluster.session import Limits, Session

from .double import TOKEN, Double, serving

ROLE = "arn:aws:iam::111122223333:role/ekp-deploy"
QUICK = Timeouts(connect_seconds=0.3, read_seconds=0.3, retries=1, backoff_seconds=0.0)


@dataclass
class Clock:
    """Time that passes when somebody sleeps."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)


@pytest.fixture
def double(tmp_path: Path) -> Iterator[Double]:
    with serving(tmp_path) as running:
        yield running


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Double]:
    (tmp_path / "hub").mkdir()
    with serving(tmp_path / "hub") as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cluster(double: Double) -> Cluster:
    return cluster_at(double)


@pytest.fixture
def api(cluster: Cluster) -> Api:
    return connect(cluster)


@pytest.fixture
def session(api: Api, clock: Clock) -> Session:
    return drain_of(api, clock)


def cluster_at(double: Double, name: str = "ekp-dev-euw1-eks") -> Cluster:
    return Cluster(name, "eu-west-1", double.url, double.authority, ROLE, ("s3", name), "dev")


def connect(cluster: Cluster) -> Api:
    return Api(cluster, token=lambda: TOKEN, timeouts=QUICK)


def drain_of(api: Api, clock: Clock) -> Session:
    return Session(api, Limits(), clock=clock, sleep=clock.sleep)
