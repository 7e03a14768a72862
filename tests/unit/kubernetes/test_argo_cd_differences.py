"""Argo CD overlooks what the Rollouts controller writes, and nothing that a commit changes."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from typing import Any

from modules.core.fleet import Delivered
from modules.core.gitops import Delivery, GitRepository
from modules.core.services import Resilience
from modules.kubernetes.argo_cd.application_set import application_set
from modules.kubernetes.argo_cd.differences import written_by_controllers
from modules.kubernetes.rollouts.strategies import HEADER_ROUTE
from modules.kubernetes.service_objects import service_objects

import pytest

from tests.support.shop import SITE, service
from tests.support.tenants import tenancy, tenant


def test_no_writer_is_trusted_as_a_whole_and_no_rollout_overlooked() -> None:
    delivery = Delivery(repository=GitRepository(url="https://git.example.org/shop/services.git"))
    shop = tenancy(tenant())
    here = Delivered(
        environment="prod",
        regions=("eu-west-1",),
        tenancies=(shop,),
        delivery=delivery,
        networks=(),
    )
    template = application_set(shop, "shop", here).fields["spec"]["template"]
    found = template["spec"]["ignoreDifferences"]

    assert [entry["kind"] for entry in found] == ["VirtualService", "DestinationRule"]
    assert all(set(entry) == {"group", "kind", "jqPathExpressions"} for entry in found)


def seen(kind: str, value: Mapping[str, Any]) -> Any:
    """Return an object as Argo CD compares it: each expression's paths deleted, in order."""
    if shutil.which("jq") is None:
        pytest.skip("jq is not at hand")
    (entry,) = [one for one in written_by_controllers() if one["kind"] == kind]
    query = " | ".join(f"del({expression})" for expression in entry["jqPathExpressions"])
    done = subprocess.run(
        ["jq", "-c", query], input=json.dumps(value), capture_output=True, check=True, text=True
    )
    return json.loads(done.stdout)


def synced(kind: str, live: Mapping[str, Any], committed: Mapping[str, Any]) -> Any:
    """Return what Argo CD 3.4.4 applies: what it overlooks in the cluster, merged over Git's.

    As in its controller/sync.go: for custom resources by JSON merge patches, which know no lists.
    """
    return merged(seen(kind, committed), lost(live, seen(kind, live)))


def lost(whole: Any, part: Any) -> dict[str, Any]:
    """Return the merge patch that leads from a part back to the whole."""
    found = {}
    for key, value in whole.items():
        if isinstance(value, dict) and isinstance(part.get(key), dict):
            if inside := lost(value, part[key]):
                found[key] = inside
        elif value != part.get(key):
            found[key] = value
    return found


def merged(value: Any, patch: Any) -> Any:
    if not (isinstance(value, dict) and isinstance(patch, dict)):
        return patch
    return {**value, **{key: merged(value.get(key), entry) for key, entry in patch.items()}}


def committed(kind: str, name: str = "cart", **settings: Any) -> dict[str, Any]:
    """Return an object of a service as Git holds it."""
    objects = service_objects(service(**settings), SITE)
    (found,) = [one for one in objects if (one.kind, one.name) == (kind, name)]
    plain: dict[str, Any] = json.loads(json.dumps(found.as_dict()))
    return plain


def shares(canary: int, *, testers: bool = False) -> dict[str, Any]:
    """Return the shares of a service's versions as the Rollouts controller leaves them."""
    found = committed("VirtualService", "cart-versions")
    (share,) = found["spec"]["http"]
    share["route"][0]["weight"], share["route"][1]["weight"] = 100 - canary, canary
    if testers:
        route = {"name": HEADER_ROUTE, "match": [{"headers": {}}], "route": [share["route"][1]]}
        found["spec"]["http"].insert(0, route)
    return found


def told_apart(rule: dict[str, Any]) -> dict[str, Any]:
    """Return a DestinationRule as the Rollouts controller leaves it."""
    for subset, version in zip(rule["spec"]["subsets"], ("5d4f", "77c9"), strict=True):
        subset["labels"]["rollouts-pod-template-hash"] = version
    return rule


@pytest.mark.requirement("R37")
def test_a_canary_under_way_is_no_difference() -> None:
    expected = seen("VirtualService", shares(0))

    assert seen("VirtualService", shares(25)) == expected
    assert seen("VirtualService", shares(5, testers=True)) == expected
    rule = committed("DestinationRule")
    assert seen("DestinationRule", told_apart(committed("DestinationRule"))) == rule


def test_a_route_of_someone_else_or_another_label_is_a_difference() -> None:
    bypass, rule = shares(25), told_apart(committed("DestinationRule"))
    bypass["spec"]["http"].insert(0, {"name": "bypass", "route": [{"destination": {"host": "x"}}]})
    rule["spec"]["subsets"][0]["labels"]["version"] = "2"

    assert seen("VirtualService", bypass) != seen("VirtualService", shares(0))
    assert seen("DestinationRule", rule) != committed("DestinationRule")


def test_a_route_without_destinations_does_not_make_weights_a_difference() -> None:
    found = shares(25)
    found["spec"]["http"].insert(0, {"name": "moved", "redirect": {"uri": "/"}})

    assert "weight" not in json.dumps(seen("VirtualService", found))


@pytest.mark.requirement("R45")
def test_a_timeout_that_git_changes_amid_a_canary_arrives_and_the_canary_goes_on() -> None:
    slower = Resilience(timeout_seconds=60, max_connections=500)
    rule = committed("DestinationRule", resilience=slower)
    routes = committed("VirtualService", resilience=slower)

    assert synced("VirtualService", committed("VirtualService"), routes) == routes
    assert synced("DestinationRule", told_apart(committed("DestinationRule")), rule) == told_apart(
        rule
    )
    assert synced("VirtualService", shares(25), shares(0)) == shares(25)
