"""The exceptions of the policy gate: what is explained, by whom, until when."""

from ekp.gate import exceptions
from ekp.synth import project_root

from .tables import paragraph, table

INTRO = (
    "`policies/exceptions.yaml` as a table: what is right as it is, why, who says so, and until "
    "when. [How they work](../policies.md#exceptions)."
)


def exceptions_page(made: str) -> str:
    """Return the page of the exceptions."""
    rows = [
        (
            one.check,
            f"`{one.path}`",
            ", ".join(one.environments),
            paragraph(one.reason),
            one.owner,
            str(one.expires),
        )
        for one in exceptions.load(project_root() / "policies" / "exceptions.yaml")
    ]
    return (
        "\n\n".join(
            [
                "# Exceptions of the policy gate",
                f"{INTRO} {made}",
                table(("check", "where", "environments", "why", "who", "until"), rows),
            ]
        )
        + "\n"
    )
