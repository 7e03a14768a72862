"""Conditions of policy statements."""

from typing import Any

import pytest

from ekp.local.conditions import hold

KNOWN = {
    "aws:securetransport": "true",
    "aws:sourceaccount": "111122223333",
    "aws:sourcearn": "arn:aws:cloudfront::111122223333:distribution/E1",
}


@pytest.mark.parametrize(
    ("operator", "key", "wanted", "holds"),
    [
        ("Bool", "aws:SecureTransport", "true", True),
        ("Bool", "AWS:securetransport", "True", True),
        ("Bool", "aws:SecureTransport", True, True),
        ("Bool", "aws:SecureTransport", "false", False),
        ("BoolIfExists", "aws:SecureTransport", "false", False),
        ("StringEquals", "aws:SourceAccount", ["1", "111122223333"], True),
        ("StringEquals", "aws:SourceAccount", "1111*", False),
        ("StringNotEquals", "aws:SourceAccount", ["1", "2"], True),
        ("StringNotEquals", "aws:SourceAccount", ["1", "111122223333"], False),
        ("StringLike", "aws:SourceAccount", "1111*", True),
        ("StringLike", "aws:SourceAccount", "[1]*", False),
        ("ArnEquals", "aws:SourceArn", "arn:aws:cloudfront::*:distribution/E?", True),
        ("ArnLike", "aws:SourceArn", "arn:aws:cloudfront::111122223333:*", True),
        ("ArnLike", "aws:SourceArn", "arn:aws:*:distribution/E1", False),
        ("ArnNotLike", "aws:SourceArn", "arn:aws:s3:::*", True),
        ("StringNotEquals", "aws:PrincipalOrgID", "o-example", False),
        ("NumericLessThan", "aws:SourceAccount", "2", False),
    ],
)
def test_a_condition_holds_when_it_is_sure_to(
    operator: str, key: str, wanted: Any, *, holds: bool
) -> None:
    assert hold({operator: {key: wanted}}, KNOWN) is holds


def test_all_conditions_have_to_hold() -> None:
    tls = {"aws:SecureTransport": "true"}

    assert hold({"Bool": tls, "StringEquals": {"aws:SourceAccount": "111122223333"}}, KNOWN)
    assert not hold({"Bool": tls, "StringEquals": {"aws:SourceAccount": "1"}}, KNOWN)
    assert hold({}, KNOWN)
