"""Local mode plans what is not there yet, and writes into its workspace alone."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from ekp.synth import project_root

from .account import STACKS, Ekp, client


@pytest.fixture
def ekp(tmp_path: Path) -> Iterator[Ekp]:
    ekp = Ekp(tmp_path / "workspace")
    yield ekp
    ekp("local", "stop")


@pytest.mark.requirement("R32")
def test_production_is_planned_whole_before_anything_of_it_exists(ekp: Ekp) -> None:
    ekp("synth")
    before = digest(project_root() / "cdktf.out")

    planned = ekp("plan", "prod", "--local")

    assert {s["stack"] for s in planned["stacks"]} == STACKS
    assert all(s["counts"]["add"] > 0 for s in planned["stacks"])
    later = ("cluster", "ingress", "platform", "tenants")
    assert set(planned["speculative"]) == {s for s in STACKS if s.endswith(later)}
    # The samples went to a throwaway: the local AWS that runs holds no state of production.
    endpoint = ekp("local", "status")["endpoint"]
    kept = client(endpoint, "s3", region="eu-west-1", account=None).list_objects_v2(
        Bucket="ekp-tfstate-444444444444", Prefix="prod/"
    )
    assert kept["KeyCount"] == 0
    assert digest(project_root() / "cdktf.out") == before


def digest(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }
