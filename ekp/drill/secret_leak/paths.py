"""What a resource is called in reports."""

from ekp.configured.reading import Resource


def path(one: Resource) -> str:
    """Return a resource's construct path, or its address where it has none."""
    return one.stack.construct_path(one.address) or f"{one.stack.id} {one.address}"
