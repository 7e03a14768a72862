"""What is in one region alone: states, data, and what the other regions still ask of it."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ekp.configured.environment import Configured
from ekp.configured.reading import every, of_kind
from ekp.drill.report import Check, Table, holds, noted, passed
from ekp.evaluate.request import named
from ekp.runner.stacks import Stack

from .fallback import home
from .served import listed

# Charts of the platform that keep something on volumes of the region.
DATA: Mapping[str, str] = {
    "vault": "Vault's secrets, on Raft volumes: what is written in one region is in no other",
    "kube-prometheus-stack": "metrics and dashboards of Prometheus, Alertmanager and Grafana",
    "jaeger": "traces",
    "loki": "logs, in the region's bucket",
}
# Calls that change something in these services are answered in this region alone; what is there
# goes on. Source: AWS whitepaper "AWS Fault Isolation Boundaries", appendix A and B.
GLOBAL_HOME = "us-east-1"
GLOBAL = "calls that change Route 53, CloudFront, its certificates and its web ACL; it all goes on"
_IMAGE = re.compile(r"\d{12}\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com/")


@dataclass(frozen=True, slots=True)
class Kept:
    """Something that is in one region alone."""

    what: str
    by: str
    without: str
    """What is missing while the region is lost."""


def states(configured: Configured, region: str) -> Check:
    """Return whether stacks outside a region need a state of it."""
    others = [stack for stack in configured.stacks if stack.region != region]
    readers = [
        f"{stack.id} reads the state of {read.id}."
        for stack in others
        for read in configured.reader.reads(stack).values()
        if read.environment == configured.environment and read.region == region
    ]
    return holds(
        not readers,
        f"No other region's stacks need a state of {region}.",
        " ".join(readers)
        or f"The states of {len(others)} stacks outside {region} read none of its states.",
        [stack.id for stack in others],
        remedy="A region's stacks may read the edge's state and their own region's alone.",
    )


def deploys(configured: Configured, region: str) -> Check | None:
    """Return what keeps other regions from being deployed without this one; None: nothing."""
    others = [stack for stack in configured.stacks if stack.region != region]
    buckets = sorted({bucket for stack in others for bucket in _state_bucket(stack, region)})
    if not buckets:
        return None
    return noted(
        f"Other regions can be deployed without {region}.",
        f"All states lie in {listed(buckets)} in {region}: while S3 is out there, nothing can be "
        "deployed in any region. What runs needs no state, and DNS leaves the region by itself.",
        *(f"bucket {bucket}" for bucket in buckets),
        remedy="Keep the states in a region that serves no users, or in HCP Terraform: `STATE` in "
        "`environments/organisation.py`.",
    )


def images(configured: Configured, region: str) -> Check | None:
    """Return whether other regions can start pods of services without a region's registry."""
    found = [
        (named(one), container["image"])
        for one in configured.services
        for container in _containers(one)
    ]
    if not found:
        return None
    must = f"Other regions start pods of services without the registry of {region}."
    bound = [(by, image) for by, image in found if (at := _IMAGE.match(image)) and at[1] == region]
    if not bound:
        told = f"None of {len(found)} images is in Amazon ECR of {region}."
        return passed(must, told, *(by for by, _ in found))
    names = ", ".join(sorted({image.split(":")[0] for _, image in bound}))
    return noted(
        must,
        f"Images of {len(bound)} of {len(found)} services come from Amazon ECR in {region} in "
        f"every region: {names}. Pods that run go on; a node that has not run the image yet can "
        "start none, just when more are needed.",
        *(by for by, _ in bound),
        remedy="Replicate the registry to every region, and let each region's pods name its own; "
        f"or keep images in a registry outside {region}.",
    )


def table(configured: Configured, regions: Sequence[str]) -> Table:
    """Return what is in each region alone."""
    return Table(
        title="What is in one region alone",
        columns=("Region", "What", "By", "While the region is lost"),
        rows=tuple(
            (region, one.what, one.by, one.without)
            for region in regions
            for one in kept(configured, region)
        ),
    )


def kept(configured: Configured, region: str) -> list[Kept]:
    """Return what is in a region alone, as far as stacks and objects show it."""
    found = [*_data(configured, region), *_asked_for(configured, region)]
    buckets = {name for stack in configured.stacks for name in _state_bucket(stack, region)}
    found += [
        Kept(f"bucket {name} with all states", "terraform.backend", "no deploy in any region")
        for name in sorted(buckets)
    ]
    if region == GLOBAL_HOME:
        found.append(Kept(GLOBAL, "AWS", "none of these can be changed"))
    return found


def _data(configured: Configured, region: str) -> Iterator[Kept]:
    for release in configured.releases(region):
        if what := DATA.get(release.chart):
            yield Kept(what, f"release {release.namespace}/{release.name}", "not to be had")
    replicated = {
        str(one.body.get("bucket"))
        for one in every(configured.stacks, "aws_s3_bucket_replication_configuration")
    }
    for bucket in every(configured.stacks, "aws_s3_bucket"):
        copied = any(f"{bucket.address}." in text for text in replicated)
        if home(bucket) == region and not copied:
            yield Kept(f"bucket {bucket.label}", bucket.path, "not to be had")


def _asked_for(configured: Configured, region: str) -> Iterator[Kept]:
    """Yield what other regions ask of this one by its name, as objects and policies show it."""
    seen: set[str] = set()
    for other in configured.regions:
        if other == region:
            continue
        objects = configured.bundled(other)
        for entry in of_kind(objects, "ServiceEntry"):
            for host in entry["spec"].get("hosts") or ():
                if f".{region}." in host and host not in seen:
                    seen.add(host)
                    yield Kept(host, named(entry), f"calls of it from {other} fail too")
        for job in of_kind(objects, "CronJob"):
            if region in json.dumps(job["spec"]):
                name = f"{named(job)} in {other}"
                yield Kept(f"what {name} asks for", named(job), "it fails until it is back")
        for release in configured.releases(other):
            if region in json.dumps(release.values):
                where = f"release {release.namespace}/{release.name}"
                yield Kept(f"what {where} in {other} writes to", where, "not written")
        yield from _hub(configured.of_region(other), region, other)


def _hub(stacks: Iterable[Stack], region: str, other: str) -> Iterator[Kept]:
    """Yield the Argo CD that delivers to another region, known by who may enter its cluster."""
    short = "".join(re.sub(r"^([a-z]+)-([a-z])[a-z]*-(\d)$", r"\1\2\3", region))
    for role in every(stacks, "aws_iam_role"):
        text = str(role.body.get("assume_role_policy"))
        if found := re.search(rf"role/([\w-]+-{short})-argocd-server", text):
            yield Kept(
                f"Argo CD of {found[1]}, which delivers to {other}",
                role.path,
                "nothing is delivered; what runs goes on",
            )


def _state_bucket(stack: Stack, region: str) -> Iterator[str]:
    kind, settings = stack.backend
    if kind == "s3" and settings.get("region") == region:
        yield str(settings["bucket"])


def _containers(found: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    spec = found.get("spec")
    template = spec.get("template") if isinstance(spec, dict) else None
    pod = template.get("spec") if isinstance(template, dict) else None
    return (pod or {}).get("containers") or ()
