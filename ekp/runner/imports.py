"""Import ids: how Terraform finds again what a killed run made.

The forms are those of the "Import" section of each resource's page at
https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs and
https://registry.terraform.io/providers/hashicorp/helm/latest/docs.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from string import Formatter
from typing import Any

Lookup = Callable[[str], str | None]


class Expression(str):
    """An import id that Terraform works out itself, from what it reads of other resources."""

    __slots__ = ()


# Where the import id is not the `id` of the state. The first form that can be filled is taken.
DIFFERENT: Mapping[str, tuple[str, ...]] = {
    "aws_cloudwatch_event_target": (
        "{event_bus_name}/{rule}/{target_id}",
        "{rule}/{target_id}",
    ),
    "aws_eks_pod_identity_association": ("{cluster_name},{id}",),
    "aws_iam_group_policy_attachment": ("{group}/{policy_arn}",),
    "aws_iam_role_policy_attachment": ("{role}/{policy_arn}",),
    "aws_iam_user_policy_attachment": ("{user}/{policy_arn}",),
    "aws_network_acl_rule": ("{network_acl_id}:{rule_number}:{protocol}:{egress}",),
    "aws_route": (
        "{route_table_id}_{destination_cidr_block}",
        "{route_table_id}_{destination_ipv6_cidr_block}",
        "{route_table_id}_{destination_prefix_list_id}",
    ),
    "aws_route_table_association": (
        "{subnet_id}/{route_table_id}",
        "{gateway_id}/{route_table_id}",
    ),
    "aws_vpc_dhcp_options_association": ("{vpc_id}",),
    "aws_vpc_endpoint_route_table_association": ("{vpc_endpoint_id}/{route_table_id}",),
    "aws_vpc_endpoint_subnet_association": ("{vpc_endpoint_id}/{subnet_id}",),
    "aws_wafv2_ip_set": ("{id}/{name}/{scope}",),
    "aws_wafv2_regex_pattern_set": ("{id}/{name}/{scope}",),
    "aws_wafv2_rule_group": ("{id}/{name}/{scope}",),
    "aws_wafv2_web_acl": ("{id}/{name}/{scope}",),
    "helm_release": ("{namespace}/{name}",),
}

# Where the plan alone gives the import id, so that a creation without an answer can be looked up.
PREDICTABLE: Mapping[str, tuple[str, ...]] = {
    "aws_athena_workgroup": ("{name}",),
    "aws_autoscaling_group": ("{name}",),
    "aws_cloudwatch_event_rule": ("{name}",),
    "aws_cloudwatch_log_group": ("{name}",),
    "aws_cur_report_definition": ("{report_name}",),
    "aws_ecr_repository": ("{name}",),
    "aws_eks_access_entry": ("{cluster_name}:{principal_arn}",),
    "aws_eks_access_policy_association": ("{cluster_name}#{principal_arn}#{policy_arn}",),
    "aws_eks_addon": ("{cluster_name}:{addon_name}",),
    "aws_eks_cluster": ("{name}",),
    # Two underscores lead into the first of a resource's blocks.
    "aws_eks_identity_provider_config": ("{cluster_name}:{oidc__identity_provider_config_name}",),
    "aws_eks_node_group": ("{cluster_name}:{node_group_name}",),
    "aws_iam_instance_profile": ("{name}",),
    "aws_iam_openid_connect_provider": ("{arn}",),
    "aws_iam_role": ("{name}",),
    "aws_iam_role_policy": ("{role}:{name}",),
    "aws_iam_user": ("{name}",),
    "aws_kms_alias": ("{name}",),
    "aws_route53_record": (
        "{zone_id}_{name}_{type}_{set_identifier}",
        "{zone_id}_{name}_{type}",
    ),
    "aws_s3_bucket": ("{bucket}",),
    "helm_release": ("{namespace}/{name}",),
}

# Creating these again changes nothing, and most of them cannot be imported.
REPEATABLE = frozenset(
    {
        "aws_acm_certificate_validation",
        "aws_default_network_acl",
        "aws_default_route_table",
        "aws_default_security_group",
        "aws_iam_policy_attachment",
        "aws_lb_target_group_attachment",
        "aws_main_route_table_association",
    }
)


def kind_of(address: str) -> str:
    """The resource type in an address."""
    return address.partition("[")[0].split(".")[-2]


def repeatable(address: str) -> bool:
    """Whether creating the resource again changes nothing."""
    return kind_of(address) in REPEATABLE


def finished(kind: str, id_: str, lookup: Lookup) -> str | None:
    """The import id of a resource that was created and answered with ``id_``."""
    if kind == "aws_security_group_rule":
        return _security_group_rule(lookup)
    forms = DIFFERENT.get(kind, ("{id}",))
    return _fill(forms, lambda name: id_ if name == "id" else lookup(name))


def begun(kind: str, lookup: Lookup) -> str | None:
    """The import id of a resource whose creation never answered, if its plan gives it away."""
    if kind == "aws_security_group_rule":
        return _security_group_rule(lookup)
    forms = DIFFERENT.get(kind, ()) + PREDICTABLE.get(kind, ())
    return _fill(forms, lambda name: None if name == "id" else lookup(name))


@dataclass(frozen=True)
class Known:
    """What is known of resources: planned values, references between them, ids that came back."""

    plan: Mapping[str, Any]
    created: Mapping[str, str]
    recorded: Mapping[str, Mapping[str, Any]]

    def planned(self, address: str) -> Mapping[str, Any]:
        """The planned values of a resource."""
        for change in self.plan.get("resource_changes", ()):
            if change["address"] == address:
                return change["change"].get("after") or {}
        return {}

    def attribute(self, address: str, name: str) -> str | None:
        """A value from the plan, else through the one resource that it refers to."""
        if name == "id":
            return self.created.get(address) or _text(self.recorded.get(address, {}).get("id"))
        value = _at(self.planned(address), name)
        if value is None:
            value = _at(self.recorded.get(address, {}), name)
        if value is not None:
            return _text(value)
        for reference in self._references(address, name):
            match = re.fullmatch(r"(\w+\.[\w-]+(?:\[[^\]]+\])?)\.(\w+)", reference)
            if match and match[1] != address:
                return self.attribute(match[1], match[2])
        return self._iam_arn(address) if name == "arn" else None

    def _iam_arn(self, address: str) -> str | None:
        """The ARN of a role or an identity provider that nobody told: its name in its account."""
        body = self.plan.get("configuration", {})
        provider = body.get("provider_config", {}).get(
            self._configured(address).get("provider_config_key"), {}
        )
        text = json.dumps(provider.get("expressions", {}).get("assume_role", []))
        account = re.search(r"arn:[a-z-]+:iam::\d{12}:", text)
        if not account:
            return None
        planned = self.planned(address)
        match kind_of(address):
            case "aws_iam_role" if planned.get("name"):
                return f"{account[0]}role{planned.get('path') or '/'}{planned['name']}"
            case "aws_iam_openid_connect_provider":
                return self._oidc_provider_arn(account[0], address)
        return None

    def _oidc_provider_arn(self, account: str, address: str) -> str | None:
        """Return the ARN that ends in the issuer, which a cluster tells once it is read."""
        if url := self.planned(address).get("url"):
            return f"{account}oidc-provider/{str(url).removeprefix('https://')}"
        issuer = next(iter(self._references(address, "url")), None)
        if issuer is None:
            return None
        return Expression(f'{account}oidc-provider/${{trimprefix({issuer}, "https://")}}')

    def _references(self, address: str, name: str) -> Sequence[str]:
        found = self._configured(address).get("expressions", {}).get(name, {})
        return found.get("references", ()) if isinstance(found, dict) else ()

    def _configured(self, address: str) -> Mapping[str, Any]:
        """What the configuration says of a resource."""
        module = self.plan.get("configuration", {}).get("root_module", {})
        for resource in module.get("resources", ()):
            if resource["address"] == address.partition("[")[0]:
                return dict(resource)
        return {}


def _at(values: Mapping[str, Any], name: str) -> Any:
    """Return a value, or with two underscores in its name one in the first of a block's."""
    block, _, inside = name.partition("__")
    found = values.get(block)
    if not inside:
        return found
    return found[0].get(inside) if isinstance(found, list) and found else None


def _fill(forms: Sequence[str], lookup: Lookup) -> str | None:
    for form in forms:
        names = [name for _text, name, _spec, _conversion in Formatter().parse(form) if name]
        values = {name: lookup(name) for name in names}
        if all(values.values()):
            computed = any(isinstance(value, Expression) for value in values.values())
            return (Expression if computed else str)(form.format_map(values))
    return None


def _security_group_rule(lookup: Lookup) -> str | None:
    # The list of blocks arrives as JSON text; a rule with several sources names them all.
    sources = [
        part
        for name in ("cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids")
        for part in re.findall(r'"([^"]+)"', lookup(name) or "")
    ]
    group = lookup("source_security_group_id")
    sources += [group] if group else []
    sources = ["self", *sources] if lookup("self") == "true" else sources
    head = _fill(("{security_group_id}_{type}_{protocol}_{from_port}_{to_port}",), lookup)
    if not sources or head is None:
        return None
    return "_".join([head.replace("_-1_", "_all_"), *sources])


def _text(value: object) -> str | None:
    match value:
        case None | "":
            return None
        case bool():
            return str(value).lower()
        case str() | int() | float():
            return str(value)
        case list():
            return "[" + ", ".join(f'"{part}"' for part in value) + "]"
    return None
