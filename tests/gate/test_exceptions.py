"""The life of an exception: written, used, unused, expired, removed."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from ekp.gate import exceptions
from ekp.gate.errors import GateError
from ekp.gate.exceptions import LONGEST, Scope
from ekp.gate.findings import Exemption, Finding, Seen, Severity, Subject

DAY = date(2026, 11, 21)
BUCKET = "prod-edge/distribution/logs/Resource"
KNOWN = ("dev", "prod", "qa")
VALID = """exceptions:
  - check: CKV_AWS_18
    path: prod-edge/distribution/*/Resource
    environments: [prod]
    reason: A bucket of access logs does not log itself.
    owner: platform
    expires: 2027-05-01
"""


def finding(path: str = BUCKET, check: str = "CKV_AWS_18", environment: str = "prod") -> Finding:
    subject = Subject(path, environment, "global", "edge", f"{environment}-edge", "aws_s3_bucket.x")
    return Finding(check, "Ensure access is logged", Severity.LOW, subject, (Seen.SYNTHESIZED,))


def exemption(path: str = BUCKET, *environments: str) -> Exemption:
    return Exemption(
        check="CKV_AWS_18",
        path=path,
        environments=environments or ("prod",),
        reason="A bucket of access logs does not log itself.",
        owner="platform",
        expires=DAY + timedelta(days=100),
        line=2,
    )


def scope(*environments: str, planned: Collection[str] = ()) -> Scope:
    return Scope(frozenset(environments), frozenset(planned), frozenset(KNOWN))


def unused(found: Collection[Finding], *entries: Exemption) -> tuple[str, ...]:
    explained = exceptions.explain(found, entries, DAY)
    return exceptions.unused(explained, entries, scope=scope("prod"), day=DAY)


def problems(
    found: Collection[Finding], *entries: Exemption, looked_at: Scope | None = None
) -> tuple[str, ...]:
    explained = exceptions.explain(found, entries, DAY)
    return exceptions.problems(explained, entries, scope=looked_at or scope("prod"), day=DAY)


def explained(found: Finding, *entries: Exemption) -> Exemption | None:
    (one,) = exceptions.explain([found], entries, DAY)
    return one.exemption


def written(folder: Path, text: str) -> Path:
    file = folder / "exceptions.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def refused(folder: Path, text: str) -> list[str]:
    with pytest.raises(GateError) as refusal:
        exceptions.load(written(folder, text))
    return refusal.value.message.splitlines()


def test_a_written_exception_explains_its_finding_and_is_used_once(tmp_path: Path) -> None:
    entries = exceptions.load(written(tmp_path, VALID))

    found = exceptions.explain([finding(), finding(check="CKV_AWS_21")], entries, DAY)

    assert [one.exemption for one in found] == [entries[0], None]
    assert [(use.exemption.line, use.findings) for use in exceptions.uses(found, entries)] == [
        (2, 1)
    ]
    assert problems(found, *entries) == ()


def test_there_may_be_no_exceptions(tmp_path: Path) -> None:
    assert exceptions.load(tmp_path / "exceptions.yaml") == ()


@pytest.mark.parametrize(
    ("path", "covers"),
    [
        (BUCKET, True),
        ("prod-edge/distribution/logs", False),
        ("edge/distribution/logs/Resource", False),
        ("prod-edge/*/logs/Resource", True),
        ("prod-edge/dist*/logs/Resource", True),
        ("prod-edge/*/Resource", False),
        ("*", False),
        ("**/logs/Resource", True),
        ("prod-edge/**", True),
        ("**", True),
        ("prod-edge/distribution/log./Resource", False),
    ],
)
def test_a_star_stays_in_a_segment_and_two_cross_them(path: str, *, covers: bool) -> None:
    assert (explained(finding(), exemption(path)) is not None) == covers


