"""The queue of a workspace's runs: one at a time, each with the lock while it works."""

import time
from collections.abc import Callable, Mapping
from threading import Thread
from typing import Any

from .objects import add_object
from .run_settings import ENDED, SETTINGS, actions, counts, options
from .store import Record, Store, now
from .variable_sets import reaches
from .worker import StepFailedError, Worker

POLL_SECONDS = 0.05
PERMISSIONS = ("can-apply", "can-cancel", "can-discard", "can-force-cancel", "can-force-execute")
START, END = b"\x02", b"\x03"  # what a log begins and ends with


class Queue:
    """Runs as they are made, planned, confirmed and applied."""

    def __init__(self, store: Store, worker: Callable[[], Worker]) -> None:
        self._store = store
        self._worker = worker

    def add(self, workspace: Record, configuration: Record, wanted: Mapping[str, Any]) -> Record:
        """Queue a run: it is planned as soon as the workspace is free."""
        settings = {**SETTINGS, **{k: v for k, v in wanted.items() if k in SETTINGS}}
        settings["plan-only"] |= configuration.attributes["speculative"]
        run = self._store.add(
            "runs",
            {
                **settings,
                "created-at": now(),
                "has-changes": False,
                "permissions": dict.fromkeys(PERMISSIONS, True),
                "position-in-queue": 0,
                "source": "tfe-api",
                "status": "pending",
                "actions": actions("pending"),
                "status-timestamps": {},
                "terraform-version": workspace.attributes["terraform-version"],
            },
            workspace=workspace,
            configuration_version=configuration,
            plan=self._step("plans"),
            apply=self._step("applies"),
        )
        workspace.relationships["current-run"] = run
        Thread(target=self._plan, args=(run,), daemon=True).start()
        return run

    def confirm(self, run: Record) -> None:
        """Apply what was planned."""
        self._turn(run, "confirmed")
        Thread(target=self._apply, args=(run,), daemon=True).start()

    def drop(self, run: Record, status: str) -> None:
        """End a run that has changed nothing."""
        self._turn(run, status)
        self._free(run)

    def _step(self, type_: str) -> Record:
        step = self._store.add(type_, {"status": "pending", "has-changes": False})
        step.hidden["log"] = add_object(self._store)
        return step

    def _plan(self, run: Record) -> None:
        if not self._hold(run):
            return
        worker, plan = self._worker(), _related(run, "plan")
        self._turn(run, "planning")
        try:
            archive = _related(run, "configuration-version").hidden["archive"]
            place = worker.unpack(run.id, archive.hidden["body"])
            plan.hidden["place"] = place
            made = worker.plan(place, options(run), self._variables(run), self._log(plan))
            # Not while a client waits for it: Terraform asks this very API about its backend.
            schemas = worker.ask(place, "providers", "schema", "-json")
        except StepFailedError as error:
            self._fail(run, plan, error)
            return
        except Exception as error:
            # Whoever waits for the run must hear of it; the server's log has the rest.
            self._fail(run, plan, error)
            raise
        with self._store.lock:
            plan.hidden.update(json=made.described, schemas=schemas)
            plan.attributes.update(counts(made.described), **{"has-changes": made.changes})
            run.attributes["has-changes"] = made.changes
            self._close(plan, "finished")
            if not made.changes or run.attributes["plan-only"]:
                self.drop(run, "planned_and_finished")
            elif run.attributes["save-plan"]:
                # A saved plan holds nobody up; it is void once another one is applied.
                self.drop(run, "planned_and_saved")
            else:
                self._turn(run, "planned")
                if run.attributes["auto-apply"]:
                    self.confirm(run)

    def _apply(self, run: Record) -> None:
        if not self._hold(run):
            return
        self._turn(run, "applying")
        apply = _related(run, "apply")
        place = _related(run, "plan").hidden["place"]
        try:
            self._worker().apply(place, self._variables(run), self._log(apply))
        except StepFailedError as error:
            self._fail(run, apply, error)
            return
        except Exception as error:
            self._fail(run, apply, error)
            raise
        with self._store.lock:
            self._close(apply, "finished")
            self.drop(run, "applied")

    def _hold(self, run: Record) -> bool:
        """Wait for the workspace's lock; whether the run is still wanted then."""
        workspace = _related(run, "workspace")
        while True:
            with self._store.lock:
                if run.attributes["status"] in ENDED:
                    return False
                if not workspace.attributes["locked"] or workspace.one("locked-by") is run:
                    workspace.attributes["locked"] = True
                    workspace.relationships["locked-by"] = run
                    return True
            time.sleep(POLL_SECONDS)

    def _free(self, run: Record) -> None:
        workspace = _related(run, "workspace")
        with self._store.lock:
            if workspace.one("locked-by") is run:
                workspace.attributes["locked"] = False
                workspace.relationships["locked-by"] = None

    def _turn(self, run: Record, status: str) -> None:
        with self._store.lock:
            run.attributes.update({"status": status, "actions": actions(status)})
            run.attributes["status-timestamps"][f"{status.replace('_', '-')}-at"] = now()

    def _log(self, step: Record) -> Callable[[bytes], None]:
        log = step.hidden["log"]
        with self._store.lock:
            step.attributes["status"] = "running"
            log.hidden["body"] = START

        def say(line: bytes) -> None:
            with self._store.lock:
                log.hidden["body"] += line

        return say

    def _close(self, step: Record, status: str) -> None:
        step.hidden["log"].hidden["body"] += END
        step.attributes["status"] = status

    def _fail(self, run: Record, step: Record, error: Exception) -> None:
        with self._store.lock:
            step.hidden["log"].hidden["body"] = (step.hidden["log"].hidden["body"] or START) + str(
                error
            ).encode()
            self._close(step, "errored")
            self.drop(run, "errored")

    def _variables(self, run: Record) -> dict[str, str]:
        """What variables set in Terraform's environment: the workspace's win over the sets'."""
        workspace = _related(run, "workspace")
        with self._store.lock:
            found = [
                variable
                for each in self._store.all("varsets")
                if reaches(each, workspace)
                for variable in each.many("vars")
            ]
            found += workspace.hidden.get("vars", [])
            return {
                "TFC_RUN_ID": run.id,
                "TFE_RUN_ID": run.id,
                # Terraform takes import blocks from an agent of 1.10 or later.
                "TFC_AGENT_VERSION": "1.22.0",
                **dict(map(_variable, found)),
            }


def _variable(variable: Record) -> tuple[str, str]:
    kind = "" if variable.attributes["category"] == "env" else "TF_VAR_"
    return kind + str(variable.attributes["key"]), str(variable.hidden.get("value") or "")


def _related(record: Record, name: str) -> Record:
    found = record.one(name)
    if found is None:
        raise KeyError(f"{record.type} {record.id} has no {name}")
    return found
