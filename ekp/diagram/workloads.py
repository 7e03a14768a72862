"""What runs in a cluster: charts, tools' hosts, and tenants with what they use."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ekp.charts import releases
from ekp.charts.releases import Release
from ekp.configured.reading import Reader, Resource, document, label, of_kind, resources
from ekp.evaluate.blocks import entries
from ekp.gate.reports.wording import number
from ekp.runner.stacks import Stack

from .picture import Edge, Flow, Kind, Node, Row

PART_OF = "app.kubernetes.io/part-of"
NAME = "app.kubernetes.io/name"
TENANT = "ekp/tenant"
SHOWN_TENANTS = 6
"""More of them in a region are told in one node."""
_ADDRESS = re.compile(r"@([^:/?]+)")
_BUCKET = re.compile(r"arn:aws[\w-]*:([a-z0-9-]+):[^:]*:[^:]*:([^/*]+)")


def charts(stack: Stack, without: Iterable[Release] = ()) -> tuple[Node, ...]:
    """Return the charts of a stack in one node; ``without`` are drawn by themselves."""
    apart = {release.name for release in without}
    names = sorted(one.name for one in releases.of([stack]) if one.name not in apart)
    if not names:
        return ()
    half = (len(names) + 1) // 2
    columns = (tuple(names[:half]), tuple(names[half:]))
    return (
        Node(
            f"{stack.region} {stack.layer} charts",
            Kind.PLATFORM,
            number(len(names), "chart"),
            columns=tuple(filter(None, columns)),
        ),
    )


def tools(reader: Reader, stack: Stack) -> tuple[Node, ...]:
    """Return the hosts at which the platform's own tools are opened."""
    hosts = sorted(
        str(host)
        for one in of_kind(reader.objects(stack), "VirtualService")
        if not label(one, PART_OF)
        for host in one["spec"]["hosts"]
    )
    if not hosts:
        return ()
    return (Node(f"{stack.region} tools", Kind.PLATFORM, "Tools for people", tuple(hosts)),)


def tenants(reader: Reader, stack: Stack) -> tuple[Node, ...]:
    """Return a node for each tenant with a row for each service, or one for all of many."""
    found = reader.objects(stack)
    names = sorted({label(one, TENANT) for one in of_kind(found, "Namespace")} - {""})
    if len(names) > SHOWN_TENANTS:
        count = sum(len(_services(found, name)) for name in names)
        words = (number(count, "service"),)
        return (Node(f"{stack.region} tenants", Kind.TENANT, f"{len(names)} tenants", words),)
    return tuple(_tenant(stack, name, found) for name in names)


def _tenant(stack: Stack, name: str, found: Sequence[Mapping[str, Any]]) -> Node:
    spaces = sorted(
        str(one["metadata"]["name"])
        for one in of_kind(found, "Namespace")
        if label(one, TENANT) == name
    )
    word = "namespace" if len(spaces) == 1 else "namespaces"
    return Node(
        f"{stack.region} tenant {name}",
        Kind.TENANT,
        f"tenant {name}",
        (f"{word} {', '.join(spaces)}",),
        tuple(Row(one, key=one) for one in _services(found, name)),
    )


def _services(found: Iterable[Mapping[str, Any]], tenant: str) -> list[str]:
    named = {label(one, NAME) for one in found if label(one, PART_OF) == tenant}
    return sorted(named - {""})


def to_tenants(
    reader: Reader, stack: Stack, drawn: Sequence[Node], entrances: Sequence[tuple[Release, Node]]
) -> Iterator[Edge]:
    """Yield the ways from gateway and shards to services and tools, with their hosts."""
    names = {node.name for node in drawn}
    hosts: dict[tuple[str, str, str], list[str]] = {}
    for one in reader.objects(stack):
        for entrance, host in _served(one, entrances):
            head, row = _place(stack, one, names)
            if head:
                known = hosts.setdefault((entrance, head, row), [])
                known += [host] if host not in known else []
    for (tail, head, row), several in hosts.items():
        text = "" if head.endswith((" tools", " tenants")) else "\n".join(sorted(several))
        yield Edge(tail, head, Flow.REQUEST, text, head_row=row)


