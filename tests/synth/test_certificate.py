"""Certificates cover every host users may ask for, and are issued before anyone uses them."""

from modules.aws.certificate import Certificate
from modules.core.context import Context
from modules.core.wildcards import covers

import pytest
from cdktf import Precondition, TerraformOutput, TerraformStack

from tests.support.edge_settings import edge_context, hosts
from tests.support.synth import Synth, ref


def test_it_covers_the_domain_any_tenant_s_host_and_the_origin(
    stack: TerraformStack, ctx: Context
) -> None:
    Certificate(stack, "certificate", ctx=ctx, hosts=hosts())
    certificate = Synth(stack).one("aws_acm_certificate")
    names = [certificate["domain_name"], *certificate["subject_alternative_names"]]

    for host in ("prod.ekp.example", "tenant.prod.ekp.example", "origin.prod.ekp.example"):
        assert any(covers(name, host) for name in names), host


@pytest.mark.parametrize("prove_in", ["Z1", None])
def test_whoever_uses_it_waits_until_it_is_issued(
    stack: TerraformStack, ctx: Context, prove_in: str | None
) -> None:
    made = Certificate(stack, "certificate", ctx=ctx, hosts=hosts(), prove_in=prove_in)
    TerraformOutput(stack, "arn", value=made.outputs.arn)
    plan = Synth(stack)
    issued = plan.address("aws_acm_certificate_validation", "certificate/issued")

    assert plan.outputs["arn"] == ref(issued, "certificate_arn")


def test_the_edge_writes_the_one_record_that_proves_the_domain_to_every_region(
    stack: TerraformStack, other_stack: TerraformStack, ctx: Context
) -> None:
    Certificate(stack, "certificate", ctx=edge_context(), hosts=hosts(), prove_in="Z1")
    Certificate(other_stack, "certificate", ctx=ctx, hosts=hosts())

    edge, region = Synth(stack), Synth(other_stack)
    proof = edge.one("aws_route53_record")
    assert "domain_validation_options" in proof["name"]
    assert edge.one("aws_acm_certificate_validation")["depends_on"] == [
        edge.address("aws_route53_record", "certificate/proof")
    ]
    assert region.all("aws_route53_record") == {}


def test_a_new_one_is_there_before_the_old_one_goes(stack: TerraformStack, ctx: Context) -> None:
    Certificate(stack, "certificate", ctx=ctx, hosts=hosts())

    lifecycle = Synth(stack).one("aws_acm_certificate")["lifecycle"]
    assert lifecycle == {"create_before_destroy": True}


def test_what_must_hold_first_is_asked_of_the_certificate(
    stack: TerraformStack, ctx: Context
) -> None:
    first = Precondition(condition="${1 == 2}", error_message="Not yet.")
    Certificate(stack, "certificate", ctx=ctx, hosts=hosts(), preconditions=[first])

    lifecycle = Synth(stack).one("aws_acm_certificate")["lifecycle"]
    assert lifecycle["precondition"] == [{"condition": "${1 == 2}", "error_message": "Not yet."}]
