"""Log groups are kept for days that CloudWatch knows."""

from modules.core.retention import ALLOWED_DAYS, RetentionDays

import pytest
from pydantic import TypeAdapter, ValidationError

DAYS: TypeAdapter[int] = TypeAdapter(RetentionDays)


@pytest.mark.parametrize("days", ALLOWED_DAYS)
def test_days_of_the_api_are_taken(days: int) -> None:
    assert DAYS.validate_python(days) == days


@pytest.mark.parametrize("days", [0, -1, 2, 31, 366, 4000])
def test_other_days_are_refused_with_those_that_are_allowed(days: int) -> None:
    with pytest.raises(ValidationError, match=rf"for {days} days; use one of 1, 3, 5, 7, .*3653"):
        DAYS.validate_python(days)