@pytest.mark.parametrize(
    ("path", "covers"),
    [
        ("prod-eu-west-1-tenants/*/Resource:Namespace/*", True),
        ("prod-eu-west-1-tenants/tenant-shop/Resource:*/shop", True),
        ("prod-eu-west-1-tenants/tenant-shop/Resource:*", False),
        ("prod-eu-west-1-tenants/tenant-shop/Resource", False),
        ("prod-eu-west-1-tenants/tenant-shop/*/shop", True),
        ("**:Namespace/shop", True),
        ("**:Role/shop", False),
    ],
)
def test_an_object_is_named_behind_its_release(path: str, *, covers: bool) -> None:
    shop = finding("prod-eu-west-1-tenants/tenant-shop/Resource:Namespace/shop")

    assert (explained(shop, exemption(path)) is not None) == covers


def test_an_exception_is_for_its_check_and_its_environments_alone() -> None:
    everywhere = replace(exemption("**"), environments=())

    assert explained(finding(check="CKV_AWS_21"), exemption("**")) is None
    assert explained(finding(environment="qa"), exemption("**", "prod", "dev")) is None
    assert explained(finding(environment="qa"), everywhere) == everywhere


def test_an_exception_holds_on_its_last_day_and_no_longer() -> None:
    last = replace(exemption(), expires=DAY)
    over = replace(exemption(), expires=DAY - timedelta(days=1))

    assert explained(finding(), last) == last
    assert problems([finding()], last) == ()
    assert explained(finding(), over) is None
    (problem,) = problems([finding()], over)
    assert problem.startswith(f"exceptions.yaml:2: CKV_AWS_18 at {BUCKET}: expired on 2026-11-20")


def test_an_expired_exception_leaves_its_finding_to_one_that_holds() -> None:
    over = replace(exemption(), expires=DAY - timedelta(days=1))
    later = replace(exemption(), line=9)

    assert explained(finding(), over, later) == later


def test_an_exception_may_end_a_year_ahead_at_most() -> None:
    longest = replace(exemption(), expires=DAY + LONGEST)
    longer = replace(exemption(), expires=DAY + LONGEST + timedelta(days=1))

    assert problems([finding()], longest) == ()
    (problem,) = problems([finding()], longer)
    assert "more than 366 days ahead" in problem


def test_of_two_exceptions_for_one_finding_the_second_is_to_go() -> None:
    first, second = exemption("prod-edge/**"), replace(exemption(), line=9)

    assert explained(finding(), first, second) == first
    assert problems([finding()], first, second) == (
        f"exceptions.yaml:9: CKV_AWS_18 at {BUCKET}: explains nothing; remove it",
    )


def test_an_exception_that_explains_nothing_is_to_go() -> None:
    assert problems([], exemption()) == (
        f"exceptions.yaml:2: CKV_AWS_18 at {BUCKET}: explains nothing; remove it",
    )


def test_an_environment_in_which_an_exception_explains_nothing_is_to_go() -> None:
    both = exemption("**", "prod", "qa")

    (problem,) = problems([finding()], both, looked_at=scope("prod", "qa"))

    assert problem.endswith("explains nothing in qa; take that out of environments")


@pytest.mark.parametrize("names", [("dev",), ("prod", "dev"), ()], ids=["other", "both", "all"])
def test_an_exception_is_not_unused_where_nobody_looked(names: tuple[str, ...]) -> None:
    entry = replace(exemption("**"), environments=names)
    found = [finding()] if "prod" in names else []

    assert problems(found, entry, looked_at=scope("prod")) == ()


def test_an_exception_for_all_environments_is_unused_when_all_were_looked_at() -> None:
    everywhere = replace(exemption("**"), environments=())

    assert problems([finding()], everywhere, looked_at=scope(*KNOWN)) == ()
    (problem,) = problems([], everywhere, looked_at=scope(*KNOWN))
    assert problem.endswith("explains nothing; remove it")


