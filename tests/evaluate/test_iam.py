"""Policies are judged as IAM's documentation says.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from ekp.evaluate.iam.policies import Policy, may
from ekp.evaluate.iam.terraform import Role, roles_of, token
from ekp.evaluate.iam.trust import Caller, aws_service, may_assume, pod, role, web_identity
from ekp.evaluate.request import Unsupported

DATA = "arn:aws:s3:::data"
ACCOUNT = "333333333333"


def statement(**elements: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{DATA}/*"} | elements


def policy(*statements: Mapping[str, Any], name: str = "policy") -> Policy:
    return Policy.of({"Version": "2012-10-17", "Statement": list(statements)}, name)


def asked(
    *statements: Mapping[str, Any],
    action: str = "s3:GetObject",
    resource: str = f"{DATA}/a",
    boundary: Policy | None = None,
    **context: Any,
) -> bool:
    known = {key.replace("__", ":"): value for key, value in context.items()}
    return may([policy(*statements)], boundary, action, resource, known).allowed


def when(operator: str, value: Any, key: str = "aws:ResourceAccount") -> dict[str, Any]:
    return statement(Condition={operator: {key: value}})


def test_what_nothing_allows_is_denied() -> None:
    found = may([policy(statement())], None, "s3:PutObject", f"{DATA}/a")

    assert (found.allowed, found.status, found.by) == (False, 403, "no policy")
    assert not may([], None, "s3:GetObject", f"{DATA}/a").allowed


@pytest.mark.parametrize(
    ("actions", "action", "allowed"),
    [
        ("s3:GetObject", "s3:GetObject", True),
        ("s3:GetObject", "s3:getobject", True),
        ("s3:GetObject", "s3:GetObjectTagging", False),
        ("s3:GetObject*", "s3:GetObjectTagging", True),
        ("s3:*Object", "s3:PutObject", True),
        ("s3:?etObject", "s3:GetObject", True),
        ("s3:?etObject", "s3:ResetObject", False),
        (["sqs:SendMessage", "s3:GetObject"], "s3:GetObject", True),
        ("*", "iam:PassRole", True),
        # A dot is a dot.
        ("s3.GetObject", "s3:GetObject", False),
        ("s3.Get*", "s3:GetObject", False),
    ],
)
def test_actions_are_matched_whatever_their_case(
    actions: Any, action: str, *, allowed: bool
) -> None:
    assert asked(statement(Action=actions), action=action) is allowed


@pytest.mark.parametrize(
    ("pattern", "resource", "allowed"),
    [
        (f"{DATA}/*", f"{DATA}/a/b", True),
        (f"{DATA}/*", "arn:aws:s3:::data-2/a", False),
        (f"{DATA}*", "arn:aws:s3:::data-2/a", True),
        (f"{DATA}/a/*", f"{DATA}/ab/c", False),
        (f"{DATA}/a/*", f"{DATA}/A/c", False),
        (f"{DATA}/a/*", f"{DATA}/a/", True),
        (f"{DATA}/?", f"{DATA}/ab", False),
        ("arn:aws:sqs:*:*:ekp-*", "arn:aws:sqs:eu-west-1:333333333333:ekp-prod", True),
        ("arn:aws:sqs:*:*:ekp-*", "arn:aws:sqs:eu-west-1:333333333333:shop", False),
        (["arn:aws:s3:::x", f"{DATA}/a"], f"{DATA}/a", True),
        ("*", f"{DATA}/a", True),
    ],
)
def test_resources_are_matched_to_the_letter(pattern: Any, resource: str, *, allowed: bool) -> None:
    assert asked(statement(Resource=pattern), resource=resource) is allowed


def test_what_is_excepted_is_all_else() -> None:
    but_iam = {"Effect": "Allow", "NotAction": "iam:*", "NotResource": f"{DATA}/secret/*"}

    assert asked(but_iam)
    assert not asked(but_iam, action="iam:PassRole")
    assert not asked(but_iam, resource=f"{DATA}/secret/a")


def test_a_denial_wins_wherever_it_stands() -> None:
    denial = policy(statement(Effect="Deny", Sid="Closed", Resource=f"{DATA}/a"), name="second")
    first = policy(statement(), name="first")

    found = may([first, denial], None, "s3:GetObject", f"{DATA}/a")

    assert (found.allowed, found.by) == (False, "second [0] Closed")
    assert not may([denial, first], None, "s3:GetObject", f"{DATA}/a").allowed
    assert may([first, denial], None, "s3:GetObject", f"{DATA}/b").allowed


def test_a_denial_wins_in_its_own_policy_before_and_after_what_allows() -> None:
    denial = statement(Effect="Deny")

    assert not asked(denial, statement())
    assert not asked(statement(), denial)


def test_a_denial_whose_conditions_do_not_hold_denies_nothing() -> None:
    denial = {**when("StringEquals", "1"), "Effect": "Deny"}

    assert asked(statement(), denial, aws__ResourceAccount="2")
    assert not asked(statement(), denial, aws__ResourceAccount="1")


def test_a_boundary_caps_and_allows_nothing_by_itself() -> None:
    boundary = policy(statement(Action="s3:*"), name="boundary")
    wide = statement(Action="*", Resource="*")

    assert asked(wide, boundary=boundary)
    assert not asked(wide, action="iam:CreateUser", resource="*", boundary=boundary)
    assert not asked(action="s3:GetObject", boundary=boundary)
    capped = may([policy(wide)], boundary, "iam:CreateUser", "*")
    assert capped.by == "boundary"


def test_a_boundary_that_denies_wins() -> None:
    boundary = policy(
        statement(Action="*", Resource="*"), statement(Effect="Deny"), name="boundary"
    )

    assert not asked(statement(), boundary=boundary)


@pytest.mark.parametrize(
    ("operator", "value", "present", "allowed"),
    [
        ("StringEquals", "a", "a", True),
        ("StringEquals", "a", "A", False),
        ("StringEquals", ["b", "a"], "a", True),
        ("StringEquals", "a*", "ab", False),
        ("StringEquals", "a", None, False),
        ("StringEqualsIfExists", "a", None, True),
        ("StringEqualsIfExists", "a", "b", False),
        ("StringNotEquals", "a", "b", True),
        ("StringNotEquals", ["a", "b"], "b", False),
        ("StringNotEquals", "a", None, True),
        ("StringEqualsIgnoreCase", "A", "a", True),
        ("StringNotEqualsIgnoreCase", "A", "a", False),
        ("StringLike", "a/*", "a/", True),
        ("StringLike", "a/*", "ab/", False),
        ("StringNotLike", "a/*", "a/b", False),
        ("ArnEquals", "arn:aws:iam::1:role/x", "arn:aws:iam::1:role/x", True),
        ("ArnLike", "arn:aws:iam::*:role/x-*", "arn:aws:iam::1:role/x-y", True),
        # Each part by itself: a wildcard of the account is no region.
        ("ArnLike", "arn:aws:iam::*:role/x", "arn:aws:iam::1:2:role/x", False),
        ("ArnNotEquals", "arn:aws:iam::1:role/x", "arn:aws:iam::1:role/y", True),
        ("ArnNotLike", "arn:aws:iam::1:role/*", "arn:aws:iam::1:role/y", False),
        ("Bool", "true", "TRUE", True),
        ("Bool", True, "false", False),
        ("Null", "true", None, True),
        ("Null", "true", "a", False),
        ("Null", "false", "a", True),
        ("ForAnyValue:StringEquals", ["a"], ("a", "b"), True),
        ("ForAnyValue:StringEquals", ["a"], None, False),
        ("ForAllValues:StringEquals", ["a"], ("a", "b"), False),
        ("ForAllValues:StringEquals", ["a", "b"], ("a", "b"), True),
        ("ForAllValues:StringEquals", ["a"], None, True),
        ("ForAnyValue:StringNotEquals", ["a"], ("a", "b"), True),
    ],
)
def test_a_condition_holds_as_its_operator_says(
    operator: str, value: Any, present: Any, *, allowed: bool
) -> None:
    context = {} if present is None else {"aws:resourceaccount": present}

    found = may([policy(when(operator, value))], None, "s3:GetObject", f"{DATA}/a", context)

    assert found.allowed is allowed


def test_all_conditions_of_a_statement_have_to_hold() -> None:
    both = statement(
        Condition={"StringEquals": {"a:One": "1", "a:Two": "2"}, "StringLike": {"a:Three": "*"}}
    )
    holds = {"a:One": "1", "a:Two": "2", "a:Three": "3"}
    without = [{key: value for key, value in holds.items() if key != gone} for gone in holds]

    def allowed(context: Mapping[str, str]) -> bool:
        return may([policy(both)], None, "s3:GetObject", f"{DATA}/a", context).allowed

    assert allowed(holds)
    assert [allowed(one) for one in without] == [False, False, False]


@pytest.mark.parametrize(
    ("written", "where"),
    [
        (statement(NotPrincipal="*"), "NotPrincipal"),
        (statement(Effect="Perhaps"), "Effect"),
        ({"Effect": "Allow", "Resource": "*"}, "Action"),
        (statement(NotAction="a"), "Action"),
        (statement(Resource=DATA + "/${aws:username}"), "Resource"),
        (when("StringEquals", "${aws:PrincipalTag/team}"), "Condition"),
        (when("IpAddress", "10.0.0.0/8"), "Condition.IpAddress"),
        (when("ArnLike", "role/x"), "Condition.ArnLike"),
        (when("Null", "perhaps"), "Condition.Null"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(written: Any, where: str) -> None:
    with pytest.raises(Unsupported, match=where):
        policy(written)


def test_what_cannot_be_judged_is_not_guessed() -> None:
    with pytest.raises(Unsupported, match="2 values"):
        asked(when("StringEquals", "a"), aws__ResourceAccount=("a", "b"))
    with pytest.raises(Unsupported, match="Resource: is missing"):
        asked({"Effect": "Allow", "Action": "s3:GetObject"})
    with pytest.raises(Unsupported, match="2008-10-17"):
        Policy.of({"Version": "2008-10-17", "Statement": []})


def trust(principal: Any, *actions: str, **condition: Any) -> Policy:
    return policy(
        {
            "Effect": "Allow",
            "Principal": principal,
            "Action": list(actions) or ["sts:AssumeRole"],
            **({"Condition": condition} if condition else {}),
        }
    )


@pytest.mark.parametrize(
    ("principal", "caller", "allowed"),
    [
        ({"Service": "ec2.amazonaws.com"}, aws_service("ec2.amazonaws.com"), True),
        ({"Service": ["a.amazonaws.com", "b.amazonaws.com"]}, aws_service("b.amazonaws.com"), True),
        ({"Service": "ec2.amazonaws.com"}, aws_service("eks.amazonaws.com"), False),
        (
            {"AWS": f"arn:aws:iam::{ACCOUNT}:role/hub"},
            role(f"arn:aws:iam::{ACCOUNT}:role/hub"),
            True,
        ),
        (
            {"AWS": f"arn:aws:iam::{ACCOUNT}:role/hub"},
            role(f"arn:aws:iam::{ACCOUNT}:role/b"),
            False,
        ),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, role(f"arn:aws:iam::{ACCOUNT}:role/b"), True),
        ({"AWS": ACCOUNT}, role(f"arn:aws:iam::{ACCOUNT}:role/b"), True),
        ({"AWS": ACCOUNT}, role("arn:aws:iam::111111111111:role/b"), False),
        ({"AWS": "*"}, role("arn:aws:iam::111111111111:role/b"), True),
        ("*", role("arn:aws:iam::111111111111:role/b"), True),
        ({"Service": "ec2.amazonaws.com"}, Caller(kind="AWS", name="ec2.amazonaws.com"), False),
    ],
)
def test_a_trust_policy_names_its_principals(
    principal: Any, caller: Caller, *, allowed: bool
) -> None:
    assert may_assume(trust(principal), caller).allowed is allowed


def test_a_role_of_another_account_is_known_by_its_arn() -> None:
    hub = f"arn:aws:iam::{ACCOUNT}:role/hub"
    found = trust({"AWS": ACCOUNT}, ArnEquals={"aws:PrincipalArn": hub})

    assert may_assume(found, role(hub)).allowed
    assert not may_assume(found, role(f"{hub}-2")).allowed


def test_a_service_acts_for_the_account_that_is_named() -> None:
    found = trust({"Service": "s.amazonaws.com"}, StringEquals={"aws:SourceAccount": ACCOUNT})

    assert may_assume(found, aws_service("s.amazonaws.com", source_account=ACCOUNT)).allowed
    assert not may_assume(found, aws_service("s.amazonaws.com", source_account="1")).allowed
    assert not may_assume(found, aws_service("s.amazonaws.com")).allowed


def test_pod_identity_has_to_be_let_tag_its_sessions() -> None:
    eks = {"Service": "pods.eks.amazonaws.com"}
    caller = pod(cluster_arn="arn:c/prod", namespace="shop", service_account="cart")

    assert may_assume(trust(eks, "sts:AssumeRole", "sts:TagSession"), caller).allowed
    assert not may_assume(trust(eks, "sts:AssumeRole"), caller).allowed
    named = trust(eks, "sts:*", StringEquals={"aws:RequestTag/eks-cluster-name": "prod"})
    assert may_assume(named, caller).allowed


def test_a_token_of_an_oidc_provider_has_its_subject_and_audience() -> None:
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/issuer.example/id/1"
    cart = "system:serviceaccount:shop:cart"
    found = trust(
        {"Federated": provider},
        "sts:AssumeRoleWithWebIdentity",
        StringEquals={"issuer.example/id/1:sub": cart, "issuer.example/id/1:aud": "sts"},
    )

    def ask(subject: str, audience: str, provider_arn: str = provider) -> bool:
        caller = web_identity(
            provider_arn=provider_arn,
            issuer_host="issuer.example/id/1",
            subject=subject,
            audience=audience,
        )
        return may_assume(found, caller).allowed

    assert ask(cart, "sts")
    assert not ask(f"{cart}-2", "sts")
    assert not ask(cart, "other")
    assert not ask(cart, "sts", f"{provider}0")


def test_a_trust_policy_that_denies_wins() -> None:
    denial = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}
    allowed = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}

    assert not may_assume(policy(allowed, denial), role(f"arn:aws:iam::{ACCOUNT}:role/b")).allowed


def test_a_part_of_a_principal_is_not_understood() -> None:
    with pytest.raises(Unsupported, match="no part of a name"):
        may_assume(trust({"AWS": "arn:aws:iam::1:role/*"}), role("arn:aws:iam::1:role/b"))
    with pytest.raises(Unsupported, match="CanonicalUser"):
        may_assume(trust({"CanonicalUser": "a"}), role("arn:aws:iam::1:role/b"))


AWS_MANAGED = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def stack(bound: str | None = None, *attached: str, **more: Any) -> Mapping[str, Any]:
    def text(*statements: Mapping[str, Any]) -> str:
        return json.dumps({"Version": "2012-10-17", "Statement": statements})

    # Terraform's JSON leaves quotes of an expression as they are.
    key = '${replace(aws_kms_key.one.arn, "a", "b")}'
    trusted = text({"Effect": "Allow", "Principal": {"Service": "s"}, "Action": "sts:AssumeRole"})
    reader = {"name": "reader", "assume_role_policy": trusted}
    return {
        "resource": {
            "aws_iam_role": {
                "reader_1": {**reader, **({"permissions_boundary": bound} if bound else {})},
                "other_2": {"name": "other", "assume_role_policy": trusted},
            },
            "aws_iam_role_policy": {
                "p": {
                    "role": "${aws_iam_role.reader_1.name}",
                    "policy": text(
                        statement(),
                        statement(Action="kms:Decrypt", Resource="KEY"),
                    ).replace("KEY", key),
                }
            },
            "aws_iam_policy": {
                "cap": {"name": "cap", "policy": text(statement(Action="s3:*", Resource="*"))}
            },
            "aws_iam_role_policy_attachment": {
                f"a{number}": {"role": "${aws_iam_role.other_2.name}", "policy_arn": arn}
                for number, arn in enumerate(attached)
            },
            **more,
        }
    }


def reader(bound: str | None = None) -> Role:
    return roles_of(stack(bound))["reader"]


def test_a_role_has_the_policies_that_name_it() -> None:
    roles = roles_of(stack())

    assert set(roles) == {"reader", "other"}
    assert roles["reader"].address == "aws_iam_role.reader_1"
    assert roles["reader"].may("s3:GetObject", f"{DATA}/a").allowed
    assert not roles["other"].may("s3:GetObject", f"{DATA}/a").allowed
    assert may_assume(roles["other"].trust, aws_service("s")).allowed


def test_what_terraform_fills_in_is_compared_to_the_letter() -> None:
    key = token("replace(aws_kms_key.one.arn, 'a', 'b')")

    assert reader().may("kms:Decrypt", key).allowed
    assert not reader().may("kms:Decrypt", token("aws_kms_key.two.arn")).allowed


def test_a_boundary_of_the_stack_is_read() -> None:
    bounded = reader("${aws_iam_policy.cap.arn}")

    assert bounded.boundary_arn == "${aws_iam_policy.cap.arn}"
    assert bounded.may("s3:GetObject", f"{DATA}/a").allowed
    key = token("replace(aws_kms_key.one.arn, 'a', 'b')")
    assert bounded.may("kms:Decrypt", key).by == "cap"


def test_a_boundary_from_elsewhere_is_given_or_asked_for() -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:policy/org"
    with pytest.raises(Unsupported, match="policy/org: the document was not given"):
        reader(arn).may("s3:GetObject", f"{DATA}/a")
    # No boundary allows what the role's own policies do not.
    assert not reader(arn).may("s3:PutObject", f"{DATA}/a").allowed

    document = {"Version": "2012-10-17", "Statement": [statement()]}
    found = roles_of(stack(arn), {arn: document})["reader"]

    assert found.may("s3:GetObject", f"{DATA}/a").allowed


def test_a_managed_policy_is_of_the_stack_or_given() -> None:
    own = roles_of(stack(None, "${aws_iam_policy.cap.arn}"))["other"]
    assert own.may("s3:PutObject", f"{DATA}/a").allowed

    with pytest.raises(Unsupported, match="ReadOnlyAccess"):
        roles_of(stack(None, AWS_MANAGED))["other"].may("s3:GetObject", f"{DATA}/a")


@pytest.mark.parametrize(
    "more",
    [
        {"aws_iam_policy_attachment": {}},
        {"aws_iam_role": {"r": {"name": "r", "assume_role_policy": "{}", "inline_policy": []}}},
        {"aws_iam_role": {"r": {"name": "r", "assume_role_policy": "${data.x.json}"}}},
        {"aws_iam_role": {"r": {"name": "r", "assume_role_policy": "[]"}}},
    ],
)
def test_a_role_whose_policies_are_not_all_seen_is_refused(more: Any) -> None:
    with pytest.raises(Unsupported):
        roles_of(stack(**more))


def test_a_policy_variable_is_no_expression_of_terraform() -> None:
    text = '{"Version": "2012-10-17", "Statement": []}'
    variable = json.dumps(
        {"Version": "2012-10-17", "Statement": [statement(Resource=DATA + "/$${aws:username}/*")]}
    )
    roles = {"r": {"name": "r", "assume_role_policy": text}}
    inline = {"p": {"role": "${aws_iam_role.r.name}", "policy": variable}}

    with pytest.raises(Unsupported, match="policy variable"):
        roles_of({"resource": {"aws_iam_role": roles, "aws_iam_role_policy": inline}})
