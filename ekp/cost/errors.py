"""Errors of the cost report: each says which answer is wrong, and what to ask instead."""

from ekp.runner.errors import RunnerError


class AnswerError(RunnerError):
    """What Kubecost answered, or what was saved of it, cannot be used."""


class UnreachableError(RunnerError):
    """Kubecost does not answer."""
