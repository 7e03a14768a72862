"""A region's own: its network, its cluster, its load balancer and where that leads."""

from collections.abc import Iterator, Mapping, Sequence

from ekp.charts import releases
from ekp.charts.releases import Release
from ekp.configured.reading import Reader, Resource, of_kind, resources
from ekp.evaluate.blocks import entries
from ekp.gate.reports.wording import number
from ekp.runner.stacks import Stack

from .front import balancer_name, shield
from .picture import Edge, Flow, Kind, Node, Row

PURCHASES = {"ON_DEMAND": "on demand", "SPOT": "spot"}
TITLES = {"gateway": "Istio gateway", "nginx-ingress": "NGINX shard"}
"""Of charts that requests come in by, whose own names say too little."""


def network(stack: Stack) -> tuple[Node, ...]:
    """Return the VPC with its zones and ways out."""
    subnets = resources(stack, "aws_subnet")
    zones = sorted({str(one.body.get("availability_zone_id")) for one in subnets})
    gateways = resources(stack, "aws_nat_gateway")
    endpoints = resources(stack, "aws_vpc_endpoint")
    parts = (
        number(len(subnets), "subnet"),
        number(len(gateways), "NAT gateway"),
        number(len(endpoints), "VPC endpoint"),
    )
    lines = (f"{number(len(zones), 'zone')}: {', '.join(zones)}", ", ".join(parts))
    return tuple(
        Node(f"{stack.region} VPC", Kind.NETWORK, f"VPC {vpc.body['cidr_block']}", lines)
        for vpc in resources(stack, "aws_vpc")
    )


def cluster(stack: Stack) -> tuple[Node, ...]:
    """Return the EKS cluster with its node groups."""
    addons = len(resources(stack, "aws_eks_addon"))
    groups = tuple(_group(one) for one in resources(stack, "aws_eks_node_group"))
    return tuple(
        Node(
            cluster_name(stack),
            Kind.CLUSTER,
            f"EKS {one.body['version']}",
            (str(one.body["name"]), f"{_endpoint(one)}, {number(addons, 'EKS add-on')}"),
            groups,
        )
        for one in resources(stack, "aws_eks_cluster")
    )


def cluster_name(stack: Stack) -> str:
    """Return the name of a cluster's node."""
    return f"{stack.region} EKS"


def _endpoint(found: Resource) -> str:
    public = entries(found.body.get("vpc_config"))[0].get("endpoint_public_access", True)
    return "public API" if public else "private API"


def _group(found: Resource) -> Row:
    body = found.body
    name = found.stack.construct_path(found.address).split("/")[1].removeprefix("nodes-")
    size = entries(body["scaling_config"])[0]
    types = [str(one) for one in body["instance_types"]]
    more = f" or {len(types) - 1} more" if len(types) > 1 else ""
    purchase = PURCHASES.get(str(body.get("capacity_type")), "")
    return Row(
        f"nodes {name}",
        (f"{size['min_size']} to {size['max_size']} {types[0]}{more}, {purchase}".rstrip(", "),),
    )


def ingress(reader: Reader, stack: Stack) -> tuple[Node, ...]:
    """Return the load balancers, with the web ACLs before them."""
    acls = {
        found.key: reader.referred(stack, one.body["web_acl_arn"])
        for one in resources(stack, "aws_wafv2_web_acl_association")
        if (found := reader.referred(stack, one.body["resource_arn"]))
    }
    return tuple(
        Node(
            balancer_name(one),
            Kind.WAY_IN,
            "Load balancer",
            (str(one.body["name"]), *_listeners(reader, one)),
            shield(acls.get(one.key)),
        )
        for one in resources(stack, "aws_lb")
    )


def _listeners(reader: Reader, balancer: Resource) -> Iterator[str]:
    for one in resources(balancer.stack, "aws_lb_listener"):
        found = reader.referred(balancer.stack, one.body["load_balancer_arn"])
        if found is not None and found.key == balancer.key:
            answer = entries(one.body["default_action"])[0].get("fixed_response", {})
            code = answer.get("status_code")
            rest = f", other requests get {code}" if code else ""
            yield f"{one.body['protocol']} {one.body['port']}{rest}"


