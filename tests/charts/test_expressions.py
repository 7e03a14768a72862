"""What Terraform fills in becomes a stand-in; what it escapes stays as Helm will read it."""

import pytest

from ekp.charts.expressions import PLACEHOLDER, filled


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("replicas: 2", "replicas: 2"),
        ("a: {b: {}}", "a: {b: {}}"),
        ('role: "${aws_iam_role.x.arn}"', f'role: "{PLACEHOLDER}"'),
        ("x: ${a.b}-${c.d}!", f"x: {PLACEHOLDER}-{PLACEHOLDER}!"),
        ('${jsonencode({"a" = {"b" = "}"}})}.', f"{PLACEHOLDER}."),
        ('${join("\\"}", [a])} left', f"{PLACEHOLDER} left"),
        ("%{ if a }b", f"{PLACEHOLDER}b"),
        ("rate: $${binary_remote_addr}", "rate: ${binary_remote_addr}"),
        ("%%{x} {{ .Values }}", "%{x} {{ .Values }}"),
        ("open ${a", f"open {PLACEHOLDER}"),
    ],
)
def test_an_expression_becomes_a_stand_in(text: str, expected: str) -> None:
    assert filled(text) == expected
