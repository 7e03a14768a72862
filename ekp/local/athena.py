"""Corrections of moto's Athena: workgroups that change, are untagged, or are not there."""

import json
from typing import Any

from moto.athena.models import AthenaBackend, WorkGroup
from moto.athena.responses import AthenaResponse
from moto.core.exceptions import JsonRESTError

RESULTS = "ResultConfiguration"
# What a request writes as an order to take a setting away.
REMOVE = "Remove"


def install() -> None:
    """Correct workgroups and their tags; a second call changes nothing."""
    AthenaResponse.update_work_group = _update_work_group  # type: ignore[attr-defined] # moto lacks it
    AthenaResponse.get_work_group = _get_work_group  # type: ignore[method-assign] # no other hook
    AthenaResponse.delete_work_group = _delete_work_group  # type: ignore[method-assign] # the same
    AthenaResponse.list_tags_for_resource = _list_tags_for_resource  # type: ignore[method-assign] # the same


_moto_get_work_group = AthenaResponse.get_work_group


def _refuse(message: str) -> JsonRESTError:
    return JsonRESTError("InvalidRequestException", message)


def _existing(self: AthenaResponse) -> WorkGroup:
    name = self._get_param("WorkGroup")
    found = self.athena_backend.work_groups.get(name)
    if found is None:
        raise _refuse(f"WorkGroup {name} is not found.")
    return found


def _get_work_group(self: AthenaResponse) -> str:
    # moto answers with nothing where there is nothing.
    _existing(self)
    return _moto_get_work_group(self)


def _update_work_group(self: AthenaResponse) -> str:
    group = _existing(self)
    description, state = self._get_param("Description"), self._get_param("State")
    group.description = group.description if description is None else description
    group.state = state or group.state
    updates = dict(self._get_param("ConfigurationUpdates") or {})
    results = updates.pop(f"{RESULTS}Updates", {})
    configuration = _updated(group.configuration, updates)
    configuration[RESULTS] = _updated(configuration.get(RESULTS, {}), results)
    group.configuration = configuration
    return "{}"


def _updated(settings: dict[str, Any], updates: dict[str, Any]) -> dict[str, Any]:
    removed = {key.removeprefix(REMOVE) for key in updates if key.startswith(REMOVE)}
    kept = {key: value for key, value in settings.items() if key not in removed}
    return kept | {key: value for key, value in updates.items() if not key.startswith(REMOVE)}


def _delete_work_group(self: AthenaResponse) -> str:
    # moto deletes what holds queries, and keeps the tags for the next group of that name.
    group, backend = _existing(self), self.athena_backend
    queries = [item.id for item in backend.executions.values() if item.workgroup is group]
    if queries and not self._get_param("RecursiveDeleteOption"):
        raise _refuse(f"WorkGroup {group.name} is not empty")
    for query in queries:
        del backend.executions[query]
    del backend.work_groups[group.name]
    backend.tagger.delete_all_tags_for_resource(group.arn)
    return "{}"


def _list_tags_for_resource(self: AthenaResponse) -> str:
    # moto takes a resource without tags for one that is not there.
    arn, backend = self._get_param("ResourceARN"), self.athena_backend
    if arn not in _arns(backend):
        raise JsonRESTError("ResourceNotFoundException", f"Resource {arn} is not found.")
    return json.dumps(backend.tagger.list_tags_for_resource(arn))


def _arns(backend: AthenaBackend) -> set[str]:
    return {resource.arn for resource in backend.iter_tagged_resources()}
