"""The secret that CloudFront sends and load balancers ask for: a sensitive variable."""

from typing import Any

from cdktf import TerraformVariable, TerraformVariableValidationConfig

from ..core.layer import Layer

CURRENT = "origin_header_current"
NEXT = "origin_header_next"
# Load balancers read * and ? as wildcards: such a value would let others in.
PATTERN = "^[A-Za-z0-9_-]{32,128}$"

MEANING = {
    CURRENT: "The value CloudFront sends to prove where a request comes from.",
    NEXT: "One more value that load balancers take: the other one of a rotation, else the same.",
}


def origin_header(stack: Layer[Any], name: str) -> str:
    """Declare one of the two values in a stack and return it as a token; it has no default.

    Rotation without a lost request, each move a deploy of the whole environment: next = new; then
    current = new with next = old; then both new.
    """
    variable = TerraformVariable(
        stack,
        name,
        type="string",
        description=MEANING[name],
        sensitive=True,
        nullable=False,
        validation=[
            TerraformVariableValidationConfig(
                condition=f'${{can(regex("{PATTERN}", var.{name}))}}',
                error_message=(
                    f"{name} takes 32 to 128 letters, digits, _ and -; make one with "
                    "`openssl rand -hex 32` and set it in the environment variable "
                    f"TF_VAR_{name}."
                ),
            )
        ],
    )
    return str(variable.string_value)
