"""Words of the command line as a question; all mistakes in them at once."""

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import TypeVar

from . import http_words, places, tokens
from .question import Client, Entry, Question
from .tokens import BadTokenError, Issuers, Read
from .words import BadQuestionError, Mistakes, Words

_RATE = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)/([smh])")
_SECONDS = {"s": 1, "m": 60, "h": 3600}
_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class Parsed:
    """A question, and what was assumed to ask it."""

    question: Question
    notes: tuple[str, ...] = ()
    """Of its token."""


def parse(words: Words, *, regions: Sequence[str], issuers: Issuers, now: datetime) -> Parsed:
    """Return the question that words ask.

    Args:
        words: As they were written.
        regions: Those of the environment.
        issuers: Gives whose tokens its gateways take; asked where claims leave that open.
        now: By which a token is expired or not.

    Raises:
        BadQuestionError: with every mistake.
    """
    mistakes = Mistakes()
    scheme, host, path = mistakes.read(
        f"URL {_shown(words.url)!r}:", lambda: http_words.url(words.url), ("",) * 3
    )
    nowhere: tuple[tuple[str, ...], str | None] = ((), None)
    nearest, country = mistakes.read("--from", lambda: _place(words.place, regions), nowhere)
    address = mistakes.read("--address", lambda: _address(words.address), Client().address)
    headers = _joined(_each(words.headers, "--header", http_words.header, mistakes))
    token = _token(words, headers, issuers, now, mistakes)
    of_environment = partial(_region, regions=regions)
    question = Question(
        scheme=scheme,
        host=host,
        path=path,
        method=mistakes.read("--method", lambda: http_words.method(words.method), "GET"),
        headers=headers if token is None else _without(headers, "authorization"),
        token=token.token if token else None,
        client=Client(address=address, country=country, nearest=nearest),
        rate=mistakes.read("--rate", lambda: _rate(words.rate), None),
        body_bytes=mistakes.read("--body-size", lambda: _size(words.body_size), 0),
        entry=words.entry,
        region=mistakes.read("--region", lambda: _way(words, regions), None),
        out=frozenset(_each(words.out_of_service, "--out-of-service", of_environment, mistakes)),
    )
    if mistakes.found:
        raise BadQuestionError(mistakes.found)
    return Parsed(question, token.notes if token else ())


def _each(
    texts: Iterable[str], what: str, make: Callable[[str], _Found], mistakes: Mistakes
) -> Iterator[_Found]:
    for text in texts:
        found = mistakes.read(what, partial(make, text), None)
        if found is not None:
            yield found


def _joined(headers: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Return headers by name; of one that is written twice both values count."""
    found: dict[str, str] = {}
    for name, value in headers:
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


def _shown(url: str) -> str:
    """Return a URL without the user and the password that may stand in it."""
    return re.sub(r"//[^/?#]*@", "//", url)


def _address(text: str | None) -> str:
    if text is None:
        return Client().address
    try:
        # A zone, as in fe80::1%eth0, is a matter of one machine.
        return str(ip_address(text if "%" not in text else ""))
    except ValueError:
        raise ValueError(
            f"{text!r} is no address of IPv4 or IPv6; write one such as 198.51.100.7"
        ) from None


def _place(text: str | None, regions: Sequence[str]) -> tuple[tuple[str, ...], str | None]:
    return ((), None) if text is None else places.nearest(text, regions)


def _without(headers: Mapping[str, str], name: str) -> Mapping[str, str]:
    return {key: value for key, value in headers.items() if key != name}


def _token(
    words: Words,
    headers: Mapping[str, str],
    issuers: Issuers,
    now: datetime,
    mistakes: Mistakes,
) -> Read | None:
    # Envoy looks for these very letters; what else is written there is no token to it.
    kind, _, bearer = headers.get("authorization", "").partition(" ")
    given = {
        "--jwt": words.jwt is not None,
        "--claims": words.claims is not None,
        "--header Authorization": kind == "Bearer",
    }
    several = [name for name, there in given.items() if there]
    if len(several) > 1:
        mistakes.found.append(f"{' and '.join(several)} both bring a token; write one of them")
        return None
    if words.jwt is not None:
        file = words.jwt
        return mistakes.read(f"--jwt {file}", lambda: _file(file, now), None)
    if words.claims is not None:
        claims = words.claims
        return mistakes.read("--claims", lambda: tokens.of_claims(claims, issuers, now=now), None)
    if kind.lower() == "bearer" and kind != "Bearer":
        mistakes.found.append(
            f"--header Authorization: to Envoy {kind!r} is no token; write Bearer"
        )
    if kind == "Bearer":
        return mistakes.read(several[0], lambda: tokens.of_jwt(bearer, now=now), None)
    return None


def _file(file: Path, now: datetime) -> Read:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise BadTokenError(f"cannot be read: {why}; name a file with a JWT in it") from error
    return tokens.of_jwt(re.sub(r"^\s*bearer\s+", "", text, flags=re.IGNORECASE), now=now)


def _rate(text: str | None) -> float | None:
    if text is None:
        return None
    found = _RATE.fullmatch(text.strip().lower())
    if found is None or not float(found[1]):
        raise ValueError(
            f"{text!r} is no rate; write requests by second, minute or hour: 50/s, 3000/m, 9000/h"
        )
    return float(found[1]) / _SECONDS[found[2]]


def _size(size: int) -> int:
    if size < 0:
        raise ValueError(f"{size} is below 0; write the body's bytes")
    return size


def _way(words: Words, regions: Sequence[str]) -> str | None:
    if words.region is None:
        return None
    if words.entry is Entry.NAME:
        raise ValueError(
            "Route 53 chooses the region of a request by name; say --from and --out-of-service, or"
            f" meet a region with --entry {Entry.BALANCER}"
        )
    return _region(words.region, regions)


def _region(text: str, regions: Sequence[str]) -> str:
    region = text.lower()
    if region not in regions:
        close = difflib.get_close_matches(region, regions, n=1)
        meant = f"; did you mean {close[0]}?" if close else ""
        raise ValueError(
            f"{text!r} is no region of the environment{meant} (it has {', '.join(regions)})"
        )
    return region
