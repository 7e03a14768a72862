"""Synthesizes every environment with other bindings and compares the Terraform JSON with ours.

Each kind of bindings gets a virtual environment of its own under ``.ekp/cdktn``, made by uv from
the project's own requirements, and a copy of the sources in which imports are renamed. Exit code 1
when anything but a version differs.
"""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from ekp.synth import project_root

from .bindings import EVERY, Bindings, moved, requirements
from .difference import differences

DAY = "2026-11-21"
SOURCES = ("ekp", "environments", "helm-values", "modules", "main.py")
SYNTH = "import datetime, main; main.synth({outdir!r}, today=datetime.date.fromisoformat({day!r}))"
SHOWN = 40


def main() -> int:
    """Compare each kind of bindings with ours; return the exit code."""
    root = project_root()
    kept = Path(os.environ.get("EKP_WORKSPACE") or root / ".ekp").absolute() / "cdktn"
    shutil.rmtree(kept, ignore_errors=True)
    ours = _synthesized(Path(sys.executable), root, kept / "ours")
    wrong = 0
    for bindings in EVERY:
        folder = kept / bindings.name
        python = _installed(root, folder / "venv", bindings)
        theirs = _synthesized(python, _copied(root, folder / "src", bindings), folder / "out")
        found = list(differences(ours, theirs))
        wrong += len(found)
        named = ", ".join(bindings.packages.values())
        files = sum(1 for file in ours.rglob("*") if file.is_file())
        if found:
            _say("\n  ".join((f"{named}: {len(found)} differences", *found[:SHOWN])))
        else:
            _say(f"{named}: {files} files, the same but for the strings of versions")
    return int(wrong > 0)


def _installed(root: Path, venv: Path, bindings: Bindings) -> Path:
    """Make a virtual environment with the project's requirements, and return its Python."""
    declared = tomllib.loads((root / "pyproject.toml").read_text())["project"]["dependencies"]
    _say(f"{bindings.name}: installing {', '.join(bindings.packages.values())}")
    _run([sys.executable, "-m", "uv", "venv", "--quiet", "--python", sys.executable, str(venv)])
    python = venv / "bin" / "python"
    wanted = requirements(declared, bindings)
    _run(
        [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", str(python), *wanted]
    )
    return python


def _copied(root: Path, folder: Path, bindings: Bindings) -> Path:
    """Copy the sources, moved to the bindings."""
    for name in SOURCES:
        source = root / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, folder / name)
    for file in folder.rglob("*.py"):
        file.write_text(moved(file.read_text(encoding="utf-8"), bindings), encoding="utf-8")
    return folder


def _synthesized(python: Path, folder: Path, outdir: Path) -> Path:
    outdir.parent.mkdir(parents=True, exist_ok=True)
    _run([str(python), "-c", SYNTH.format(outdir=str(outdir), day=DAY)], folder)
    return outdir


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _run(argv: list[str], folder: Path | None = None) -> None:
    # The project is installed where this runs; the copy's own modules come first and alone.
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(argv, check=False, cwd=folder, env=environ)
    if done.returncode:
        sys.exit(f"{' '.join(argv[:4])} ... ended with {done.returncode}")


if __name__ == "__main__":
    sys.exit(main())
