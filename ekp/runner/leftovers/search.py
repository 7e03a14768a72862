"""What a destroy left in AWS: found by tags, in every account and region of the environment."""

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from ..across import PARALLELISM
from ..stacks import Stack
from . import iam as identities
from .answers import Answer, Clients, ask
from .makers import guess
from .places import Filter, Place, filters, places, prefixes, session

LAYER = "Layer"
Tags = Mapping[str, str]
Resource = tuple[str, Tags, Answer]


@dataclass(frozen=True, order=True)
class Leftover:
    """A resource that is still there. ``sure`` tells whether its own service says so too."""

    arn: str
    kind: str
    name: str
    maker: str
    sure: bool


@dataclass(frozen=True, order=True)
class Pending:
    """A resource that AWS deletes by itself on a day (YYYY-MM-DD), and that can be saved before."""

    arn: str
    name: str
    day: str


@dataclass(frozen=True)
class Found:
    """What a search by tags ends with.

    ``unsearched`` says, a line a place, where it could not look. ``others`` have the environment's
    tags and the tag ``Layer`` of no stack that was destroyed: they were not to go.
    """

    left: tuple[Leftover, ...] = ()
    pending: tuple[Pending, ...] = ()
    others: tuple[Leftover, ...] = ()
    unsearched: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether it looked everywhere and nothing is left that does not go by itself."""
        return not (self.left or self.unsearched)

    def to_json(self) -> dict[str, Any]:
        """A dict of plain values with the same keys every time."""
        return {**asdict(self), "ok": self.ok}


def search(
    stacks: Collection[Stack], *, variables: Mapping[str, str | None], iam: bool = True
) -> Found:
    """Look for what has the tags of an environment's stacks, or those of its clusters.

    ``variables`` are the target's: they lead to the local AWS, or are empty. ``iam`` is whether
    IAM is looked through too: it does not tell regions apart. The role of each
    provider is assumed; it needs ``tag:GetResources``. AWS's index of tags is minutes to hours
    late, so what it tells is asked of its own service where that is one cheap call.
    https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
    """
    caller, options = session(variables)
    look = partial(_search_at, caller, options, filters(stacks), prefixes(stacks))
    with ThreadPoolExecutor(PARALLELISM) as pool:
        answers = list(pool.map(look, (replace(p, iam=p.iam and iam) for p in places(stacks))))
    layers = {stack.layer for stack in stacks}
    left: dict[str, Leftover] = {}
    others: dict[str, Leftover] = {}
    pending: dict[str, Pending] = {}
    for found, _ in answers:
        for arn, tags, answer in found:
            name = tags.get("Name") or arn.rpartition(":")[2].rpartition("/")[2]
            if answer.day:
                pending[arn] = Pending(arn, name, answer.day)
            elif not answer.gone:
                group = others if tags.get(LAYER, "") not in {*layers, ""} else left
                group[arn] = Leftover(arn, _kind(arn), name, guess(tags), answer.sure)
    return Found(
        tuple(sorted(left.values())),
        tuple(sorted(pending.values())),
        tuple(sorted(others.values())),
        tuple(why for _, why in answers if why),
    )


def _search_at(
    caller: boto3.Session,
    options: Mapping[str, Any],
    asked: Sequence[Filter],
    starts: Sequence[str],
    place: Place,
) -> tuple[list[Resource], str]:
    """What is found in one place, and why it could not be looked through."""
    try:
        clients = _clients(caller, options, place)
        tagged: dict[str, Tags] = {}
        pages = clients("resourcegroupstaggingapi").get_paginator("get_resources")
        for one in asked:
            for page in pages.paginate(TagFilters=one):
                for resource in page["ResourceTagMappingList"]:
                    tagged[resource["ResourceARN"]] = {
                        tag["Key"]: tag["Value"] for tag in resource["Tags"]
                    }
        answers = ask(clients, tagged)
        if place.iam:
            for arn, tags in identities.search(clients("iam"), starts):
                if _fits(tags, asked):
                    tagged[arn], answers[arn] = tags, Answer(sure=True)
    except (BotoCoreError, ClientError) as error:
        return [], f"{place.words}, as {place.role_arn}: {error}"
    return [(arn, tags, answers[arn]) for arn, tags in tagged.items()], ""


def _clients(caller: boto3.Session, options: Mapping[str, Any], place: Place) -> Clients:
    sts = caller.client("sts", region_name=place.region, **options)
    keys = sts.assume_role(RoleArn=place.role_arn, RoleSessionName="ekp-destroy")["Credentials"]
    acting = boto3.Session(
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
        region_name=place.region,
    )
    made: dict[str, Any] = {}

    def client(service: str) -> Any:
        if service not in made:
            make: Any = acting.client  # its overloads want a literal name
            made[service] = make(service, **options)
        return made[service]

    return client


def _fits(tags: Tags, asked: Sequence[Filter]) -> bool:
    """Whether tags are what the tagging API was asked for."""
    return any(
        all(
            one["Key"] in tags and tags[one["Key"]] in one.get("Values", [tags[one["Key"]]])
            for one in filter_
        )
        for filter_ in asked
    )


def _kind(arn: str) -> str:
    """Service and kind of an ARN, such as ``ec2 volume``; those of S3 and SNS name no kind."""
    parts = arn.split(":", 5)
    inside = parts[5].replace("/", ":").split(":")
    bare = {"s3": "bucket", "sns": "topic"}.get(parts[2], "")
    return f"{parts[2]} {bare or inside[0]}"
