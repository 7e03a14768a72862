"""The way to HCP Terraform: which address, which token, and what its refusals mean."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from pytfe import TFEClient, TFEConfig
from pytfe.errors import AuthError, NotFound, RateLimited, ServerError, TFEError

from ekp.runner.hcp import token_variable

from .errors import HcpError

CREDENTIALS = ".terraform.d/credentials.tfrc.json"
# HCP lets 30 requests a second through: seconds of patience are enough. Each wait doubles.
RETRIES = 5
FIRST_WAIT = 0.1


@dataclass(frozen=True)
class Token:
    """What lets the caller in, and where it was found; never shown."""

    value: str
    source: str

    def __repr__(self) -> str:
        return f"Token(from {self.source})"


@dataclass(frozen=True)
class Connection:
    """A client of one installation, for one organisation."""

    client: TFEClient
    hostname: str
    organization: str
    token: Token

    @contextmanager
    def explaining(self) -> Iterator[TFEClient]:
        """Give the client, and turn what HCP refuses it into one clear error.

        Raises:
            HcpError: HCP could not be reached, or refused something.
        """
        try:
            yield self.client
        except (TFEError, json.JSONDecodeError) as error:
            raise explained(error, self) from error


@contextmanager
def connected(
    hostname: str,
    organization: str,
    environ: Mapping[str, str] = os.environ,
    home: Path | None = None,
) -> Iterator[Connection]:
    """Connect to an installation while the block runs; nothing is asked yet.

    Args:
        hostname: of the settings.
        organization: of the settings.
        environ: where TFE_TOKEN and TFE_ADDRESS may be.
        home: where the file of `terraform login` is.

    Raises:
        HcpError: there is no token, or TFE_ADDRESS names another machine.
    """
    token = find_token(hostname, environ, home or Path.home())
    config = TFEConfig(
        address=address(hostname, environ),
        token=token.value,
        user_agent_suffix="ekp",
        max_retries=RETRIES,
        backoff_base=FIRST_WAIT,
        # A certificate is always checked. httpx reads SSL_CERT_FILE itself, and warns of pytfe's.
        verify_tls=True,
        ca_bundle=None,
    )
    with TFEClient(config) as client:
        yield Connection(client, hostname, organization, token)


def address(hostname: str, environ: Mapping[str, str]) -> str:
    """Where the API is: the settings' hostname; TFE_ADDRESS may say so too, or name loopback.

    Raises:
        HcpError: TFE_ADDRESS names another machine, which would be sent this one's token.
    """
    told = environ.get("TFE_ADDRESS", "")
    parts = urlsplit(told)
    if not told or (parts.scheme, parts.netloc, parts.path.strip("/")) == ("https", hostname, ""):
        return f"https://{hostname}"
    if _is_loopback(parts.hostname or ""):
        return told
    raise HcpError(
        f"TFE_ADDRESS is {told}, and the settings say {hostname}.",
        remedy="Unset TFE_ADDRESS: the hostname comes from the settings.",
    )


def find_token(hostname: str, environ: Mapping[str, str], home: Path) -> Token:
    """Find the caller's token: TFE_TOKEN, Terraform's TF_TOKEN_<host>, or `terraform login`'s file.

    Raises:
        HcpError: there is none.
    """
    own = token_variable(hostname)
    for name in ("TFE_TOKEN", own):
        if environ.get(name):
            return Token(environ[name], name)
    file = home / CREDENTIALS
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
        value = known.get("credentials", {}).get(hostname, {}).get("token")
    except FileNotFoundError:
        value = None
    except (OSError, ValueError, AttributeError) as error:
        raise HcpError(
            f"~/{CREDENTIALS} cannot be read.", remedy=f"Run `terraform login {hostname}` again."
        ) from error
    if not value:
        raise HcpError(
            f"There is no token for {hostname}.",
            remedy=f"Run `terraform login {hostname}`, or set TFE_TOKEN or {own}.",
        )
    return Token(value, f"~/{CREDENTIALS}")


def explained(  # noqa: PLR0911 - a table of refusals
    error: Exception, connection: Connection
) -> HcpError:
    """Say what a refusal of the API means."""
    hostname, organization = connection.hostname, connection.organization
    token = connection.token
    match error:
        case AuthError(status=403):
            return HcpError(
                f"{hostname} forbids this to the token from {token.source}: {details(error)}.",
                remedy=f"Use a token that may manage workspaces in {organization}.",
            )
        case AuthError():
            return HcpError(
                f"{hostname} does not take the token from {token.source}: it is wrong or expired.",
                remedy=f"Run `terraform login {hostname}`, or set TFE_TOKEN to one that is valid.",
            )
        case NotFound():
            return HcpError(
                f"{hostname} has no such thing in {organization}, or hides it from the token from"
                f" {token.source}.",
                remedy="Check the organization in the settings, and what the token may see.",
            )
        case RateLimited():
            return HcpError(
                f"{hostname} lets no more requests through, also after {RETRIES} more attempts.",
                remedy="Run the command again in a minute; it goes on where it was.",
            )
        case ServerError() if isinstance(error.__cause__, httpx.HTTPError):
            return HcpError(
                f"{hostname} cannot be reached: {error}.",
                remedy="Check the network, proxies (HTTPS_PROXY) and the hostname in the settings.",
            )
        case json.JSONDecodeError():
            return HcpError(
                f"{hostname} does not answer like HCP Terraform.",
                remedy="Check the hostname in the settings.",
            )
    return HcpError(
        f"{hostname} refused: {details(error)}.",
        remedy="Put it right and run the command again; it goes on where it was.",
    )


def details(error: Exception) -> str:
    """Every reason that a refusal gives."""
    errors = getattr(error, "errors", [])
    told = [
        str(each.get("detail") or each.get("title") or "") if isinstance(each, dict) else str(each)
        for each in errors
    ]
    return "; ".join(text.rstrip(".") for text in told if text) or str(error).rstrip(".")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
