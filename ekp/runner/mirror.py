"""Provider mirrors of this machine, found and named to Terraform in a CLI configuration."""

import hashlib
import json
import os
import platform
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import files

# The system's folder for optional software (Filesystem Hierarchy Standard).
OPTIONAL_SOFTWARE = Path("/opt")
CONFIGURATION = "TF_CLI_CONFIG_FILE"
# What Terraform's backends call the API of HCP Terraform, by its versions.
SERVICES = ("state.v2", "tfe.v2", "tfe.v2.1", "tfe.v2.2")
INSTALLATION = re.compile(r"^\s*provider_installation\s*\{", re.MULTILINE)


@dataclass(frozen=True)
class Mirror:
    """A filesystem mirror.

    ``providers`` maps HOSTNAME/NAMESPACE/TYPE to the versions held for this machine's platform.
    """

    folder: Path
    providers: Mapping[str, frozenset[str]]


def configuration(
    environ: Mapping[str, str],
    *,
    wanted: Iterable[Mapping[str, str]] = (),
    extra_mirrors: Sequence[Path] = (),
    hosts: Mapping[str, str] | None = None,
    optional_software: Path = OPTIONAL_SOFTWARE,
) -> dict[str, str | None]:
    """The variable that names Terraform's CLI configuration, with the mirrors of this machine.

    ``wanted`` are the provider versions of the stacks: a mirror that lacks an exact version is
    not used for that provider. ``extra_mirrors`` come before those found. ``hosts`` are answered
    elsewhere: hostname -> where the API of HCP Terraform is. A configuration of the person's own
    is taken as it is; with ``extra_mirrors`` or ``hosts``, a copy of it that has them too.

    Raises:
        NotWritableError: the cache folder cannot be written.
    """
    own = user_configuration(environ)
    if own is not None and not extra_mirrors and not hosts:
        return {CONFIGURATION: str(own)}
    found = [look_into(folder) for folder in extra_mirrors]
    text = own.read_text() if own else ""
    if not INSTALLATION.search(text):
        found += find(environ, optional_software=optional_software)
    mirrors = _useful([mirror for mirror in found if mirror.providers], list(wanted))
    if not mirrors and not hosts:
        return {CONFIGURATION: str(own) if own else None}
    if mirrors:
        text = render(mirrors, text)
    text += "".join(service(*host) for host in sorted((hosts or {}).items()))
    name = hashlib.sha256(text.encode()).hexdigest()[:16]
    path = cache_folder(environ) / "terraform" / f"{name}.tfrc"
    if not path.is_file():
        files.write(path, text)
    return {CONFIGURATION: str(path)}


def user_configuration(environ: Mapping[str, str]) -> Path | None:
    """The person's own CLI configuration, if the file exists."""
    named = environ.get(CONFIGURATION)
    if named and Path(named).is_file():
        return Path(named)
    if sys.platform == "win32":
        usual = Path(environ.get("APPDATA", "")) / "terraform.rc"
    else:
        usual = _home(environ) / ".terraformrc"
    return usual if usual.is_file() else None


def cache_folder(environ: Mapping[str, str]) -> Path:
    """Where ekp keeps what it can make again: ``EKP_CACHE_DIR``, else the user's cache folder."""
    if environ.get("EKP_CACHE_DIR"):
        return Path(environ["EKP_CACHE_DIR"])
    return Path(environ.get("XDG_CACHE_HOME") or _home(environ) / ".cache") / "ekp"


def find(
    environ: Mapping[str, str], *, optional_software: Path = OPTIONAL_SOFTWARE
) -> list[Mirror]:
    """The mirrors of this machine that hold something, the person's own choice first.

    ``EKP_PROVIDER_MIRROR`` may name several folders, separated as in PATH.
    """
    named = [
        Path(part) for part in environ.get("EKP_PROVIDER_MIRROR", "").split(os.pathsep) if part
    ]
    places = [*named, *_usual_places(environ), *_children(optional_software)]
    mirrors = (look_into(place) for place in dict.fromkeys(places))
    return [mirror for mirror in mirrors if mirror.providers]


