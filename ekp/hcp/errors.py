"""What can stand in the way of HCP Terraform: what is wrong, and what to do."""

from ekp.runner.errors import RunnerError


class HcpError(RunnerError):
    """HCP Terraform, or what is asked of it, cannot go on like this."""


class NotHcpError(RunnerError):
    """The state of the environments is somewhere else."""