def _served(
    one: Mapping[str, Any], entrances: Sequence[tuple[Release, Node]]
) -> Iterator[tuple[str, str]]:
    spec = one.get("spec") or {}
    for release, node in entrances:
        if one["kind"] == "Gateway" and release.name in (spec.get("selector") or {}).values():
            for server in spec["servers"]:
                for host in server["hosts"]:
                    yield node.name, str(host).rpartition("/")[2]
        if one["kind"] == "VirtualServer" and spec.get("ingressClassName") == _class(release):
            yield node.name, str(spec["host"])


def _class(release: Release) -> object:
    controller = release.values.get("controller", {})
    return controller.get("ingressClass", {}).get("name") if controller else None


def _place(stack: Stack, one: Mapping[str, Any], names: set[str]) -> tuple[str, str]:
    """Return the node, and the row in it, of what an object belongs to."""
    tenant = label(one, PART_OF)
    own, all_of_them = f"{stack.region} tenant {tenant}", f"{stack.region} tenants"
    if own in names:
        return own, label(one, NAME)
    if tenant and all_of_them in names:
        return all_of_them, ""
    tools_here = f"{stack.region} tools"
    return (tools_here, "") if not tenant and tools_here in names else ("", "")


def uses(reader: Reader, stack: Stack, drawn: Sequence[Node]) -> tuple[list[Node], list[Edge]]:
    """Return what tenants' services use outside of the cluster, and which of them use it."""
    rows: dict[str, dict[str, Row]] = {}
    edges: dict[Edge, None] = {}
    names = {node.name for node in drawn}
    for tenant, service, row in (*_databases(reader, stack), *_granted(reader, stack)):
        tail = f"{stack.region} tenant {tenant}"
        if tail in names:
            head = f"{stack.region} used by {tenant}"
            rows.setdefault(head, {})[row.key] = row
            edges[Edge(tail, head, Flow.ACCESS, tail_row=service)] = None
    nodes = [
        Node(name, Kind.STORE, "Outside the cluster", rows=tuple(found.values()))
        for name, found in rows.items()
    ]
    return nodes, list(edges)


def _databases(reader: Reader, stack: Stack) -> Iterator[tuple[str, str, Row]]:
    """Yield the databases that Vault hands out accounts of, as the job that configures it does."""
    files: dict[str, str] = {}
    for one in of_kind(reader.objects(stack), "ConfigMap"):
        files |= one.get("data") or {}
    for name, text in sorted(files.items()):
        if not name.startswith("databases_roles_"):
            continue
        tenant, service, _ = name.removeprefix("databases_roles_").split(".", 2)
        connection = document(files[f"databases_config_{document(text)['db_name']}"])
        kind = str(connection["plugin_name"]).removesuffix("-database-plugin")
        host = _ADDRESS.search(str(connection.get("connection_url", "")))
        title = str(host[1] if host else document(text)["db_name"])
        yield tenant, service, Row(kind, (title, "accounts made by Vault"), key=f"database {title}")


def _granted(reader: Reader, stack: Stack) -> Iterator[tuple[str, str, Row]]:
    """Yield what AWS roles let services use, by Pod Identity."""
    spaces = {
        one["metadata"]["name"]: label(one, TENANT)
        for one in of_kind(reader.objects(stack), "Namespace")
        if label(one, TENANT)
    }
    for one in resources(stack, "aws_eks_pod_identity_association"):
        role = reader.referred(stack, one.body["role_arn"])
        tenant = spaces.get(one.body["namespace"])
        if role is None or tenant is None:
            continue
        for service, name in sorted(set(_targets(reader, role))):
            title = {"s3": "S3 bucket"}.get(service, service)
            row = Row(title, (name, "by an AWS role"), key=f"{service} {name}")
            yield tenant, str(one.body["service_account"]), row


def _targets(reader: Reader, role: Resource) -> Iterator[tuple[str, str]]:
    for policy in resources(role.stack, "aws_iam_role_policy"):
        found = reader.referred(role.stack, policy.body["role"])
        if found is None or found.key != role.key:
            continue
        for statement in document(policy.body["policy"])["Statement"]:
            for arn in entries(statement["Resource"]):
                if match := _BUCKET.match(str(arn)):
                    yield match[1], match[2]
