"""The settings, for commands that read more than what was synthesized."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ekp.synth import InvalidSettingsError

from .console import warn

if TYPE_CHECKING:
    from environments.schema import Environment


def environments() -> "Mapping[str, Environment]":
    """Return the environments by name; warnings are printed.

    Raises:
        InvalidSettingsError: the settings are wrong.
    """
    # The settings load the bindings, which the other commands do without.
    import main  # noqa: PLC0415 - as said above
    from environments import SettingsError, load  # noqa: PLC0415 - as said above

    try:
        found, warnings = load(main.today())
    except SettingsError as error:
        raise InvalidSettingsError(error.problems) from error
    for warning in warnings:
        warn(warning)
    return found
