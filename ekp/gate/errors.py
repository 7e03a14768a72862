"""What can go wrong with the gate itself; a finding is no error."""

from ekp.runner.errors import RunnerError


class GateError(RunnerError):
    """The gate could not be judged, which is never a pass."""


class GateClosedError(RunnerError):
    """The gate was judged and is closed."""
