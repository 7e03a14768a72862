"""Checks across settings: networks, zones, access, shared names, lengths, Kubernetes support.

An environment that holds another error is checked as it was written down, so that no error hides
another; what cannot be read is skipped here, for its own error is reported already.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from ipaddress import IPv4Network
from itertools import combinations

from modules.aws.node_group import NAME_LIMIT
from modules.core.eks_addons import VERSIONS, Addon
from modules.core.kubernetes_versions import Finding, Level, check_version
from modules.core.regions import SHORT_REGIONS, ZONE_ID

from pydantic import ValidationError

from .schema import Environment

ADMIN = "AmazonEKSClusterAdminPolicy"


def check(environments: Sequence[Environment], today: date) -> list[Finding]:
    """Return everything wrong or worth a warning, each with the path of the setting.

    ``today`` decides which Kubernetes versions are still supported.
    """
    names = [(name, name) for e in environments if (name := _text(e, "name"))]
    domains = [(_name(e), domain) for e in environments if (domain := _text(e, "edge", "domain"))]
    return [
        *_overlapping_networks(environments),
        *_shared("name", names),
        *_shared("edge.domain", domains),
        *(finding for e in environments for finding in _foreign_principals(e)),
        *(finding for e in environments for finding in _foreign_zones(e)),
        *(finding for e in environments for finding in _locked_out(e)),
        *(finding for e in environments for finding in _long_names(e)),
        *(finding for e in environments for finding in _unsupported_versions(e, today)),
        *(finding for e in environments for finding in _unpinned_addons(e)),
    ]


def _overlapping_networks(environments: Sequence[Environment]) -> Iterator[Finding]:
    # Networks that overlap can never be peered, and a hub could not tell them apart.
    networks = [
        (f"{path}.network.vpc.cidr", cidr)
        for e in environments
        for path, _, settings in _regions(e)
        if isinstance(cidr := _read(settings, "network", "vpc", "cidr"), IPv4Network)
    ]
    for (one, first), (other, second) in combinations(networks, 2):
        if first.overlaps(second):
            yield Finding(
                Level.ERROR,
                f"{other} = {second}: overlaps {one} = {first}; give each region a block of its "
                "own",
            )
    # A pod could not reach what lies behind a service's address.
    for e in environments:
        for path, _, settings in _regions(e):
            services = _read(settings, "cluster", "eks", "service_cidr")
            for one, network in networks:
                if isinstance(services, IPv4Network) and services.overlaps(network):
                    yield Finding(
                        Level.ERROR,
                        f"{path}.cluster.eks.service_cidr = {services}: overlaps {one} = "
                        f"{network}; use a block that no network has",
                    )


def _shared(setting: str, values: Iterable[tuple[str, str]]) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for environment, value in values:
        if value in seen:
            yield Finding(
                Level.ERROR,
                f"{environment}.{setting} = {value!r}: {seen[value]} has the same; "
                "give each environment its own",
            )
        seen.setdefault(value, environment)


def _foreign_principals(environment: Environment) -> Iterator[Finding]:
    account = _text(environment, "account_id")
    administrators = _read(environment, "bootstrap", "administrators")
    named = [
        ("deploy_role_arn", "role", _text(environment, "deploy_role_arn")),
        ("permissions_boundary_arn", "policy", _text(environment, "permissions_boundary_arn")),
        *(
            ("bootstrap.administrators", "role", str(arn))
            for arn in (administrators if isinstance(administrators, tuple) else ())
        ),
    ]
    for setting, kind, arn in named:
        found = re.match(r"arn:[^:]+:iam::(\d{12}):", arn)
        if found and re.fullmatch(r"\d{12}", account) and found[1] != account:
            yield Finding(
                Level.ERROR,
                f"{_name(environment)}.{setting} = {arn!r}: is in account {found[1]}, the "
                f"environment in {account}; name a {kind} of the environment's own account",
            )


def _foreign_zones(environment: Environment) -> Iterator[Finding]:
    for path, region, settings in _regions(environment):
        zones = _read(settings, "network", "vpc", "zones")
        for zone in zones if isinstance(zones, tuple) else ():
            short = SHORT_REGIONS.get(region, region)
            if ZONE_ID.fullmatch(str(zone)) and not str(zone).startswith(f"{short}-"):
                yield Finding(
                    Level.ERROR,
                    f"{path}.network.vpc.zones names {zone}, which is not a zone of {region}; "
                    f"use {short}-az1, {short}-az2 and so on",
                )
        count = _read(settings, "cluster", "eks", "control_plane_zones")
        if isinstance(count, int) and isinstance(zones, tuple) and len(zones) < count:
            yield Finding(
                Level.ERROR,
                f"{path}.cluster.eks.control_plane_zones = {count}: the VPC has {len(zones)} "
                "zones; add zones or ask for fewer",
            )


def _locked_out(environment: Environment) -> Iterator[Finding]:
    role = _text(environment, "deploy_role_arn")
    for path, _, settings in _regions(environment):
        entries = _read(settings, "cluster", "eks", "access_entries")
        if isinstance(entries, dict) and not any(
            _text(entry, "principal_arn") == role and _text(entry, "policy") == ADMIN
            for entry in entries.values()
        ):
            yield Finding(
                Level.ERROR,
                f"{path}.cluster.eks.access_entries has no cluster administrator entry for the "
                f"deploying role {role}: nothing could be installed after the cluster is made; "
                f"add one with policy {ADMIN}",
            )


def _long_names(environment: Environment) -> Iterator[Finding]:
    for path, region, settings in _regions(environment):
        groups = _read(settings, "cluster", "node_groups")
        for group in groups if isinstance(groups, dict) else ():
            try:
                environment.context(region).name(str(group), limit=NAME_LIMIT - 1)
            except (ValidationError, AttributeError):
                return
            except ValueError as error:
                yield Finding(Level.ERROR, f"{path}.cluster.node_groups.{group}: {error}")


def _unsupported_versions(environment: Environment, today: date) -> Iterator[Finding]:
    for path, _, settings in _regions(environment):
        version = _text(settings, "cluster", "eks", "version")
        if version and (finding := check_version(version, today)):
            setting = f"{path}.cluster.eks.version = '{version}'"
            yield Finding(finding.level, f"{setting}: {finding.message}")


def _unpinned_addons(environment: Environment) -> Iterator[Finding]:
    for path, _, settings in _regions(environment):
        version = _text(settings, "cluster", "eks", "version")
        own = _read(settings, "cluster", "addons", "versions")
        pins = {**VERSIONS.get(version, {}), **(own if isinstance(own, dict) else {})}
        # kube-proxy follows the cluster's minor, so its pin stands for a row that was filled in.
        if version in VERSIONS and pins[Addon.KUBE_PROXY] is None:
            yield Finding(
                Level.WARNING,
                f"{path}.cluster.addons.versions: no add-on versions are known for Kubernetes "
                f"{version}, so EKS keeps what runs or takes its default; pin them here (aws eks "
                f"describe-addon-versions --kubernetes-version {version})",
            )


def _regions(environment: Environment) -> Iterator[tuple[str, str, object]]:
    regions = _read(environment, "regions")
    for region, settings in regions.items() if isinstance(regions, dict) else ():
        yield f"{_name(environment)}.regions[{region}]", str(region), settings


def _name(environment: Environment) -> str:
    return _text(environment, "name") or "environment"


def _text(value: object, *path: str) -> str:
    """Return the text at a path, or nothing where there is none."""
    found = _read(value, *path)
    return found if isinstance(found, str) else ""


def _read(value: object, *path: str) -> object:
    """Return what stands at a path, or None where the path breaks off."""
    for part in path:
        # A setting that was not written down stands at its default.
        field = getattr(type(value), "model_fields", {}).get(part)
        default = field.get_default(call_default_factory=True) if field else None
        value = getattr(value, part, default)
    return value
