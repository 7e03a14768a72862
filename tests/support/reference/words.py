"""Types and defaults of settings, in words."""

import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from ipaddress import IPv4Network
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from modules.core.config import Config

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from pydantic import AfterValidator, IPvAnyNetwork
from pydantic.fields import FieldInfo

PLAIN = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "yes or no",
    Decimal: "amount",
    IPv4Network: "IPv4 network",
    IPvAnyNetwork: "network",
    Any: "anything",
}
# What a check of our own makes of a text or a number, by its module and name.
CHECKED = {
    "aws.eks_access._own_namespace": "that no name of Kubernetes begins with",
    "aws.eks_access._role_or_user": "ARN of a role or a user",
    "aws.node_group._own_key": "not of Kubernetes' own",
    "core.countries._known": "country by its two letters",
    "core.entra._uuid": "object id",
    "core.gitops._path": "folder",
    "core.gitops._url": "https or ssh address",
    "core.grants._bucket": "name of a bucket",
    "core.grants._regional": "with its region and account",
    "core.hosts._domain": "domain name",
    "core.hosts._outside": "outside the cluster",
    "core.identity._claim": "name of a claim",
    "core.identity._header": "name of a header",
    "core.identity._https": "https address",
    "core.identity._on_443": "on port 443",
    "core.networks._private": "private",
    "core.networks._public": "public",
    "core.networks._services": "a block for services",
    "core.regions._zone_id": "zone id",
    "core.regions.known_region": "AWS region",
    "core.retention._allowed": "one that CloudWatch Logs takes",
    "core.service_words._image": "image with a tag or digest",
    "core.service_words._path": "path",
    "core.service_words._pattern": "path, or a pattern of paths",
    "core.sync_windows._duration": "duration such as 8h",
    "core.sync_windows._schedule": "cron schedule",
    "core.sync_windows._time_zone": "IANA time zone",
}
UNITS = {
    "bytes": "bytes",
    "days": "days",
    "gib": "GiB",
    "hours": "hours",
    "mib": "MiB",
    "milliseconds": "ms",
    "minutes": "minutes",
    "percent": "percent",
    "percentage": "percent",
    "seconds": "seconds",
}

Link = Callable[[type[Config]], str]


def kind(name: str, field: FieldInfo, link: Link) -> str:
    """Return what a setting takes: its type, unit and limits."""
    return _told(field.annotation, field.metadata, link, UNITS.get(name.rpartition("_")[2], ""))


def _told(annotation: Any, metadata: Sequence[Any], link: Link, unit: str = "") -> str:
    while get_origin(annotation) is Annotated:
        annotation, *inner = get_args(annotation)
        metadata = [*inner, *metadata]
    flat = list(_flat(metadata))
    base = _base(annotation, link, unit)
    checks = [_check(one.func) for one in flat if isinstance(one, AfterValidator)]
    if checks:
        base = ", ".join([*([] if base == "text" else [base]), *checks])
    limits = ", ".join(filter(None, [_range(flat), _length(flat), _form(flat)]))
    return f"{base}, {limits}" if limits else base


def _flat(metadata: Sequence[Any]) -> Iterator[Any]:
    for one in metadata:
        if isinstance(one, FieldInfo):
            yield from _flat(one.metadata)
        else:
            yield one


def _check(function: Callable[..., Any]) -> str:
    place = f"{function.__module__.removeprefix('modules.')}.{function.__qualname__}"
    return CHECKED[place]


def _base(annotation: Any, link: Link, unit: str) -> str:
    if origin := get_origin(annotation):
        return _made_of(origin, get_args(annotation), link, unit)
    if isinstance(annotation, type) and issubclass(annotation, Config):
        return link(annotation)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return " or ".join(f"`{one.value}`" for one in annotation)
    plain = PLAIN[annotation]
    return f"{plain} of {unit}" if unit and plain.endswith("number") else plain


def _made_of(origin: Any, arguments: Sequence[Any], link: Link, unit: str) -> str:
    if origin is Literal:
        return " or ".join(f"`{one}`" for one in arguments)
    inside = [_told(one, (), link, unit) for one in arguments if one not in (type(None), ...)]
    if origin in (Union, types.UnionType):
        return ", or ".join([*inside, *(["none"] if type(None) in arguments else [])])
    if origin is tuple:
        return f"list of: {inside[0]}"
    assert issubclass(origin, Mapping), origin
    return f"mapping of {inside[0]} to: {inside[1]}"


def _range(metadata: Sequence[Any]) -> str:
    said = {Ge: "at least {0.ge}", Gt: "over {0.gt}", Le: "at most {0.le}", Lt: "under {0.lt}"}
    return ", ".join(said[type(one)].format(one) for one in metadata if type(one) in said)


def _length(metadata: Sequence[Any]) -> str:
    least = next((one.min_length for one in metadata if isinstance(one, MinLen)), None)
    most = next((one.max_length for one in metadata if isinstance(one, MaxLen)), None)
    match least, most:
        case None, None:
            return ""
        case _, None:
            return f"{least} or more"
        case None, _:
            return f"{most} at most"
        case _:
            return f"{least} to {most} long"


def _form(metadata: Sequence[Any]) -> str:
    patterns = [one.pattern for one in metadata if getattr(one, "pattern", None)]
    return "".join(f"of the form `{pattern}`" for pattern in patterns[:1])


def default(field: FieldInfo, link: Link) -> str:
    """Return what stands when nothing is said."""
    if field.is_required():
        return "needed"
    return _value(field.get_default(call_default_factory=True), link)


def _value(value: Any, link: Link) -> str:
    if value in (None, (), ""):
        return "none"
    match value:
        case Config():
            told = _other(value, link)
        case tuple():
            told = ", ".join(_value(one, link) for one in value)
        case Mapping():
            pairs = (f"{_value(key, link)}: {_value(one, link)}" for key, one in value.items())
            told = ", ".join(pairs) or "none"
        case bool():
            told = "yes" if value else "no"
        case Enum():
            told = f"`{value.value}`"
        case _:
            told = f"`{value}`"
    return told


def _other(value: Config, link: Link) -> str:
    """Return a default that is settings itself: what in it is not its own default."""
    said = [
        f"{name} {_value(getattr(value, name), link)}"
        for name, field in type(value).model_fields.items()
        if name != "kind"
        and (
            field.is_required()
            or field.get_default(call_default_factory=True) != getattr(value, name)
        )
    ]
    return ", ".join(said) or f"as in {link(type(value))}"
