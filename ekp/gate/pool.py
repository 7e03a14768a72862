"""Scanning many units: each once for its content, in processes beside each other."""

import hashlib
import json
import multiprocessing
import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import asdict
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Self

from ekp.evaluate import bundles
from ekp.runner import files
from ekp.synth import project_root

from . import scan
from .errors import GateError
from .scan import Hit, Result
from .units import Unit

EXTRA = "enterprise-eks-platform[policy]"
# More than this many results of one project are from branches that nobody looks at any more.
MOST_KEPT = 500


class Pool:
    """Processes that hold checkov, and the results that are known already.

    They are started when the first unit is scanned, and stay for the next until the pool is left.
    """

    def __init__(self, kept: Path, day: date, workers: int | None = None) -> None:
        self._kept = kept
        self._day = day
        self._workers = workers or os.cpu_count() or 1
        self._executor: ProcessPoolExecutor | None = None
        self._starting = Lock()
        self._version = _version(day)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)

    def scan(self, units: Sequence[Unit]) -> Mapping[Unit, Result]:
        """Return the result of each unit.

        Raises:
            GateError: a unit cannot be judged; there is no partial result.
        """
        known = {unit: self._read(unit) for unit in units}
        # The largest first, so that none of them ends alone.
        left = sorted(
            (unit for unit, result in known.items() if result is None),
            key=lambda unit: -len(unit.source),
        )
        found = dict(zip(left, self._results(left), strict=True))
        for unit, result in found.items():
            if result.error:
                raise GateError(
                    f"{unit.name} ({unit.seen}) cannot be judged: {result.error}.",
                    remedy="This is an error, not a pass: nothing was changed. Correct the file "
                    "or the check that is named, and run the command again.",
                )
        for unit, result in found.items():
            files.write_json(self._file(unit), asdict(result))
        self._forget()
        return {unit: result or found[unit] for unit, result in known.items()}

    def _results(self, units: Sequence[Unit]) -> Iterable[Result]:
        if not units:
            return []
        _require()
        executor = self._started()
        try:
            started = [executor.submit(scan.scan, unit.framework, unit.files) for unit in units]
            return [one.result() for one in started]
        except BrokenProcessPool as error:
            with self._starting:  # others may have started anew already
                if self._executor is executor:
                    self._executor = None
            raise GateError(
                "checkov's process died while it scanned: nothing was judged.",
                remedy="Run the command again; with little memory, name fewer environments.",
            ) from error

    def _started(self) -> ProcessPoolExecutor:
        with self._starting:  # a deploy's stacks come here in threads of their own
            if self._executor is None:
                self._executor = ProcessPoolExecutor(
                    self._workers,
                    # A fork would copy the threads' locks of a running deploy.
                    mp_context=multiprocessing.get_context("spawn"),
                    initializer=scan.prepare,
                    # A plan holds secrets: what a killed process leaves is nobody else's to read.
                    initargs=(self._day.isoformat(), str(files.make_folder(self._kept))),
                )
            return self._executor

    def _file(self, unit: Unit) -> Path:
        return self._kept / f"{unit.key(self._version)}.json"

    def _read(self, unit: Unit) -> Result | None:
        file = self._file(unit)
        try:
            if not (_own(file) and _own(self._kept)):
                return None
            kept = json.loads(file.read_text(encoding="utf-8"))
            result = Result(tuple(Hit(**hit) for hit in kept["failed"]), kept["passed"])
        except (OSError, ValueError, KeyError, TypeError):  # not there, or half of it
            return None
        with suppress(OSError):
            file.touch()
        return result

    def _forget(self) -> None:
        ages: list[tuple[float, Path]] = []
        for file in self._kept.glob("*.json"):
            with suppress(OSError):  # another gate forgot it meanwhile
                ages.append((file.stat().st_mtime, file))
        for _, file in sorted(ages, reverse=True)[MOST_KEPT:]:
            file.unlink(missing_ok=True)


def _own(path: Path) -> bool:
    """Tell whether nobody else can have written something: a result is believed."""
    found = path.stat()
    return found.st_uid == os.geteuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _require() -> None:
    try:
        scan.version()
    except ModuleNotFoundError as error:
        raise GateError(
            "checkov is not installed, so the policy gate cannot be judged.",
            remedy=f"Install the extra: pip install '{EXTRA}'",
        ) from error


def _version(day: date) -> str:
    """Return what stands for everything that judges: checkov, our checks, this code and the day.

    Our checks know the shared facts, such as when the support of a Kubernetes version ends; the day
    is in it for that.
    """
    _require()
    root = project_root()
    sources = [
        *(root / "policies").glob("*.py"),
        *(root / "modules" / "core").glob("*.py"),
        *Path(__file__).parent.glob("*.py"),
        Path(bundles.__file__),
    ]
    digest = hashlib.sha256(f"{scan.version()} {day}".encode())
    for source in sorted(sources):
        digest.update(source.name.encode() + source.read_bytes())
    return digest.hexdigest()
