"""Which of several records of one name and type answers, by their routing policy."""

import hashlib
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from moto.route53.exceptions import Route53ClientError

from .record import POLICIES, Record
from .registries import Address, distance

_MULTIVALUE = 8


def chosen(group: Sequence[Record], healthy: Sequence[Record], client: Address) -> list[Record]:
    """Return the records that answer a client: one, or several of a multivalue answer.

    Where none is healthy Route 53 takes all for healthy. Source: Route 53 developer guide, "How
    Amazon Route 53 chooses records when health checking is configured".
    """
    policy = group[0].policy
    among = list(healthy or group)
    match policy:
        case None:
            return list(group)
        case "MultiValueAnswer":
            return sorted(among, key=_identifier)[:_MULTIVALUE]
        case "Region":
            return [min(among, key=lambda one: distance(str(one.region), client))]
        case "Failover":
            return [min(among, key=lambda one: one.failover != "PRIMARY")]
        case "Weight":
            return [_weighted(among, client)]
        case _:
            raise Route53ClientError(
                "InvalidInput", f"The local AWS gives no answer of {POLICIES[policy]} records"
            )


def _weighted(among: Sequence[Record], client: Address) -> Record:
    """Return one by weight: AWS throws dice, here a client has the same one every time."""
    counted = [one for one in among if _weight(one)]
    if not counted:
        return _share(sorted(among, key=_identifier), [1] * len(among), client)
    ordered = sorted(counted, key=_identifier)
    return _share(ordered, [_weight(one) for one in ordered], client)


def _share(ordered: Sequence[Record], weights: Sequence[int], client: Address) -> Record:
    point = int.from_bytes(hashlib.sha256(client.packed).digest()) % sum(weights)
    ends = accumulate(weights)
    return next(one for one, end in zip(ordered, ends, strict=True) if point < end)


def _weight(record: Record) -> int:
    weight: Any = record.weight
    return int(weight or 0)


def _identifier(record: Record) -> str:
    return str(record.set_identifier or "")
