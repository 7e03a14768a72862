"""JSON with exact numbers: money is never a float."""

import json
from decimal import Decimal
from typing import Any, NoReturn

from .errors import AnswerError


def read_document(content: bytes | str, source: str, *, remedy: str) -> Any:
    """Return what JSON says, each number as a ``Decimal``.

    Raises:
        AnswerError: it is no JSON.
    """
    try:
        return json.loads(
            content, parse_float=Decimal, parse_int=Decimal, parse_constant=_no_number
        )
    except (ValueError, RecursionError) as error:
        raise AnswerError(f"{source} is not JSON: {error}.", remedy=remedy) from error


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")
