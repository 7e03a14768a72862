"""Puts the stand-in where Terraform finds it: a mirror folder that local mode alone names."""

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ekp.runner import files, mirror

from ..layout import HELM_FOLDER, HELM_PYTHON

SOURCE = "registry.terraform.io/hashicorp/helm"
# The version whose schema `tables` holds; what stacks ask for decides whether it is used.
VERSION = "3.1.1"
# It holds no path, so that its hash, which Terraform's lock files keep, is the same everywhere.
LAUNCHER = f"""\
#!/bin/sh
# The stand-in of the helm provider for ekp's local AWS; the real one is at {SOURCE}.
if [ -z "${HELM_PYTHON}" ]; then
  echo "This is ekp's stand-in of the Terraform provider hashicorp/helm, a plugin that Terraform" \\
    "starts. {HELM_PYTHON} is not set: use 'ekp deploy ENV --local' or 'ekp local env'."
  exit 1
fi
exec "${HELM_PYTHON}" -P -m ekp.local.helm "$@"
"""


def variables(folder: Path) -> dict[str, str]:
    """Return what the stand-in needs; ``folder`` keeps its releases and what they render."""
    return {HELM_FOLDER: str(folder.absolute()), HELM_PYTHON: sys.executable}


def mirrored(environ: Mapping[str, str]) -> Path:
    """Return the mirror folder with the stand-in in it, in ekp's cache.

    Raises:
        NotWritableError: the cache folder cannot be written.
    """
    folder = mirror.cache_folder(environ) / "stand-ins"
    place = folder / SOURCE / VERSION / mirror.this_platform()
    launcher = place / f"terraform-provider-helm_v{VERSION}"
    if not (launcher.is_file() and launcher.read_text() == LAUNCHER):
        files.make_folder(place)
        with tempfile.TemporaryDirectory(dir=folder) as drafts:
            draft = Path(drafts, launcher.name)
            files.write(draft, LAUNCHER)
            draft.chmod(0o700)
            # Whoever starts it finds it whole and executable.
            draft.replace(launcher)
    return folder
