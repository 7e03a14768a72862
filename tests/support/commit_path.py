"""Follows a commit through synthesized JSON until users reach it, and names the hop that is lost.

It looks at what Git holds and what the stacks emit alone: no settings, no constructs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

import yaml

from ekp.evaluate.argo_cd import may_deploy
from ekp.evaluate.rbac import Group, may

from .commit_users import Commit, Journey, Object, arrive, need, of_kind
from .synth import Synth, document

Bundles = Mapping[str, Sequence[Object]]
REGION = "ekp/region"


def deliver(
    stacks: Mapping[str, Synth], bundles: Bundles, commit: Commit, environment: str
) -> dict[str, Journey]:
    """Follow a file of a service to users, in each region of its environment.

    ``bundles`` are the objects that each stack applies, by its id.

    Raises:
        MissingHopError: with the name of the hop that is missing.
    """
    hub = [
        one
        for stack_id, found in bundles.items()
        if stack_id.startswith("management-")
        for one in found
    ]
    sets = [one for one in of_kind(hub, "ApplicationSet") if _takes(one, commit)]
    need(sets, f"application set for {commit.path}")
    regions = {
        secret["metadata"]["labels"][REGION]: secret
        for secret in of_kind(hub, "Secret")
        if _selects(sets[0], secret["metadata"].get("labels", {}))
    }
    need(regions, f"Secret of a cluster that {sets[0]['metadata']['name']} chooses")
    found = {}
    for region, secret in sorted(regions.items()):
        journey, target = _application(hub, sets[0], secret, region)
        _project(hub, sets[0], target, commit, journey)
        there = bundles[f"{environment}-{region}-tenants"]
        cluster = stacks[f"{environment}-{region}-cluster"]
        need(_assumed(stacks, target.role), f"role of Argo CD that may assume {target.role}")
        _cluster(cluster, there, target, commit, journey)
        arrive(stacks, there, commit, journey, environment=environment, region=region)
        found[region] = journey
    return found


def bundles_of(stacks: Mapping[str, Synth]) -> Bundles:
    """Return the objects of all bundles, by stack; charts' own values are passed over."""
    return {
        stack_id: [
            one
            for release in plan.all("helm_release").values()
            if release["chart"].startswith("./")
            for text in release["values"]
            for one in yaml.load(text, Loader=yaml.CSafeLoader)["objects"]
        ]
        for stack_id, plan in stacks.items()
        if "helm_release" in plan.json.get("resource", {})
    }


@dataclass(frozen=True)
class Target:
    """Where an Application deploys to, as the registrar tells Argo CD."""

    cluster: str
    role: str
    namespace: str


def _takes(application_set: Object, commit: Commit) -> bool:
    source = application_set["spec"]["template"]["spec"]["source"]
    return (
        source["repoURL"] == commit.repository
        and PurePosixPath(source["path"]) == commit.path.parent
        and fnmatchcase(commit.path.name, source["directory"]["include"])
    )


def _selects(application_set: Object, labels: Mapping[str, str]) -> bool:
    (generator,) = application_set["spec"]["generators"]
    selector = generator["clusters"]["selector"]
    return all(labels.get(k) == v for k, v in selector["matchLabels"].items()) and all(
        labels.get(one["key"]) in one["values"] for one in selector["matchExpressions"]
    )


def _application(
    hub: Sequence[Object], application_set: Object, secret: Object, region: str
) -> tuple[Journey, Target]:
    """Make the Application as the set's template says, for a cluster as the registrar writes it."""
    template = application_set["spec"]["template"]
    name = template["metadata"]["name"].replace("{{.values.region}}", region)
    known = secret["metadata"]["name"]
    lines = [
        line.split()
        for one in of_kind(hub, "ConfigMap")
        for line in one.get("data", {}).get("clusters", "").splitlines()
    ]
    row = next((line for line in lines if line[0] == known), None)
    need(row, f"line of the registrar for {known}")
    _, cluster, _, _, role, namespaces = row or []
    writers = [one for one in of_kind(hub, "Role") if _writes(one, known)]
    need(writers, f"right of the registrar to write {known}")
    namespace = template["spec"]["destination"]["namespace"]
    need(namespace in namespaces.split(","), f"namespace {namespace} in the line of {known}")
    journey = Journey(name, [f"application set {application_set['metadata']['name']}"])
    journey.hops.append(f"cluster {cluster}")
    return journey, Target(cluster, role, namespace)


def _writes(role: Object, secret: str) -> bool:
    return any(
        "secrets" in rule["resources"]
        and "patch" in rule["verbs"]
        and secret in rule.get("resourceNames", [])
        for rule in role["rules"]
    )


def _project(
    hub: Sequence[Object],
    application_set: Object,
    target: Target,
    commit: Commit,
    journey: Journey,
) -> None:
    name = application_set["spec"]["template"]["spec"]["project"]
    found = [one for one in of_kind(hub, "AppProject") if one["metadata"]["name"] == name]
    need(found, f"project {name}")
    for one in commit.objects:
        group, kind = one["apiVersion"].rpartition("/")[0], one["kind"]
        decided = may_deploy(
            found[0],
            source=commit.repository,
            cluster=target.cluster,
            namespace=one["metadata"]["namespace"],
            group=group,
            kind=kind,
        )
        need(decided.allowed, f"leave of project {name} for {kind}: {decided.why}")
    journey.hops.append(f"project {name}")


def _cluster(
    cluster: Synth,
    there: Sequence[Object],
    target: Target,
    commit: Commit,
    journey: Journey,
) -> None:
    groups = _groups(cluster, target.role)
    need(groups, f"access entry of {target.role}")
    spaces = [one["metadata"]["name"] for one in of_kind(there, "Namespace")]
    need(target.namespace in spaces, f"namespace {target.namespace} in {target.cluster}")
    for one in commit.objects:
        group = one["apiVersion"].rpartition("/")[0]
        right = may(
            there,
            Group(groups[0]),
            "create",
            f"{one['kind'].lower()}s",
            api_group=group,
            namespace=one["metadata"]["namespace"],
        )
        need(right.allowed, f"right of the hub to make a {one['kind']} in {target.namespace}")
    journey.hops.append(f"namespace {target.namespace}")


def _groups(cluster: Synth, role: str) -> list[str]:
    """Return the Kubernetes groups that the entry of a role leads into."""
    addresses = {
        f"${{{address}.arn}}": str(body["name"])
        for address, body in cluster.resources().items()
        if address.startswith("aws_iam_role.")
    }
    return [
        group
        for entry in cluster.all("aws_eks_access_entry").values()
        if role.endswith(f":role/{addresses.get(entry['principal_arn'], '?')}")
        for group in entry.get("kubernetes_groups") or []
    ]


def _assumed(stacks: Mapping[str, Synth], role: str) -> bool:
    """Tell whether every role of the hub that the role trusts may assume it."""
    name = role.rpartition("/")[2]
    trusting = [
        document(body["assume_role_policy"])["Statement"][0]
        for plan in stacks.values()
        for body in plan.all("aws_iam_role").values()
        if body["name"] == name
    ]
    trusted = {
        arn.rpartition("/")[2]
        for statement in trusting
        for arn in statement["Condition"]["ArnEquals"]["aws:PrincipalArn"]
    }
    assuming = {
        plan.all("aws_iam_role")[path.removesuffix("/policy")]["name"]
        for plan in stacks.values()
        for path, body in plan.all("aws_iam_role_policy").items()
        if role in body["policy"]
    }
    return bool(trusted) and trusted <= assuming
