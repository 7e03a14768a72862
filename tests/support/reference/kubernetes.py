"""The support calendar of EKS, and the versions of its add-ons."""

from modules.core import eks_addons, kubernetes_versions

from .tables import table

CALENDAR = (
    f"The last day is included. Source: <{kubernetes_versions.SOURCE}>, as written in "
    "`modules/core/kubernetes_versions.py`."
)
ADDONS = (
    f"Where no version is known, EKS takes its own. Source: `{eks_addons.SOURCE}`, as written in "
    "`modules/core/eks_addons.py`."
)


def kubernetes_page(made: str) -> str:
    """Return the page of Kubernetes' minors."""
    calendar = [
        (minor, str(one.released), str(one.standard_until), str(one.extended_until))
        for minor, one in kubernetes_versions.SUPPORT.items()
    ]
    addons = [
        (f"`{addon}`", *(by[addon] or "EKS's default" for by in eks_addons.VERSIONS.values()))
        for addon in eks_addons.Addon
    ]
    return (
        "\n\n".join(
            [
                "# Kubernetes and EKS add-ons",
                made,
                "## Support calendar",
                CALENDAR,
                table(("minor", "on EKS since", "standard support", "extended support"), calendar),
                "## EKS add-ons",
                ADDONS,
                table(("add-on", *sorted(eks_addons.VERSIONS)), _in_order(addons)),
            ]
        )
        + "\n"
    )


def _in_order(rows: list[tuple[str, ...]]) -> list[list[str]]:
    """Return the rows with their versions by minor, as the head has them."""
    minors = list(eks_addons.VERSIONS)
    places = [minors.index(minor) + 1 for minor in sorted(minors)]
    return [[row[0], *(row[place] for place in places)] for row in rows]
