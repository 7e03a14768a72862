"""EKP_POD_3: an image is the same tomorrow: its digest says so, or a tag that is not moved.

Tags count as fixed that name a version to its last number (``1.4.2``), a commit, or a build or a
day by a long number. Publishers move shorter ones (``1``, ``1.4``, ``3.11-slim``) and words
(``stable``) to what is newest.
"""

import re

from policies.checks import Entity, Everything, Verdict, cluster_check
from policies.pods import KINDS, containers, pod_specs

DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")
FIXED = re.compile(
    r"""\d+\.\d+\.\d+                       # a version
    |(?<![^_.-])[0-9a-f]{7,64}(?![^_.-])  # a commit, or a long number
    |\d{5,}                               # a build, a day""",
    re.VERBOSE,
)
MOVED = re.compile(r"(?<![^_.-])(latest|stable|edge|nightly|lts)(?![^_.-])")
# With the braces of objects within; an image's name has none of its own.
EXPRESSION = re.compile(r"[$%]?\{[^{}]*\}")
# Stands for what an expression may be: no digest, no version.
ANYTHING = "?"


@cluster_check("EKP_POD_3", "Ensure images are pinned to a digest or a fixed tag", *KINDS)
def image_is_pinned(one: Entity, _: Everything) -> Verdict:
    """Fail pods with an image that may be another one at the next start."""
    specs = pod_specs(one)
    if not specs:
        return None
    return all(
        _pinned(str(container.get("image") or ""))
        for spec in specs
        for container in containers(spec)
    )


def _pinned(image: str) -> bool:
    text = _without_expressions(image)
    name, _, digest = text.partition("@")
    if digest:
        # Nothing else may stand there, so an expression is a digest too.
        return ANYTHING in digest or DIGEST.fullmatch(digest) is not None
    # A colon before the last slash is that of the registry's port.
    tag = name.rpartition("/")[2].partition(":")[2]
    return FIXED.search(tag) is not None and MOVED.search(tag) is None


def _without_expressions(text: str) -> str:
    """Return a text with a mark for each of Terraform's expressions."""
    shorter = EXPRESSION.sub(ANYTHING, text)
    return text if shorter == text else _without_expressions(shorter)
