"""The synthesized stacks as values: what each is, where its state lies, what it reads."""

import difflib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from .errors import BrokenSynthesisError, NotSynthesizedError, UnknownEnvironmentError

SYNTH = "Run `ekp synth` and try again."
MANIFEST = "manifest.json"
CONFIGURATION = "cdk.tf.json"
# HCP Terraform as the place of a state: a stack's own, and as a later one reads it.
HOSTED = ("cloud", "remote")
HCP_HOST = "app.terraform.io"


@dataclass(frozen=True)
class Stack:
    """One stack of ``cdktf.out``: one Terraform state.

    ``folder`` is the synthesized folder, which is only ever read. ``depends_on`` holds stack ids.
    ``contract`` maps each field that the stack publishes to a sample of its type.
    """

    id: str
    folder: Path
    environment: str
    region: str
    layer: str
    depends_on: tuple[str, ...]
    contract: Mapping[str, Any]
    configuration: Mapping[str, Any]

    @cached_property
    def construct_paths(self) -> Mapping[str, str]:
        """Resource address -> path of the construct that made it."""
        return {
            f"{kind}.{name}": body.get("//", {}).get("metadata", {}).get("path", "")
            for kind, resources in self.resources.items()
            for name, body in resources.items()
        }

    @property
    def file(self) -> Path:
        """The synthesized Terraform JSON."""
        return self.folder / CONFIGURATION

    @property
    def resources(self) -> Mapping[str, Mapping[str, Any]]:
        """Type of a resource -> the resources of this type, by name."""
        found: Mapping[str, Mapping[str, Any]] = self.configuration.get("resource", {})
        return found

    @cached_property
    def addresses(self) -> Mapping[str, str]:
        """Name of a resource, which CDKTF makes unique in a stack -> its address."""
        return {address.partition(".")[2]: address for address in self.construct_paths}

    def construct_path(self, address: str) -> str:
        """The construct behind a resource address (an index is ignored), or an empty string."""
        return self.construct_paths.get(address.partition("[")[0], "")

    @property
    def backend(self) -> tuple[str, Mapping[str, Any]]:
        """Kind and settings of the backend; Terraform's own default is a local file."""
        terraform = self.configuration.get("terraform", {})
        if "cloud" in terraform:
            return "cloud", _first(terraform["cloud"])
        for kind, settings in terraform.get("backend", {}).items():
            return str(kind), _first(settings)
        return "local", {}

    @property
    def state_key(self) -> tuple[str, ...]:
        """What identifies the stack's state among all states."""
        return state_key(*self.backend)

    @property
    def remote_states(self) -> Mapping[str, tuple[str, ...]]:
        """Name of each remote state that the stack reads -> what identifies that state."""
        found = self.configuration.get("data", {}).get("terraform_remote_state", {})
        return {
            name: state_key(body.get("backend", ""), _first(body.get("config", {})))
            for name, body in found.items()
        }

    @property
    def provider_versions(self) -> Mapping[str, str]:
        """Full provider source (``HOSTNAME/NAMESPACE/TYPE``) -> version constraint."""
        required = _first(self.configuration.get("terraform", {}).get("required_providers", {}))
        return {
            _full_source(body.get("source", name)): str(body.get("version", ""))
            for name, body in required.items()
        }

    @property
    def deploy_roles(self) -> tuple[str, ...]:
        """ARNs of the roles that the stack's providers assume."""
        providers = self.configuration.get("provider", {}).values()
        return tuple(
            role["role_arn"]
            for provider in (entry for group in providers for entry in _list(group))
            for role in _list(provider.get("assume_role", []))
            if "role_arn" in role
        )

    @property
    def account(self) -> str:
        """The account that its AWS provider is held to; empty where it is held to none."""
        for provider in _list(self.configuration.get("provider", {}).get("aws", [])):
            for account in provider.get("allowed_account_ids", ()):
                return str(account)
        return ""

    @property
    def required_variables(self) -> Mapping[str, Mapping[str, Any]]:
        """Name of each variable that has no default -> its declaration."""
        declared = self.configuration.get("variable", {})
        return {name: body for name, body in declared.items() if "default" not in body}

    @property
    def parent_zone(self) -> Mapping[str, str] | None:
        """The DNS zone above (``name``, ``zone_id``, ``role_arn``) that the stack delegates in."""
        zone: Mapping[str, str] | None = self.configuration["//"]["ekp"].get("parent_zone")
        return zone

    @property
    def protected(self) -> bool:
        """Whether a destroy wants the environment's name typed; where nothing is said, it does."""
        return bool(self.configuration.get("//", {}).get("ekp", {}).get("protected", True))

    @property
    def hcp(self) -> Mapping[str, Any] | None:
        """What its workspace in HCP Terraform is to be; None: its state is elsewhere."""
        found: Mapping[str, Any] | None = self.configuration.get("//", {}).get("ekp", {}).get("hcp")
        return found

    @property
    def delivers(self) -> tuple[str, ...]:
        """The environments whose services the stack's cluster brings from Git."""
        return tuple(self.configuration.get("//", {}).get("ekp", {}).get("delivers", ()))


