"""Beside the stacks stand the services' objects, as Git is to hold them."""

from pathlib import Path

from modules.kubernetes.service_objects import service_objects

import pytest

import main
from ekp.configured.services import FOLDER, BrokenServicesError, read, synthesized
from ekp.runner.errors import NotSynthesizedError
from ekp.services.documents import render
from ekp.synth import synth
from environments import load

from .conftest import TODAY


def test_they_are_what_is_rendered_for_git(outdir: Path) -> None:
    for name, environment in load(TODAY)[0].items():
        folder = outdir / FOLDER / name
        written = {
            file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8")
            for file in folder.rglob("*.yaml")
        }
        rendered = render(environment, service_objects)

        assert written == {str(path): text for path, text in rendered.items()}
    assert len(written) == 0  # the hub, which is last, runs no services


def test_an_environment_without_services_has_none(outdir: Path) -> None:
    assert synthesized(outdir, "management") == ()
    assert {one["kind"] for one in synthesized(outdir, "prod")} >= {"Rollout", "VirtualService"}


def test_a_service_that_is_gone_is_gone_here_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main, "synth", lambda fresh, **_: _one_stack(Path(fresh)))
    monkeypatch.setenv("EKP_TODAY", TODAY.isoformat())
    old = tmp_path / FOLDER / "prod" / "shop" / "gone.yaml"
    old.parent.mkdir(parents=True)
    old.write_text("kind: Service\nmetadata: {name: gone}\n", encoding="utf-8")

    synth(tmp_path)

    assert sorted(file.name for file in old.parent.iterdir()) == ["catalog.yaml", "checkout.yaml"]


def _one_stack(fresh: Path) -> tuple[str, ...]:
    (fresh / "stacks").mkdir(parents=True)
    (fresh / "manifest.json").write_text('{"stacks": {}}', encoding="utf-8")
    return ()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: [", "did not find expected node content"),
        ("- 1\n", "a document has no kind and metadata.name"),
        ("kind: Service\n", "a document has no kind and metadata.name"),
    ],
)
def test_a_file_that_holds_something_else_is_named(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "service.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(BrokenServicesError, match=why) as raised:
        read(tmp_path)

    assert "service.yaml" in raised.value.message
    assert "ekp services render" in raised.value.remedy


def test_where_nothing_was_rendered_the_remedy_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotSynthesizedError) as raised:
        synthesized(tmp_path, "prod")

    assert "ekp synth" in raised.value.remedy
