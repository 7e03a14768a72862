"""One run of checkov over one unit, in a process of its own."""

import contextlib
import logging
import os
import pkgutil
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from . import census


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
    # The temporary folder may lie below a hidden one.
    "CKV_IGNORE_HIDDEN_DIRECTORIES": "FALSE",
}
# checkov reads some hundred variables, and many of them change what it finds.
KEPT = ("HOME", "LANG", "LC_", "PATH", "PYTHON", "TMPDIR")

_unprepared = "the process was not prepared"
"""Why this process cannot scan; empty: it can."""


def prepare(day: str, folder: str | None = None) -> None:
    """Load checkov and our checks, once a process; ``day`` is today as YYYY-MM-DD.

    Files to scan lie in ``folder`` meanwhile, readable by their owner alone.

    What goes wrong is kept for ``scan``: a process that raised here would only be gone.
    """
    global _unprepared  # noqa: PLW0603 - a process is prepared once
    for name in [one for one in os.environ if not one.startswith(KEPT)]:
        del os.environ[name]
    os.environ.update(QUIET, EKP_TODAY=day)
    os.umask(0o077)
    tempfile.tempdir = folder
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _runners()
            _take_every_name()
            _policies()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it is, it is no pass
        _unprepared = f"checkov or a check of ours cannot be loaded: {_said(error)}"
    else:
        _unprepared = ""
    logging.disable(logging.CRITICAL)


def scan(framework: Framework, files: Mapping[str, bytes]) -> Result:
    """Scan the files of one unit, given by name.

    A file that checkov cannot read or drops a part of, and a check that breaks, make the result an
    error. What an object's annotation asks to skip counts as failed: it cannot excuse itself.
    """
    if _unprepared:
        return Result(error=_unprepared)
    try:
        wanted = census.wanted(framework, files)
    except ValueError as error:
        return Result(error=str(error))
    with tempfile.TemporaryDirectory(prefix="ekp-gate-") as folder:
        for name, content in files.items():
            Path(folder, name).write_bytes(content)
        try:
            with warnings.catch_warnings(), _broken_checks() as broken:
                warnings.simplefilter("ignore")
                report, graph = _run(framework, folder, [str(Path(folder, one)) for one in files])
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it is, it is no pass
            return Result(error=f"checkov failed: {_said(error)}")
    if reason := _unsound(broken, report.parsing_errors, wanted - census.seen(framework, graph)):
        return Result(error=reason)
    return Result(
        tuple(
            Hit(one.check_id, one.check_name, Path(one.file_path).name, one.resource)
            for one in (*report.failed_checks, *report.skipped_checks)
        ),
        len(report.passed_checks),
    )


def _unsound(broken: list[tuple[str, str]], unread: list[str], dropped: frozenset[str]) -> str:
    """Return why a report tells less than it seems to; empty: it tells all."""
    if broken:
        return f"checkov's check {broken[0][0]} failed: {broken[0][1]}"
    if unread:
        return f"checkov cannot read {', '.join(sorted(Path(one).name for one in unread))}"
    if dropped:
        return f"checkov dropped {min(dropped)} ({len(dropped)} in all)"
    return ""


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


def _take_every_name() -> None:
    """Let objects with braces in a name through: checkov drops them as templates of Helm.

    Expressions of Terraform and the templates of Argo CD's ApplicationSets have them too.
    """
    from checkov.kubernetes.parser.validatior import K8sValidator  # noqa: PLC0415 - as above

    # There is no other hook.
    setattr(K8sValidator, "_is_name_valid", staticmethod(lambda _: (True, "")))  # noqa: B010 - mypy


def _policies() -> None:
    import policies  # noqa: PLC0415 - each of them needs checkov

    for module in pkgutil.iter_modules(policies.__path__):
        __import__(f"policies.{module.name}")


def _run(framework: Framework, folder: str, paths: list[str]) -> tuple[Any, Any]:
    """Return checkov's report, and the graph of all that it read."""
    from checkov.runner_filter import RunnerFilter  # noqa: PLC0415 - as above

    wanted = RunnerFilter(framework=[framework.value], show_progress_bar=False)
    runner: Any = _runners()[framework]()
    if framework is Framework.TERRAFORM_PLAN:
        report = runner.run(root_folder=None, files=paths, runner_filter=wanted)
    else:
        report = runner.run(root_folder=folder, runner_filter=wanted)
    return report, runner.graph_manager.get_reader_endpoint()


@contextlib.contextmanager
def _broken_checks() -> Iterator[list[tuple[str, str]]]:
    """Collect the graph checks that raise: checkov drops them, which would pass for a pass."""
    from checkov.common.graph.checks_infra.registry import BaseRegistry  # noqa: PLC0415 - as above

    broken: list[tuple[str, str]] = []
    original = BaseRegistry.run_check_parallel

    def run(self: Any, check: Any, *arguments: Any) -> None:
        try:
            original(self, check, *arguments)
        except BaseException as error:
            broken.append((check.id, _said(error)))
            raise

    BaseRegistry.run_check_parallel = run  # type: ignore[assignment,method-assign] # no other hook
    try:
        yield broken
    finally:
        BaseRegistry.run_check_parallel = original  # type: ignore[method-assign] # as it was


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
