"""Who destroys an environment finds the hub whose Argo CD brings services there."""

from collections.abc import Mapping
from pathlib import Path

from ekp.runner import stacks as synthesized
from tests.support.synth import Synth


def test_the_hubs_tenants_name_every_environment_that_argo_cd_brings(
    outdir: Path, stacks: Mapping[str, Synth]
) -> None:
    found = synthesized.load(outdir)
    sets = {
        id_: {
            release["name"]
            for release in plan.all("helm_release").values()
            if release["name"].startswith("delivery-")
        }
        for id_, plan in stacks.items()
    }

    assert found["management-eu-west-1-tenants"].delivers == ("dev", "prod", "qa")
    assert {id_ for id_, stack in found.items() if stack.delivers} == {
        id_ for id_, names in sets.items() if names
    }
