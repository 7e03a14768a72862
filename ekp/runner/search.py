"""Search: what a killed run may have made without hearing of it, found by its tags."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from . import diagnostics, files, imports, terraform
from .errors import RunnerError
from .losses import Losses
from .run import Run
from .stacks import Stack

# Terraform's type -> the tagging API's. Each ARN ends with the id that Terraform imports by.
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
KINDS: Mapping[str, str] = {
    "aws_eip": "ec2:elastic-ip",
    "aws_flow_log": "ec2:vpc-flow-log",
    "aws_internet_gateway": "ec2:internet-gateway",
    "aws_kms_key": "kms:key",
    "aws_launch_template": "ec2:launch-template",
    "aws_nat_gateway": "ec2:natgateway",
    "aws_network_acl": "ec2:network-acl",
    "aws_route_table": "ec2:route-table",
    "aws_security_group": "ec2:security-group",
    "aws_subnet": "ec2:subnet",
    "aws_vpc": "ec2:vpc",
    "aws_vpc_endpoint": "ec2:vpc-endpoint",
    "aws_vpc_security_group_egress_rule": "ec2:security-group-rule",
    "aws_vpc_security_group_ingress_rule": "ec2:security-group-rule",
}
SOURCE = "aws_resourcegroupstaggingapi_resources"


def by_tags(run: Run, stack: Stack, lost: Losses) -> dict[str, str]:
    """Address -> id of each begun creation that one object, and no other, has the tags of.

    Terraform asks, with the stack's own provider and role (``tag:GetResources``); it changes
    nothing. Where it may not ask, nothing is found and the reporter is told.
    """
    unknown = [address for address in lost.begun if address not in lost.wanted()]
    tags = {address: lost.known.planned(address).get("tags_all") or {} for address in unknown}
    asked = [a for a in unknown if imports.kind_of(a) in KINDS and "Name" in tags[a]]
    if not asked:
        return {}
    run.reporter.step(stack.id, "searches by tags")
    try:
        answers = _ask(run, stack, [_source(KINDS[imports.kind_of(a)], tags[a]) for a in asked])
    except RunnerError as error:
        run.reporter.say(f"{stack.id}: the search by tags failed: {error.message}")
        return {}
    found = dict(zip(asked, answers, strict=True))
    # An address is one object; two with the same tags cannot be told apart.
    return {a: arns[0].rsplit("/", 1)[-1] for a, arns in found.items() if len(arns) == 1}


def _ask(run: Run, stack: Stack, sources: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    folder = files.make_folder(run.target.copy_of(stack).run / "search")
    settings = stack.configuration.get("terraform", {})
    configuration = {
        "terraform": {"required_providers": settings.get("required_providers", {})},
        "provider": stack.configuration.get("provider", {}),
        "data": {SOURCE: {f"s{at}": source for at, source in enumerate(sources)}},
        "output": {
            f"s{at}": {
                "value": f"${{data.{SOURCE}.s{at}.resource_tag_mapping_list[*].resource_arn}}"
            }
            for at in range(len(sources))
        },
    }
    files.write_json(folder / "cdk.tf.json", configuration)
    run.initialise(stack, folder, folder, configuration["terraform"])
    planned = run.read(folder, "plan", input=False, out=str(folder / "plan.tfplan"))
    if planned.code != 0:
        raise diagnostics.plain(stack, "plan", planned.err)
    shown = run.read(folder, "show", str(folder / "plan.tfplan"), json=terraform.FLAG)
    if shown.code != 0:
        raise diagnostics.plain(stack, "show", shown.err)
    values = json.loads(shown.out)["planned_values"]["outputs"]
    return [values[f"s{at}"].get("value") or [] for at in range(len(sources))]


def _source(kind: str, tags: Mapping[str, str]) -> dict[str, Any]:
    return {
        "resource_type_filters": [kind],
        "tag_filter": [{"key": key, "values": [value]} for key, value in sorted(tags.items())],
    }