def look_into(folder: Path) -> Mirror:
    """What a folder holds in the layout of a filesystem mirror, packed or unpacked."""
    held: dict[str, set[str]] = {}
    try:
        for unpacked in folder.glob(f"*.*/*/*/*/{this_platform()}"):
            source = "/".join(unpacked.relative_to(folder).parts[:3])
            held.setdefault(source, set()).add(unpacked.parent.name)
        for packed in folder.glob(f"*.*/*/*/terraform-provider-*_{this_platform()}.zip"):
            match = re.fullmatch(rf"terraform-provider-.+_(.+)_{this_platform()}\.zip", packed.name)
            if match:
                source = "/".join(packed.relative_to(folder).parts[:3])
                held.setdefault(source, set()).add(match[1])
    except OSError:
        return Mirror(folder, {})
    return Mirror(folder, {source: frozenset(versions) for source, versions in held.items()})


def render(mirrors: Sequence[Mirror], own: str = "") -> str:
    """The CLI configuration: mirrors for what they hold, the registry for the rest.

    ``own`` is the person's configuration: kept, and where it has a ``provider_installation`` of
    its own the mirrors go in front of what that says.
    """
    blocks = "".join(
        f"  filesystem_mirror {{\n    path    = {json.dumps(str(mirror.folder.absolute()))}\n"
        f"    include = {json.dumps(sorted(mirror.providers))}\n  }}\n"
        for mirror in mirrors
    )
    if INSTALLATION.search(own):
        return INSTALLATION.sub(lambda match: f"{match[0]}\n{blocks}", own, count=1)
    held = sorted({source for mirror in mirrors for source in mirror.providers})
    return (
        f"{own}# Written by ekp: provider mirrors found on this machine.\n"
        "provider_installation {\n"
        f"{blocks}  direct {{\n    exclude = {json.dumps(held)}\n  }}\n}}\n"
    )


def service(hostname: str, api: str) -> str:
    """The block that says where a host's API is, in place of what the host itself says.

    Source: hashicorp/terraform, internal/command/cliconfig (``host``), and the services that its
    cloud and remote backends ask for.
    """
    lines = "".join(f"    {json.dumps(name)} = {json.dumps(api)}\n" for name in SERVICES)
    return f"host {json.dumps(hostname)} {{\n  services = {{\n{lines}  }}\n}}\n"


def this_platform() -> str:
    """This machine as Terraform names it, such as ``linux_amd64``."""
    machine = platform.machine().lower()
    known = {"x86_64": "amd64", "aarch64": "arm64", "i686": "386", "i386": "386"}
    system = {"win32": "windows"}.get(sys.platform, sys.platform)
    return f"{system}_{known.get(machine, machine)}"


def _useful(mirrors: list[Mirror], wanted: list[Mapping[str, str]]) -> list[Mirror]:
    exact = {
        (source, version.removeprefix("=").strip())
        for versions in wanted
        for source, version in versions.items()
        if re.fullmatch(r"=?\s*[\d.]+", version)
    }

    def serves(source: str) -> bool:
        held = {one for mirror in mirrors for one in mirror.providers.get(source, ())}
        return all(version in held for name, version in exact if name == source)

    kept = (
        Mirror(
            mirror.folder, {name: held for name, held in mirror.providers.items() if serves(name)}
        )
        for mirror in mirrors
    )
    return [mirror for mirror in kept if mirror.providers]


def _usual_places(environ: Mapping[str, str]) -> list[Path]:
    # https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories
    home = _home(environ)
    if sys.platform == "win32":
        roaming = Path(environ.get("APPDATA", ""))
        return [
            roaming / "terraform.d" / "plugins",
            roaming / "HashiCorp" / "Terraform" / "plugins",
        ]
    if sys.platform == "darwin":
        support = "Library/Application Support/io.terraform/plugins"
        return [home / ".terraform.d" / "plugins", home / support, Path("/") / support]
    shared = environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    data = [environ.get("XDG_DATA_HOME") or str(home / ".local" / "share"), *shared.split(":")]
    return [
        home / ".terraform.d" / "plugins",
        *(Path(place) / "terraform" / "plugins" for place in data if place),
    ]


def _children(folder: Path) -> list[Path]:
    try:
        return sorted(child for child in folder.iterdir() if child.is_dir())
    except OSError:
        return []


def _home(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("HOME") or Path.home())
