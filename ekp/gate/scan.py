"""One run of checkov over one unit, in a process of its own."""

import contextlib
import logging
import os
import pkgutil
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any


class Framework(StrEnum):
    """The frameworks of checkov that units are scanned with, by checkov's own names."""

    TERRAFORM = "terraform"
    TERRAFORM_JSON = "terraform_json"
    TERRAFORM_PLAN = "terraform_plan"
    KUBERNETES = "kubernetes"


@dataclass(frozen=True, slots=True)
class Hit:
    """A check that failed on a resource of a file, as checkov names them."""

    check: str
    title: str
    file: str
    resource: str


@dataclass(frozen=True, slots=True)
class Result:
    """What failed in one unit, and how many checks passed; ``error`` says why there is neither."""

    failed: tuple[Hit, ...] = ()
    passed: int = 0
    error: str = ""


# checkov asks its makers' service for titles unless told otherwise, and starts processes of its own
# for each file, which costs more than reading the file.
QUIET = {
    "BC_SKIP_MAPPING": "TRUE",
    "CHECKOV_PARALLELIZATION_TYPE": "none",
    "LOG_LEVEL": "CRITICAL",
}


def prepare(day: str) -> None:
    """Load checkov and our checks, once a process; ``day`` is today as YYYY-MM-DD."""
    os.environ.update(QUIET, EKP_TODAY=day)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _runners()
        import policies  # noqa: PLC0415 - each of them needs checkov

        for module in pkgutil.iter_modules(policies.__path__):
            __import__(f"policies.{module.name}")
    logging.disable(logging.CRITICAL)


def scan(framework: Framework, files: Mapping[str, bytes]) -> Result:
    """Scan the files of one unit, given by name.

    A file that checkov cannot read, and a check that breaks, make the result an error.
    """
    with TemporaryDirectory(prefix="ekp-gate-") as folder:
        for name, content in files.items():
            Path(folder, name).write_bytes(content)
        try:
            with warnings.catch_warnings(), _broken_checks() as broken:
                warnings.simplefilter("ignore")
                report = _run(framework, folder, [str(Path(folder, name)) for name in files])
        except Exception as error:  # noqa: BLE001 - whatever it is, it is no pass
            return Result(error=f"checkov failed: {type(error).__name__}: {error}")
    if broken:
        return Result(error=f"checkov's check {broken[0][0]} failed: {broken[0][1]}")
    if report.parsing_errors:
        unread = ", ".join(sorted(Path(one).name for one in report.parsing_errors))
        return Result(error=f"checkov cannot read {unread}")
    return Result(
        tuple(
            Hit(one.check_id, one.check_name, Path(one.file_path).name, one.resource)
            for one in report.failed_checks
        ),
        len(report.passed_checks),
    )


def version() -> str:
    """Return checkov's version, without loading it."""
    from importlib.metadata import version as installed  # noqa: PLC0415 - rarely needed

    return installed("checkov")


def _runners() -> Mapping[Framework, type]:
    from checkov.kubernetes.runner import Runner as Kubernetes  # noqa: PLC0415 - takes seconds
    from checkov.terraform.plan_runner import Runner as Plan  # noqa: PLC0415 - as above
    from checkov.terraform.runner import Runner as Terraform  # noqa: PLC0415 - as above
    from checkov.terraform_json.runner import TerraformJsonRunner  # noqa: PLC0415 - as above

    return {
        Framework.TERRAFORM: Terraform,
        Framework.TERRAFORM_JSON: TerraformJsonRunner,
        Framework.TERRAFORM_PLAN: Plan,
        Framework.KUBERNETES: Kubernetes,
    }


def _run(framework: Framework, folder: str, paths: list[str]) -> Any:
    from checkov.runner_filter import RunnerFilter  # noqa: PLC0415 - as above

    wanted = RunnerFilter(framework=[framework.value], show_progress_bar=False)
    runner = _runners()[framework]()
    if framework is Framework.TERRAFORM_PLAN:
        return runner.run(root_folder=None, files=paths, runner_filter=wanted)
    return runner.run(root_folder=folder, runner_filter=wanted)


@contextlib.contextmanager
def _broken_checks() -> Iterator[list[tuple[str, str]]]:
    """Collect the graph checks that raise: checkov drops them, which would pass for a pass."""
    from checkov.common.graph.checks_infra.registry import BaseRegistry  # noqa: PLC0415 - as above

    broken: list[tuple[str, str]] = []
    original = BaseRegistry.run_check_parallel

    def run(self: Any, check: Any, *arguments: Any) -> None:
        try:
            original(self, check, *arguments)
        except Exception as error:
            broken.append((check.id, f"{type(error).__name__}: {error}"))
            raise

    BaseRegistry.run_check_parallel = run  # type: ignore[assignment,method-assign] # no other hook
    try:
        yield broken
    finally:
        BaseRegistry.run_check_parallel = original  # type: ignore[method-assign] # as it was
