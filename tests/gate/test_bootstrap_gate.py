"""What accounts need first goes through the gate by itself, with exceptions of its own."""

from datetime import date
from pathlib import Path

import pytest

import main
from ekp.gate.gate import Gate
from ekp.gate.pool import Pool
from ekp.runner import stacks as synthesized
from ekp.synth import project_root

from .conftest import DAY


@pytest.mark.requirement("R48")
def test_the_bootstrap_of_every_environment_passes_the_gate(tmp_path: Path, pool: Pool) -> None:
    main.bootstrap(str(tmp_path / "out"), today=date(2026, 11, 21))
    every = synthesized.load(tmp_path / "out")
    names = [stack.environment for stack in every.values()]

    report = Gate(every, {}, project_root() / "policies", pool, DAY).judge(names, plans={})

    assert [(one.check, one.subject.path) for one in report.findings if not one.exemption] == []
    # Each exception of a bootstrap explains something; those of deploys are not asked for here.
    assert report.problems == ()
    assert not report.closed
    assert {"aws_iam_role.deploy-role", "aws_s3_bucket.state"} <= {
        address.rpartition("_")[0] for stack in every.values() for address in stack.construct_paths
    }
