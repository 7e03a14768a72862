"""Plans of synthesized stacks by the real provider, kept by what they depend on."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import boto3
import tftest

from ekp.local.environment import ACCESS_KEY_ID, SECRET_ACCESS_KEY, child_environment
from ekp.local.helm import install
from ekp.local.prepare import prepare
from ekp.local.process import throwaway
from ekp.runner import expected, mirror, terraform, variables
from ekp.runner.samples import sample_outputs, state_with
from ekp.runner.stacks import Stack

# Raised when the way a plan is made here changes, so that no older one is taken for it.
SCHEMA = 1


class Plans:
    """Plans each stack once: from nothing, with the samples of the contracts it reads.

    A plan is kept in ``cache`` under the hash of the stack, the samples, Terraform, the provider
    and the code of the local AWS. The local AWS starts with the first plan that is not there.
    """

    def __init__(self, stacks: Mapping[str, Stack], cache: Path) -> None:
        self._stacks = stacks
        self._cache = cache
        self._opened = ExitStack()
        self._endpoint = ""
        self._binary = terraform.find(os.environ)
        self.made = 0

    def __enter__(self) -> Self:
        """Nothing starts before it is needed."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the local AWS."""
        self._opened.close()

    def plan(self, stack: Stack) -> tftest.TerraformPlanOutput:
        """Return the plan of a stack."""
        kept = self._cache / f"{self._key(stack)}.json"
        if not kept.is_file():
            self._make(stack, kept)
        return tftest.TerraformPlanOutput(json.loads(kept.read_text(encoding="utf-8")))

    def _key(self, stack: Stack) -> str:
        facts = (
            SCHEMA,
            self._binary.version,
            stack.configuration,
            [up.contract for up in self._upstream(stack)],
        )
        digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode())
        for source in sorted((Path(__file__).parents[2] / "ekp" / "local").rglob("*.py")):
            digest.update(source.read_bytes())
        return digest.hexdigest()

    def _upstream(self, stack: Stack) -> list[Stack]:
        read = set(stack.remote_states.values())
        return [s for s in self._stacks.values() if s.state_key in read]

    def _make(self, stack: Stack, kept: Path) -> None:
        if not self._endpoint:
            self._endpoint = self._opened.enter_context(throwaway()).endpoint
        self._prepare(stack)
        environ = child_environment(self._endpoint, os.environ)
        environ |= variables.stand_ins([stack], environ)
        providers = mirror.configuration(os.environ, extra_mirrors=[install.mirrored(os.environ)])
        with tempfile.TemporaryDirectory() as folder:
            environ |= install.variables(Path(folder))
            environ = terraform.environment(environ, providers, Path(folder, ".terraform"))
            shutil.copytree(stack.folder, folder, dirs_exist_ok=True)
            test = tftest.TerraformTest(folder, binary=self._binary.path, env=environ)
            test.setup(cleanup_on_exit=False)
            made = test.plan(output=True)
        self.made += 1
        self._cache.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=self._cache, delete=False) as file:
            json.dump(dict(made), file)
        Path(file.name).replace(kept)

    def _prepare(self, stack: Stack) -> None:
        upstream = self._upstream(stack)
        settings = stack.backend[1]
        prepare(self._endpoint, **asdict(expected.by([stack])))
        client: Any = boto3.client(
            "s3",
            endpoint_url=self._endpoint,
            region_name=settings["region"],
            aws_access_key_id=ACCESS_KEY_ID,
            aws_secret_access_key=SECRET_ACCESS_KEY,
        )
        for up in upstream:
            state = state_with(sample_outputs(up.contract), self._binary.version)
            where = up.backend[1]
            client.put_object(
                Bucket=where["bucket"], Key=where["key"], Body=json.dumps(state).encode()
            )


def changes(plan: tftest.TerraformPlanOutput, kind: str) -> Iterator[dict[str, Any]]:
    """Yield what a plan would make of a kind, as the provider completed it."""
    for change in plan.resource_changes.values():
        if change["type"] == kind:
            yield change["change"]["after"]
