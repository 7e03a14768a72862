"""How what a Git repository holds reaches the clusters of an environment, and in which order."""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from .config import Config, named_once
from .context import Region
from .sync_windows import SyncWindow

ENVIRONMENT_LABEL = "ekp/environment"
"""Label of the Secrets that Argo CD knows clusters by, and of Applications."""
REGION_LABEL = "ekp/region"
"""As above; the waves of a delivery choose Applications by it."""

_HTTPS = re.compile(r"https://[a-z0-9.-]+(:\d+)?(/[\w.~-]+)+", re.ASCII)
_SSH = re.compile(r"ssh://([a-z_][\w-]*@)?[a-z0-9.-]+(:\d+)?(/[\w.~-]+)+", re.ASCII)
_SCP = re.compile(r"[a-z_][\w-]*@[a-z0-9.-]+:[\w.~-]+(/[\w.~-]+)*", re.ASCII)
_PATH = re.compile(r"[\w.-]+(/[\w.-]+)*", re.ASCII)


def _url(url: str) -> str:
    if not any(form.fullmatch(url) for form in (_HTTPS, _SSH, _SCP)):
        raise ValueError(
            f"{url!r} is no address of a Git repository; write https or ssh and no password, such "
            "as https://git.example.org/shop/services.git or git@git.example.org:shop/services.git"
        )
    if (port := re.search(r"//[^/]+:(\d+)/", url)) and port[1] not in ("22", "443"):
        raise ValueError(
            f"{url!r}: Git is fetched on ports 22 and 443 alone, which network policies open; "
            "serve it there"
        )
    return url


def _path(path: str) -> str:
    if not _PATH.fullmatch(path) or any(part in (".", "..") for part in path.split("/")):
        raise ValueError(
            f"{path!r} is no folder inside a repository; write it from the root and without a "
            "slash at either end, such as services"
        )
    return path


class GitRepository(Config):
    """Where the rendered objects of services are kept."""

    url: Annotated[str, AfterValidator(_url)]
    """Credentials are none of its parts: Argo CD has them in a Secret of its own."""
    revision: Annotated[str, Field(pattern=r"^[A-Za-z0-9_][\w./-]{0,127}$")] = "main"
    """The branch that is deployed."""
    path: Annotated[str, AfterValidator(_path)] = "services"
    """Folder of the environments: ``<path>/<environment>/<namespace>/<service>.yaml``."""
    private: bool = True
    """Whether Argo CD needs credentials for it, in a Secret that people make."""


class Sync(StrEnum):
    """When a commit is applied."""

    AUTOMATED = "automated"
    """At once in every region; what is changed by hand is put right again."""
    WAVES = "waves"
    """Region by region; the next one once the one before is healthy."""


class Delivery(Config):
    """How commits reach the regions of an environment."""

    repository: GitRepository
    """Where services' rendered objects are committed."""
    sync: Sync = Sync.AUTOMATED
    """When a commit is applied: at once in every region, or region by region."""
    waves: tuple[tuple[Region, ...], ...] = ()
    """Regions by wave, the canary region alone in the first; with ``sync`` = waves."""
    windows: tuple[SyncWindow, ...] = ()
    """When commits may come and when not; none: at any time."""

    @model_validator(mode="after")
    def windows_differ(self) -> Self:
        """Refuse a window that stands twice: Argo CD would refuse every project of it."""
        named_once(
            "windows", [f"{w.kind} {w.schedule} {w.duration} {w.time_zone}" for w in self.windows]
        )
        return self

    @model_validator(mode="after")
    def waves_are_an_order(self) -> Self:
        """Refuse waves that leave the order open, or that nothing follows."""
        if self.sync is Sync.AUTOMATED:
            if self.waves:
                raise ValueError(
                    f"waves = {_shown(self.waves)}, but sync is automated, which knows no order; "
                    "set sync to waves or remove them"
                )
            return self
        if not self.waves or not all(self.waves):
            raise ValueError(
                f"waves = {_shown(self.waves)}: sync is waves, which takes at least one region in "
                "each; name the regions, such as waves=((canary region,), (the others,))"
            )
        if len(self.waves[0]) > 1:
            raise ValueError(
                f"waves[0] = {', '.join(self.waves[0])}: a canary region is one; move the others "
                "to a later wave"
            )
        named_once("waves", [region for wave in self.waves for region in wave])
        return self


def check_waves(delivery: Delivery, regions: Sequence[str]) -> None:
    """Refuse waves that do not cover an environment's regions: one left out is never deployed to.

    Raises:
        ValueError: with the setting, the regions and the remedy.
    """
    if delivery.sync is not Sync.WAVES:
        return
    named = [region for wave in delivery.waves for region in wave]
    if missing := [region for region in regions if region not in named]:
        raise ValueError(
            f"delivery.waves = {_shown(delivery.waves)} lacks {', '.join(missing)}, which would "
            "get no commit; add it to a wave"
        )
    if unknown := [region for region in named if region not in regions]:
        raise ValueError(
            f"delivery.waves = {_shown(delivery.waves)} names {', '.join(unknown)}, which is no "
            f"region of the environment; use {', '.join(regions)}"
        )


def _shown(waves: Sequence[Sequence[str]]) -> str:
    return ", then ".join(" and ".join(wave) or "nothing" for wave in waves) or "nothing"
