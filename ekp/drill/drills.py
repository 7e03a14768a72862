"""The drills there are, by name, in the order in which all of them run."""

import importlib
from collections.abc import Mapping
from typing import Protocol

from ekp.configured.environment import Configured

from .place import Place
from .report import Drill


class Runner(Protocol):
    """The module of a drill."""

    def run(self, configured: Configured, place: Place) -> Drill:
        """Break it, look, and say what was seen; never raises for what it finds."""


NAMES: Mapping[str, str] = {
    "region-down": "region_down",
    "bad-deploy": "bad_deploy",
    "bot-attack": "bot_attack",
    "overload": "overload",
    "pod-failure": "pod_failure",
    "secret-leak": "secret_leak",
}
"""Name -> package below this one, whose module ``drill`` has ``run``."""
BREAKS: Mapping[str, str] = {
    "region-down": "one region after the other answers nobody",
    "bad-deploy": "a new version of each service answers with errors, or slowly",
    "bot-attack": "more requests than anybody good would send, past CloudFront and through it",
    "overload": "more good requests than the services were sized for",
    "pod-failure": "pods, a node, a zone",
    "secret-leak": "the secret between CloudFront and load balancers, and every credential, is out",
}
"""Name -> what is broken, in a few words."""


def run(name: str, configured: Configured, place: Place) -> Drill:
    """Run one drill.

    Raises:
        KeyError: there is none of this name.
    """
    module: Runner = importlib.import_module(f"{__package__}.{NAMES[name]}.drill")
    return module.run(configured, place)
