"""The bindings that the project can be moved to, and the one mechanical change that does it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Bindings:
    """Packages in place of the project's own, and the names by which they are imported."""

    name: str
    packages: Mapping[str, str]
    """Package of ``pyproject.toml`` -> the requirement that takes its place."""
    renamed: Mapping[str, str]
    """Name of a module that is imported -> its name in the other package."""


# cdktn continues the archived cdktf. Its bindings are of AWS provider 6 alone.
CDKTN = Bindings(
    "cdktn",
    {
        "cdktf": "cdktn==0.24.0",
        "cdktf-cdktf-provider-aws": "cdktn-provider-aws==25.8.1",
        "cdktf-cdktf-provider-helm": "cdktn-provider-helm==15.1.0",
    },
    {
        "cdktf": "cdktn",
        "cdktf_cdktf_provider_aws": "cdktn_provider_aws",
        "cdktf_cdktf_provider_helm": "cdktn_provider_helm",
    },
)
# The last bindings of cdktf itself, of AWS provider 6.
AWS_6 = Bindings(
    "aws-6", {"cdktf-cdktf-provider-aws": "cdktf-cdktf-provider-aws==21.22.1"}, renamed={}
)
EVERY = (CDKTN, AWS_6)

# Where an import names a module, and where the seam lists the packages that it stubs.
_IMPORTED = r"(?<=^from )({names})(?=[ .])|(?<=^import )({names})(?=[ .]|$)"
_LISTED = r'(?<=")({names})(?=")'


def requirements(declared: list[str], bindings: Bindings) -> list[str]:
    """Return a project's requirements with the bindings' in their places.

    Raises:
        ValueError: a package that is to be replaced is not declared.
    """
    by_package = {re.split(r"[^\w.-]", one, maxsplit=1)[0]: one for one in declared}
    if missing := sorted(set(bindings.packages) - set(by_package)):
        raise ValueError(f"pyproject.toml does not require {', '.join(missing)}")
    return list({**by_package, **bindings.packages}.values())


def moved(source: str, bindings: Bindings) -> str:
    """Return Python source that imports the bindings: a change of names in imports alone."""
    if not bindings.renamed:
        return source
    names = "|".join(sorted(bindings.renamed, key=len, reverse=True))
    pattern = f"{_IMPORTED}|{_LISTED}".replace("{names}", names)
    return re.sub(pattern, lambda found: bindings.renamed[found[0]], source, flags=re.MULTILINE)