def load(outdir: Path) -> Mapping[str, Stack]:
    """Every stack in ``outdir`` (``cdktf.out``), by id.

    Raises:
        NotSynthesizedError: there is no manifest.
        BrokenSynthesisError: a file is not what CDKTF writes.
    """
    manifest = outdir / MANIFEST
    if not manifest.is_file():
        raise NotSynthesizedError(f"No synthesized stacks in {outdir}.", remedy=SYNTH)
    try:
        entries = json.loads(manifest.read_text())["stacks"]
        stacks = {id_: _stack(outdir, id_, entry) for id_, entry in entries.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BrokenSynthesisError(
            f"The synthesized stacks in {outdir} cannot be read: {_reason(error)}.", remedy=SYNTH
        ) from error
    for stack in stacks.values():
        unknown = [id_ for id_ in stack.depends_on if id_ not in stacks]
        if unknown:
            raise BrokenSynthesisError(
                f"Stack {stack.id} depends on {', '.join(unknown)}, missing in {manifest}.",
                remedy=SYNTH,
            )
    return stacks


def of_environment(stacks: Mapping[str, Stack], environment: str) -> Mapping[str, Stack]:
    """The stacks of one environment.

    Raises:
        UnknownEnvironmentError: no stack belongs to it.
    """
    chosen = {id_: stack for id_, stack in stacks.items() if stack.environment == environment}
    if not chosen:
        raise unknown(environment, {stack.environment for stack in stacks.values()})
    return chosen


def unknown(environment: str, known: Collection[str]) -> UnknownEnvironmentError:
    """The error for an environment that there is not; ``known`` are those that there are."""
    close = difflib.get_close_matches(environment, sorted(known), n=1)
    hint = f"Did you mean {close[0]}? " if close else ""
    return UnknownEnvironmentError(
        f"There is no environment {environment!r}.",
        remedy=f"{hint}Known environments: {', '.join(sorted(known)) or 'none'}.",
    )


def state_key(kind: str, settings: Mapping[str, Any]) -> tuple[str, ...]:
    """What identifies a state, from a backend's kind and settings."""
    if kind in HOSTED:
        named = _first(settings.get("workspaces", {})).get("name")
        values = (settings.get("hostname") or HCP_HOST, settings.get("organization"), named)
        return ("cloud", *map(str, values))
    names = {"s3": ("bucket", "key"), "local": ("path",)}.get(kind, tuple(sorted(settings)))
    return (kind, *(json.dumps(settings.get(name), sort_keys=True) for name in names))


def _stack(outdir: Path, id_: str, entry: Mapping[str, Any]) -> Stack:
    file = outdir / entry["synthesizedStackPath"]
    configuration = json.loads(file.read_text())
    ours = configuration.get("//", {}).get("ekp")
    if ours is None:
        raise KeyError(f'{file} has no "//".ekp')
    return Stack(
        id=id_,
        folder=file.parent,
        environment=ours["environment"],
        region=ours["region"],
        layer=ours["layer"],
        depends_on=tuple(entry.get("dependencies", ())),
        contract=ours.get("contract", {}),
        configuration=configuration,
    )


def _reason(error: Exception) -> str:
    return f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _first(value: Any) -> Mapping[str, Any]:
    entries = _list(value)
    return entries[0] if entries else {}


def _full_source(source: str) -> str:
    short = source.split("/")
    return "/".join((*("registry.terraform.io", "hashicorp")[: 3 - len(short)], *short))
