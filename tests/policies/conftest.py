"""checkov in a process of its own: it changes logging and the environment of whoever loads it."""

import multiprocessing
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor

import pytest

from ekp.gate import scan
from ekp.gate.scan import Framework, Result

DAY = "2026-11-21"

Scan = Callable[[Framework, Mapping[str, bytes]], Result]


@pytest.fixture(scope="session")
def scanned() -> Iterator[Scan]:
    """Give a function that scans files as the gate does."""
    with ProcessPoolExecutor(
        1,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=scan.prepare,
        initargs=(DAY,),
    ) as pool:
        yield lambda framework, files: pool.submit(scan.scan, framework, files).result()
