"""What can go wrong between here and a cluster's API, each with what to do about it."""

from ekp.runner.errors import RunnerError


class ClusterError(RunnerError):
    """A cluster's API cannot be used."""


class NoClusterError(ClusterError):
    """The state of the cluster does not say where its API is."""


class AwsCliMissingError(ClusterError):
    """There is no AWS CLI, which makes the tokens."""


class TokenError(ClusterError):
    """The AWS CLI gives no token."""


class UnreachableError(ClusterError):
    """The API does not answer."""


class UntrustedError(ClusterError):
    """Whoever answers has no certificate of the cluster's own."""


class UnauthorizedError(ClusterError):
    """The API does not know the role."""


class ForbiddenError(ClusterError):
    """The API knows the role and does not let it."""


class RefusedError(ClusterError):
    """The API answers with an error of its own."""


class SecretsMissingError(ClusterError):
    """Releases would wait for Secrets that nobody has made."""


class NotDrainedError(ClusterError):
    """Something in the cluster does not go away, or the cluster cannot be asked."""