def entrances(
    reader: Reader, chosen: Sequence[Stack]
) -> Mapping[str, tuple[tuple[Release, Node], ...]]:
    """Return the releases that load balancers send requests to, with their nodes, by stack."""
    found: dict[str, tuple[tuple[Release, Node], ...]] = {}
    bound = {(region, *service) for region, _, service in _bindings(reader, chosen)}
    for stack in chosen:
        here = [
            (release, _entrance(stack, release))
            for release in releases.of([stack])
            if any(_serves(release, stack.region, one) for one in bound)
        ]
        if here:
            found[stack.id] = tuple(here)
    return found


def _entrance(stack: Stack, release: Release) -> Node:
    pods = _pods(release.values)
    selected = _first(release.values, "nodeSelector") or {}
    nodes = [f"on nodes {value}" for value in selected.values()]
    return Node(
        f"{stack.region} {release.name}",
        Kind.PLATFORM,
        TITLES.get(release.chart, release.chart),
        (release.name, *([pods] if pods else []), *nodes),
    )


def _pods(values: Mapping[str, object]) -> str:
    scaling = _first(values, "autoscaling") or {}
    if scaling.get("enabled") and "minReplicas" in scaling:
        return f"{scaling['minReplicas']} to {scaling['maxReplicas']} pods"
    return ""


def _first(values: Mapping[str, object], key: str) -> Mapping[str, object] | None:
    """Return the mapping below a key, wherever a chart keeps it."""
    own = values.get(key)
    if isinstance(own, Mapping):
        return own
    below = (one for one in values.values() if isinstance(one, Mapping))
    return next((found for one in below if (found := _first(one, key))), None)


def to_entrances(
    reader: Reader,
    chosen: Sequence[Stack],
    found: Mapping[str, Sequence[tuple[Release, Node]]],
) -> Iterator[Edge]:
    """Yield the ways from load balancers to gateway and shards, with the hosts that take them."""
    regions = {stack.id: stack.region for stack in chosen}
    nodes = [(regions[id_], *one) for id_, several in found.items() for one in several]
    for stack in chosen:
        hosts = _hosts(reader, stack)
        for region, group, service in _bindings(reader, chosen):
            if group.stack.id != stack.id:
                continue
            for place, release, node in nodes:
                if place == region and _serves(release, region, (region, *service)):
                    for balancer, names in hosts.get(group.key, {}).items():
                        yield Edge(balancer, node.name, Flow.REQUEST, "\n".join(names))


def _bindings(
    reader: Reader, chosen: Sequence[Stack]
) -> Iterator[tuple[str, Resource, tuple[str, str]]]:
    """Yield region, target group, and namespace and name of the Service that it sends to."""
    for stack in chosen:
        for one in of_kind(reader.objects(stack), "TargetGroupBinding"):
            group = reader.referred(stack, one["spec"]["targetGroupARN"])
            if group is not None:
                service = one["spec"]["serviceRef"]["name"]
                yield stack.region, group, (one["metadata"]["namespace"], service)


def _serves(release: Release, region: str, service: tuple[str, str, str]) -> bool:
    place, namespace, name = service
    own = name == release.name or name.startswith(f"{release.name}-")
    return own and (place, namespace) == (region, release.namespace)


def _hosts(reader: Reader, stack: Stack) -> Mapping[tuple[str, str], Mapping[str, list[str]]]:
    """Return which hosts lead to a target group: by group, then by load balancer."""
    found: dict[tuple[str, str], dict[str, list[str]]] = {}
    for rule in resources(stack, "aws_lb_listener_rule"):
        listener = reader.referred(stack, rule.body["listener_arn"])
        balancer = listener and reader.referred(stack, listener.body["load_balancer_arn"])
        for action in entries(rule.body["action"]):
            group = reader.referred(stack, action.get("target_group_arn"))
            if group is None or not balancer:
                continue
            hosts = [
                str(value)
                for condition in entries(rule.body.get("condition"))
                for block in entries(condition.get("host_header"))
                for value in block["values"]
            ]
            known = found.setdefault(group.key, {}).setdefault(balancer_name(balancer), [])
            known += [one for one in hosts if one not in known]
    return found
