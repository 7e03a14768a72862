"""DNS names the way Route53 writes them."""


def written(name: str) -> str:
    """Write a name as Route53 does: small letters, a dot at the end, the star as its code."""
    return f"{name.lower().rstrip('.')}.".replace("*", "\\052")


def order(name: str) -> tuple[str, ...]:
    """Give the key that Route53 sorts names by: the labels from the last to the first."""
    return tuple(reversed(written(name).rstrip(".").split(".")))


def inside(name: str, zone: str) -> bool:
    """Tell whether a name is a zone's own or lies under it."""
    return f".{written(name)}".endswith(f".{written(zone)}")
