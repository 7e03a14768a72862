"""A URL and the headers of a request as a person writes them."""

import re
from urllib.parse import urlsplit

PORTS = {"http": 80, "https": 443}
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")
# Source: RFC 9110, 5.6.2 (token).
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def url(text: str) -> tuple[str, str, str]:
    """Return the scheme, the host and the path with its query; a fragment is never sent.

    Raises:
        ValueError: no request comes of it.
    """
    if not all("!" <= character <= "~" for character in text):
        raise ValueError(
            "it has characters that no request carries; percent-encode them, and write a host"
            " of another script in its xn-- form"
        )
    try:
        found = urlsplit(text)
    except ValueError:
        raise ValueError("it has a bracket in its host; write https://HOST/PATH") from None
    if found.scheme not in PORTS or not text.lower().startswith(f"{found.scheme}://"):
        raise ValueError("its scheme is none of http and https; write https://HOST/PATH")
    if "@" in found.netloc:
        raise ValueError("it has a user in it; write who asks as --jwt, --claims or --header")
    if not found.hostname:
        raise ValueError("it has no host; write https://HOST/PATH")
    if found.hostname.endswith("."):
        raise ValueError("its host ends with a dot; write it without")
    if not _HOST.fullmatch(found.hostname):
        raise ValueError(f"{found.hostname} is no host name; write one such as shop.example.org")
    port = found.netloc.rpartition(":")[2] if ":" in found.netloc else ""
    if port not in ("", str(PORTS[found.scheme])):
        raise ValueError(
            f"nobody listens on port {port}; CloudFront and load balancers take"
            f" {found.scheme} on {PORTS[found.scheme]}"
        )
    query = f"?{found.query}" if found.query else ""
    return found.scheme, found.hostname, f"{found.path or '/'}{query}"


def header(text: str) -> tuple[str, str]:
    """Return a header's name in small letters, and its value.

    Raises:
        ValueError: it is none; the message does not repeat the value, which may be secret.
    """
    name, colon, value = text.partition(":")
    value = value.strip(" \t")
    if not colon or not _NAME.fullmatch(name):
        raise ValueError("has no name before a colon; write 'Name: value'")
    if not all(" " <= character <= "~" or character == "\t" for character in value):
        raise ValueError(f"{name} has characters that no header carries; write printable ASCII")
    if name.lower() == "host":
        raise ValueError("Host is the URL's; write the host there")
    return name.lower(), value


def method(text: str) -> str:
    """Return a method in capital letters.

    Raises:
        ValueError: it is none.
    """
    if not _NAME.fullmatch(text):
        raise ValueError(f"{text!r} is no method of HTTP; write one such as GET or POST")
    return text.upper()
