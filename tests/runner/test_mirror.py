"""Provider mirrors and Terraform's CLI configuration."""

from pathlib import Path

import pytest

from ekp.runner import mirror
from ekp.runner import stacks as synthesized
from ekp.runner.plan import plan
from ekp.runner.target import Target

from .synthesis import Sketch, synthesize

AWS = "registry.terraform.io/hashicorp/aws"
HELM = "registry.terraform.io/hashicorp/helm"


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str]:
    """The variables of a person with an empty home."""
    (tmp_path / "home").mkdir()
    return {"HOME": str(tmp_path / "home"), "XDG_DATA_DIRS": str(tmp_path / "share")}


def hold(folder: Path, source: str, version: str, platform: str = mirror.this_platform()) -> Path:
    (folder / source / version / platform).mkdir(parents=True)
    return folder


def written(found: dict[str, str | None]) -> str:
    return Path(found[mirror.CONFIGURATION] or "").read_text()


def test_a_mirror_in_the_folder_for_optional_software_is_found_and_used(
    tmp_path: Path, machine: dict[str, str]
) -> None:
    folder = hold(tmp_path / "opt" / "providers", AWS, "5.100.0")

    text = written(mirror.configuration(machine, optional_software=tmp_path / "opt"))

    assert f'path    = "{folder}"' in text
    assert f'include = ["{AWS}"]' in text
    assert f'exclude = ["{AWS}"]' in text


def test_the_configuration_lies_in_the_cache_folder(
    tmp_path: Path, machine: dict[str, str]
) -> None:
    hold(tmp_path / "opt" / "providers", AWS, "5.100.0")

    found = mirror.configuration(machine, optional_software=tmp_path / "opt")

    assert (found[mirror.CONFIGURATION] or "").startswith(f"{tmp_path}/home/.cache/ekp/")


@pytest.mark.parametrize(
    "place",
    ["home/.terraform.d/plugins", "home/.local/share/terraform/plugins", "share/terraform/plugins"],
)
def test_terraforms_own_places_are_looked_into(
    tmp_path: Path, machine: dict[str, str], monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    folder = hold(tmp_path / place, AWS, "5.100.0")

    assert mirror.find(machine, optional_software=tmp_path / "none") == [
        mirror.Mirror(folder, {AWS: frozenset({"5.100.0"})})
    ]


def test_a_packed_mirror_named_by_the_person_comes_first(
    tmp_path: Path, machine: dict[str, str]
) -> None:
    named = tmp_path / "named"
    (named / HELM).mkdir(parents=True)
    (named / HELM / f"terraform-provider-helm_3.0.2_{mirror.this_platform()}.zip").touch()
    hold(tmp_path / "opt" / "providers", AWS, "5.100.0")

    first, _second = mirror.find(
        {**machine, "EKP_PROVIDER_MIRROR": str(named)}, optional_software=tmp_path / "opt"
    )

    assert first == mirror.Mirror(named, {HELM: frozenset({"3.0.2"})})


def test_a_mirror_for_another_platform_is_left_alone(
    tmp_path: Path, machine: dict[str, str]
) -> None:
    hold(tmp_path / "opt" / "providers", AWS, "5.100.0", "plan9_mips")

    assert mirror.find(machine, optional_software=tmp_path / "opt") == []


def test_a_provider_whose_exact_version_is_missing_comes_from_the_registry(
    tmp_path: Path, machine: dict[str, str]
) -> None:
    opt = tmp_path / "opt"
    hold(opt / "providers", AWS, "5.99.0")
    hold(opt / "providers", HELM, "3.0.2")

    found = mirror.configuration(
        machine, wanted=[{AWS: "5.100.0", HELM: "3.0.2"}], optional_software=opt
    )

    assert f'exclude = ["{HELM}"]' in written(found)


def test_a_configuration_that_does_not_exist_does_not_count(
    tmp_path: Path, machine: dict[str, str]
) -> None:
    machine[mirror.CONFIGURATION] = str(tmp_path / "nowhere.tfrc")

    assert mirror.configuration(machine, optional_software=tmp_path / "none") == {
        mirror.CONFIGURATION: None
    }


@pytest.mark.parametrize("named", [True, False])
def test_a_persons_own_configuration_is_taken_as_it_is(
    tmp_path: Path, machine: dict[str, str], *, named: bool
) -> None:
    own = tmp_path / "my.tfrc" if named else tmp_path / "home" / ".terraformrc"
    own.write_text("disable_checkpoint = true\n")
    machine |= {mirror.CONFIGURATION: str(own)} if named else {}
    hold(tmp_path / "opt" / "providers", AWS, "5.100.0")

    found = mirror.configuration(machine, optional_software=tmp_path / "opt")

    assert found == {mirror.CONFIGURATION: str(own)}
    assert not (tmp_path / "home" / ".cache").exists()


def test_an_extra_mirror_goes_in_front_of_a_persons_own_installation(
    tmp_path: Path, machine: dict[str, str]
) -> None:
    own = tmp_path / "my.tfrc"
    own.write_text('provider_installation {\n  network_mirror { url = "https://mirror/" }\n}\n')
    extra = hold(tmp_path / "stand-in", HELM, "3.0.2")

    text = written(
        mirror.configuration({**machine, mirror.CONFIGURATION: str(own)}, extra_mirrors=[extra])
    )

    assert text.index(str(extra)) < text.index("network_mirror")
    assert text.count("provider_installation") == 1


def test_a_registry_out_of_reach_is_one_message_with_a_remedy(
    tmp_path: Path, here: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A provider that no mirror holds, and a proxy that nobody answers at.
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    extra = {"terraform": {"required_providers": {"none": {"source": "ekp-test/none"}}}}
    stacks = synthesized.load(synthesize(tmp_path / "cdktf.out", {"dev-a": Sketch(extra=extra)}))

    failure = plan(stacks, target=here).of("dev-a").failure

    assert failure is not None
    assert "EKP_PROVIDER_MIRROR" in failure.remedy
