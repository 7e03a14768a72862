"""The page of the policy gate: its table is the policies, its example an exception."""

import ast
import re
from pathlib import Path

from ekp.gate import exceptions, severity
from ekp.synth import project_root

POLICIES = project_root() / "policies"
PAGE = (project_root() / "docs" / "policies.md").read_text(encoding="utf-8")
MAKERS = {"stack_check", "cluster_check"}


def checks() -> list[tuple[str, str]]:
    """Return id and title of each policy, from its decorator."""
    decorators = [
        one
        for file in POLICIES.glob("*.py")
        for function in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef)
        for one in function.decorator_list
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id in MAKERS
    ]
    return sorted(
        (ast.literal_eval(one.args[0]), ast.literal_eval(one.args[1])) for one in decorators
    )


def test_the_page_lists_every_policy_with_its_title_and_severity() -> None:
    severities = severity.load(POLICIES / "severity.yaml")

    rows = re.findall(r"^\| (EKP_\S+) \| (.+?) \| (\w+) \|$", PAGE, re.MULTILINE)

    assert rows
    assert rows == [(id_, title, severities.of(id_)) for id_, title in checks()]


def test_the_example_of_an_exception_is_one(tmp_path: Path) -> None:
    (example,) = re.findall(r"^```yaml\n(exceptions:.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    file = tmp_path / "exceptions.yaml"
    file.write_text(example, encoding="utf-8")

    (one,) = exceptions.load(file)

    assert (one.check, one.environments) == ("CKV_AWS_305", ("dev", "qa", "prod"))
