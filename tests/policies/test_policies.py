"""Each policy passes and fails the examples that say so.

An example is one file of tests/policies/fixtures/<policy>/: Terraform (`.tf`), a synthesized stack
(`.tf.json`) or Kubernetes objects (`.yaml`). What a name begins with is what the policy says of it:
`pass` or `fail`; other names are there for these to refer to. A stack has the name of its file.
"""

import json
import re
from pathlib import Path

import pytest

from ekp.gate.scan import Framework
from ekp.synth import project_root

from .conftest import Scan

FIXTURES = Path(__file__).parent / "fixtures"
POLICIES = {
    path.stem: found[1]
    for path in sorted((project_root() / "policies").glob("*.py"))
    if (found := re.match(r'"""(EKP_[A-Z]+_\d+): ', path.read_text(encoding="utf-8")))
}
EXAMPLES = sorted(file for file in FIXTURES.glob("*/*") if file.is_file())
FRAMEWORKS = {
    ".tf": Framework.TERRAFORM,
    ".json": Framework.TERRAFORM_JSON,
    ".yaml": Framework.KUBERNETES,
}


def names(file: Path, beginning: str) -> set[str]:
    """Return the names of an example that begin with `pass` or `fail`."""
    if file.suffix == ".json":
        resources = json.loads(file.read_text(encoding="utf-8")).get("resource", {})
        found = {stack(file), *(name for kind in resources.values() for name in kind)}
        return {name for name in found if name.startswith(beginning)}
    pattern = {
        ".tf": rf'^resource "\w+" "({beginning}\w*)"',
        ".yaml": rf"^  name: ({beginning}[\w.-]*)$",
    }
    return set(re.findall(pattern[file.suffix], file.read_text(encoding="utf-8"), re.MULTILINE))


def stack(file: Path) -> str:
    """Return the name of an example that is a stack."""
    return file.name.partition(".")[0]


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_a_policy_fails_those_of_its_examples_that_are_named_so(file: Path, scanned: Scan) -> None:
    result = scanned(FRAMEWORKS[file.suffix], {file.name: file.read_bytes()})

    id_ = POLICIES[file.parent.name]
    failed = {
        stack(file) if hit.resource == "stack" else hit.resource.rpartition(".")[2]
        for hit in result.failed
        if hit.check == id_
    }
    assert result.error == ""
    assert failed == names(file, "fail")


@pytest.mark.parametrize("policy", POLICIES)
def test_a_policy_has_examples_that_pass_and_others_that_fail(policy: str) -> None:
    examples = [file for file in EXAMPLES if file.parent.name == policy]

    for beginning in ("pass", "fail"):
        assert [name for file in examples for name in names(file, beginning)], beginning


def test_ids_of_policies_are_given_once() -> None:
    assert len(set(POLICIES.values())) == len(POLICIES)
