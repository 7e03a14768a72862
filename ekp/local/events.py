"""The rules of EventBridge, which the tagging API of moto leaves out."""

from collections.abc import Iterator

from moto.core.resource_tagging import TaggedResource
from moto.events.models import EventsBackend


def install() -> None:
    """Let `GetResources` find them; a second call changes nothing."""
    EventsBackend.iter_tagged_resources = _iter_tagged_resources  # type: ignore[method-assign] # no other hook


_moto_iter_tagged_resources = EventsBackend.iter_tagged_resources


def _iter_tagged_resources(self: EventsBackend) -> Iterator[TaggedResource]:
    # A run that was killed is recovered by a search for tags.
    yield from _moto_iter_tagged_resources(self)
    for bus in list(self.event_buses.values()):
        for rule in list(bus.rules.values()):
            tags = self.tagger.get_tag_dict_for_resource(rule.arn)
            yield TaggedResource(arn=rule.arn, tags=tags, resource_type="events:rule")
