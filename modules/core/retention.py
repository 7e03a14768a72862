"""How long CloudWatch keeps logs."""

from typing import Annotated

from pydantic import AfterValidator

# Source: CloudWatch Logs API, PutRetentionPolicy.
ALLOWED_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180),
    *(365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653),
)


def _allowed(days: int) -> int:
    if days not in ALLOWED_DAYS:
        raise ValueError(
            f"CloudWatch Logs keeps no log group for {days} days; "
            f"use one of {', '.join(map(str, ALLOWED_DAYS))}"
        )
    return days


RetentionDays = Annotated[int, AfterValidator(_allowed)]
"""Days that CloudWatch keeps log events; only the values of its API are taken."""