def test_an_expired_exception_of_another_environment_is_none_of_this_run() -> None:
    over = replace(exemption("**", "dev"), expires=DAY - timedelta(days=1))

    assert problems([], over, looked_at=scope("prod")) == ()


def test_an_exception_for_plans_is_judged_where_all_was_planned() -> None:
    entry = replace(exemption(), plan_only=True)

    assert problems([], entry, looked_at=scope("prod")) == ()
    (problem,) = problems([], entry, looked_at=scope("prod", planned=["prod"]))
    assert problem.endswith("explains nothing; remove it")


def test_an_unknown_environment_is_named_with_those_that_there_are() -> None:
    (problem,) = problems([finding()], exemption("**", "prod", "prd"))

    assert problem.endswith("there is no environment prd; known: dev, prod, qa")


def test_all_that_is_wrong_in_the_file_is_said_at_once_by_line(tmp_path: Path) -> None:
    lines = refused(
        tmp_path,
        "exceptions:\n"
        "  - check: CKV_AWS_18\n"
        "    path: '**'\n"
        "    environments: [prod]\n"
        "  - check: everything\n"
        "    path: ''\n"
        "    environments: prod\n"
        "    reason: because\n"
        "    owner: '  '\n"
        "    expires: never\n"
        "    until: 2027-01-01\n",
    )

    assert [line.partition(" ")[2].partition(": ")[0].partition(" = ")[0] for line in lines] == [
        *(f"exceptions[0].{name}" for name in ("reason", "owner", "expires")),
        *(
            f"exceptions[1].{name}"
            for name in ("check", "path", "environments", "reason", "owner", "expires", "until")
        ),
    ]
    assert [line.partition(" ")[0] for line in lines] == [
        *(["exceptions.yaml:2:"] * 3),
        *(f"exceptions.yaml:{number}:" for number in range(5, 12)),
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("CKV_AWS_18", "CKV_18", "check = 'CKV_18'"),
        ("A bucket of access logs does not log itself.", '"                      "', "reason = "),
        ("2027-05-01", "1809129600", "1809129600 is no day; write it as YYYY-MM-DD"),
        ("2027-05-01", "2027-02-30", "'2027-02-30' is no day; write it as YYYY-MM-DD"),
        ("[prod]", "[]", "names no environments; write `all`, or their names as a list"),
        ("[prod]", "prod", "'prod' names no environments"),
        ("    owner: platform\n", "", "owner: this setting is required; add it"),
        ("owner", "check: CKV_AWS_19\n    owner", "stands in line 2 and in line 6"),
        ("- check", "- [check", "is not YAML"),
        (VALID, "[]\n", "is no mapping of settings"),
        (VALID, "", "is no mapping of settings"),
    ],
)
def test_a_wrong_exception_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    (line,) = refused(tmp_path, VALID.replace(old, new, 1))

    assert line.startswith("exceptions.yaml:")
    assert said in line


def test_the_word_all_stands_for_every_environment(tmp_path: Path) -> None:
    (entry,) = exceptions.load(written(tmp_path, VALID.replace("[prod]", "all")))

    assert entry.environments == ()
    assert explained(finding(environment="qa"), replace(entry, path="**")) is not None


@pytest.mark.parametrize(
    ("path", "covered"),
    [
        ("prod-edge/{logs,pages}/bucket", True),
        ("prod-edge/{pages,other}/bucket", False),
        ("prod-edge/{l*gs}/bucket", False),
    ],
)
def test_braces_stand_for_one_of_their_texts(path: str, *, covered: bool) -> None:
    one = exemption(path)

    assert (explained(finding("prod-edge/logs/bucket"), one) is one) is covered


def test_what_explains_nothing_is_told_apart_from_what_is_wrong() -> None:
    idle = exemption("prod-edge/nothing")
    over = replace(exemption(), expires=DAY - timedelta(days=1))

    assert unused([finding()], idle, over) == problems([finding()], idle)
    assert unused([finding()], over) == ()
