"""What drills tell people to change exists: settings, files, commands, names."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, get_args

from modules.core.config import Config

import pytest

from ekp.cli import COMMANDS, GROUPS
from ekp.configured.environment import Configured
from ekp.drill import together
from ekp.drill.drills import NAMES
from ekp.drill.place import Place
from ekp.drill.report import Outcome
from ekp.synth import project_root
from environments.schema import Environment

ROOT = project_root()
SETTINGS = re.compile(r"[a-z][a-z0-9_]*(\[[^\]]*\])?(\.[a-z][a-z0-9_]*(\[[^\]]*\])?)*")
# Words of others, as they write them.
OTHERS = {
    # NGINX
    "burst",
    "zoneSize",
    # Kubernetes
    "preStop",
    "terminationGracePeriodSeconds",
    "topologySpreadConstraints",
    "volumeBindingMode: WaitForFirstConsumer",
    # Istio and Envoy
    "connect-failure",
    "max_dynamic_descriptors",
    "max_tokens",
    "response_headers_to_add",
    "status",
    "trafficPolicy.outlierDetection",
    # charts and add-ons
    "existingSecret",
    "replicaCount",
    # AWS and its Terraform provider
    "aws_wafv2_web_acl_association",
    "block",
    "forwarded_ip_config",
    "web_acl_id",
    # Vault
    "max_ttl",
    # values and variables of ours that are no settings of an environment
    "direct",
    "mode",
    "origin-header",
    "origin_header_current",
    "origin_header_next",
    "web_acl.plan",
    "x-ekp-limited-by",
}
PROGRAMS = ("kubectl", "pip", "vault")


def kinds(of: type[Config] = Config) -> Iterator[type[Config]]:
    """Yield every kind of settings."""
    for one in of.__subclasses__():
        yield one
        yield from kinds(one)


def inside(annotation: Any) -> Iterator[type[Config]]:
    """Yield the kinds of settings that an annotation names, at any depth."""
    if isinstance(annotation, type) and issubclass(annotation, Config):
        yield annotation
    annotation = getattr(annotation, "__value__", annotation)
    for one in get_args(annotation):
        yield from inside(one)


def is_setting(text: str) -> bool:
    """Tell whether settings lead along a path; one from the environment begins at its root."""
    first, *rest = re.sub(r"\[[^\]]*\]", "", text).split(".")
    at = {Environment} if first in Environment.model_fields else set(kinds())
    for name in (first, *rest):
        found = [kind.model_fields[name] for kind in at if name in kind.model_fields]
        if not found:
            return False
        at = {kind for field in found for kind in inside(field.annotation)}
    return True


def exists(text: str) -> bool:
    """Tell whether there is what a text between backticks names; ``*`` stands for anything."""
    if text in OTHERS or text == "*":
        return True
    word, _, rest = text.partition(" ")
    if word in PROGRAMS:
        return True
    if word == "ekp":
        return rest.split()[0] in {*COMMANDS, *GROUPS, "*"}
    if "/" in text:
        return any(ROOT.glob(text))
    if text[0].isupper():
        return is_name(text)
    return bool(SETTINGS.fullmatch(text.replace("*.", "").replace("*", "R"))) and is_setting(
        text.replace("*.", "").replace("[*]", "")
    )


def is_name(text: str) -> bool:
    """Tell whether a class, its member or a constant of the settings has a name."""
    name, _, member = text.partition(".")
    pattern = re.compile(rf"^(class {name}\b|{name}\b.*=)", re.MULTILINE)
    within = rf"^    {member}\b.*=" if member else ""
    files = [*(ROOT / "modules").rglob("*.py"), *(ROOT / "environments").glob("*.py")]
    texts = [file.read_text(encoding="utf-8") for file in files]
    return any(pattern.search(one) and re.search(within, one, re.MULTILINE) for one in texts)


def texts(file: Path) -> Iterator[str]:
    """Yield the texts of a module that are no docstrings; what is filled in is ``*``."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    left = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            left |= {id(part) for part in ast.walk(node) if part is not node}
    for node in ast.walk(tree):
        if id(node) in left:
            continue
        if isinstance(node, ast.JoinedStr):
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield re.sub(r"\{\w+\}", "*", node.value)


def named(text: str) -> Iterable[str]:
    """Return what stands between backticks."""
    return re.findall(r"`([^`]+)`", text)


@pytest.mark.parametrize("package", NAMES.values())
def test_what_a_drill_may_ever_tell_people_to_change_exists(package: str) -> None:
    files = (ROOT / "ekp" / "drill" / package).glob("*.py")
    found = {(name, file.name) for file in files for text in texts(file) for name in named(text)}

    assert found or package == "bad_deploy"
    assert sorted(one for one in found if not exists(one[0])) == []


@pytest.mark.parametrize("environment", ["dev", "qa", "management", "prod"])
def test_what_drills_tell_of_an_environment_exists(
    synthesized_outdir: Path, environment: str
) -> None:
    configured = Configured.load(synthesized_outdir, environment)
    report = together.run(("region-down", "pod-failure", "secret-leak"), configured, Place())
    shown = (
        one.remedy
        for one in report.checks
        if one.outcome in (Outcome.FAILED, Outcome.NOTED, Outcome.SKIPPED)
    )

    assert sorted({name for text in shown for name in named(text) if not exists(name)}) == []


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("regions[eu-west-1].ingress.health.minutes", True),
        ("regions[eu-west-1].ingress.health.seconds", False),
        ("edge.front", True),
        ("front.edge", False),
        ("scaling.min_replicas", True),
        ("scaling.minReplicas", False),
        ("Nat.PER_ZONE", True),
        ("Nat.PER_PLANET", False),
        ("modules/aws/waf.py", True),
        ("modules/aws/wall.py", False),
        ("ekp secrets", True),
        ("ekp secret", False),
    ],
)
def test_a_name_that_does_not_exist_is_found(text: str, *, there: bool) -> None:
    assert exists(text) is there
