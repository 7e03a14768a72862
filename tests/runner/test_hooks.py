"""What is asked to look at a stack before it is planned, and before it is destroyed."""

from pathlib import Path

from ekp.runner import stacks as synthesized
from ekp.runner.contracts import Upstreams
from ekp.runner.deploy import deploy
from ekp.runner.destroy import destroy
from ekp.runner.errors import RunnerError
from ekp.runner.outputs import outputs
from ekp.runner.results import Doubt, Status
from ekp.runner.run import Run
from ekp.runner.stacks import Stack
from ekp.runner.target import Target

from .recording import Recorder
from .synthesis import Sketch, synthesize

BASE = Sketch(
    resources={"terraform_data": {"vpc": {"input": "vpc-1"}}},
    outputs={"vpc_id": {"value": "${terraform_data.vpc.output}"}},
    contract={"vpc_id": "vpc-0a1b"},
)
ABOVE = Sketch(
    resources={"terraform_data": {"one": {"input": "x"}}},
    after=["dev-base"],
    reads=["dev-base"],
)
BESIDE = Sketch(resources={"terraform_data": {"one": {"input": "x"}}})
SKETCHES = {"dev-base": BASE, "dev-above": ABOVE, "dev-beside": BESIDE}


class Noted:
    """A probe that notes what it is given, and refuses one stack."""

    def __init__(self, *, refused: str = "") -> None:
        self.seen: dict[str, list[str]] = {}
        self._refused = refused

    def __call__(self, run: Run, stack: Stack, upstreams: Upstreams) -> None:
        assert stack.id in run.stacks
        read = [upstreams.state(one) for one in upstreams.read_by(stack)]
        self.seen[stack.id] = [state.outputs["vpc_id"].value for state in read if state]
        if stack.id == self._refused:
            raise RunnerError("The API is out of reach.", remedy="Open it.")


class Drained(Noted):
    """The same, which also leaves something behind."""

    def __call__(self, run: Run, stack: Stack, upstreams: Upstreams) -> tuple[Doubt, ...]:  # type: ignore[override]  # a probe gives nothing back
        super().__call__(run, stack, upstreams)
        return (Doubt("PersistentVolume data", "", "vol-1 is kept"),)


def test_a_deploy_probes_each_stack_with_the_states_it_reads(tmp_path: Path, here: Target) -> None:
    stacks = synthesized.load(synthesize(tmp_path / "cdktf.out", SKETCHES))
    probe = Noted()

    assert deploy(stacks, target=here, probe=probe).ok

    assert probe.seen == {"dev-base": [], "dev-beside": [], "dev-above": ["vpc-1"]}


def test_a_probe_that_refuses_keeps_its_stack_from_being_planned(
    tmp_path: Path, here: Target
) -> None:
    stacks = synthesized.load(synthesize(tmp_path / "cdktf.out", SKETCHES))
    recorder = Recorder()

    result = deploy(stacks, target=here, probe=Noted(refused="dev-base"), reporter=recorder)

    failure = result.of("dev-base").failure
    assert failure is not None
    assert (failure.message, failure.remedy) == ("The API is out of reach.", "Open it.")
    assert ("dev-base", "plan") not in recorder.steps
    assert result.of("dev-above").status is Status.SKIPPED
    assert result.of("dev-beside").status is Status.APPLIED


def test_a_stack_that_waits_for_another_is_not_probed(tmp_path: Path, here: Target) -> None:
    stacks = synthesized.load(synthesize(tmp_path / "cdktf.out", SKETCHES))
    probe = Noted()

    waiting = deploy(stacks, target=here, selected=["dev-above"], probe=probe)

    assert waiting.of("dev-above").status is Status.WAITING
    assert probe.seen == {}


def test_a_destroy_drains_what_holds_something_once_its_plan_stands(
    tmp_path: Path, here: Target
) -> None:
    stacks = synthesized.load(synthesize(tmp_path / "cdktf.out", SKETCHES))
    deploy(stacks, target=here, selected=["dev-base", "dev-above"])
    probe, drain = Noted(), Drained()

    result = destroy(stacks, target=here, probe=probe, drain=drain)

    assert drain.seen == probe.seen == {"dev-above": ["vpc-1"], "dev-base": []}
    assert result.of("dev-beside").status is Status.UNCHANGED
    assert [one.look_for for one in result.of("dev-above").in_doubt] == ["vol-1 is kept"]


def test_a_drain_that_refuses_keeps_its_stack_and_those_below_it(
    tmp_path: Path, here: Target
) -> None:
    stacks = synthesized.load(synthesize(tmp_path / "cdktf.out", SKETCHES))
    deploy(stacks, target=here)

    result = destroy(stacks, target=here, drain=Drained(refused="dev-above"))

    assert result.of("dev-above").status is Status.FAILED
    assert result.of("dev-base").status is Status.SKIPPED
    assert result.of("dev-beside").status is Status.DESTROYED
    kept = outputs(stacks, target=here)
    assert kept.of("dev-base").outputs["vpc_id"].value == "vpc-1"


def test_a_probe_that_refuses_stops_a_destroy_before_the_drain(
    tmp_path: Path, here: Target
) -> None:
    stacks = synthesized.load(synthesize(tmp_path / "cdktf.out", {"dev-beside": BESIDE}))
    deploy(stacks, target=here)
    drain = Drained()

    result = destroy(stacks, target=here, probe=Noted(refused="dev-beside"), drain=drain)

    assert result.of("dev-beside").status is Status.FAILED
    assert drain.seen == {}
