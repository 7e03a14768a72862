"""Names of hosts, and wildcards that stand for one label: what certificates are made for."""


def covers(pattern: str, host: str) -> bool:
    """Tell whether a name, or a wildcard for one label, holds for a host."""
    if pattern.startswith("*."):
        return host.partition(".")[2] == pattern[2:]
    return pattern == host


def overlap(one: str, other: str) -> bool:
    """Tell whether two names or wildcards hold for a common host."""
    return one == other or covers(one, other) or covers(other, one)
