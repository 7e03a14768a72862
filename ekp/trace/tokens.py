"""Tokens of the command line: a JWT is decoded, not verified; claims may stand without one."""

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import Any

from modules.core.mesh import GATEWAY_NAMESPACE

from ekp.evaluate.request import Object, Token, of_kind

SIGNATURE = "its signature cannot be judged here and is taken as good"
# A token is taken so long after it ends. Source: Envoy, jwt_authn.v3.JwtProvider,
# clock_skew_seconds.
_SKEW_SECONDS = 60
_PARTS = 3
# Keys that issuers publish are public ones, so that only these hold. Sources: RFC 7518, 3.1; Envoy,
# jwt_authn.v3, "JWT Authentication" (which algorithms it knows).
_PUBLIC_KEYS = {f"{kind}{bits}" for kind in ("ES", "RS", "PS") for bits in (256, 384, 512)}
_PUBLIC_KEYS.add("EdDSA")


class BadTokenError(ValueError):
    """What was given is no token; the message says why and what would be one."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whose tokens the gateway takes."""

    name: str
    audiences: tuple[str, ...]


Issuers = Callable[[], Sequence[Issuer]]


@dataclass(frozen=True, slots=True)
class Read:
    """A token as it is asked about, and what was assumed of it."""

    token: Token
    notes: tuple[str, ...] = ()


def issuers_of(objects: Iterable[Object]) -> tuple[Issuer, ...]:
    """Return the issuers whose tokens the gateway takes, by its RequestAuthentications."""
    found: dict[str, Issuer] = {}
    for source in of_kind(objects, "security.istio.io", "RequestAuthentication"):
        if source["metadata"].get("namespace") == GATEWAY_NAMESPACE:
            for rule in (source.get("spec") or {}).get("jwtRules") or ():
                name = str(rule.get("issuer"))
                found.setdefault(name, Issuer(name, tuple(rule.get("audiences") or ())))
    return tuple(found.values())


def of_jwt(text: str, *, now: datetime) -> Read:
    """Return what a JSON Web Token says.

    Args:
        text: As it stands in an ``Authorization`` header, without ``Bearer``.
        now: By which it is expired or not.

    Raises:
        BadTokenError: it is none.
    """
    parts = text.strip().split(".")
    if len(parts) != _PARTS:
        raise BadTokenError(
            f"is no JWT: it has {len(parts)} part{'s' * (len(parts) != 1)} between dots, a JWT has"
            " 3; write the whole token"
        )
    header, claims = (_part(part, name) for part, name in zip(parts, ("header", "claims")))  # noqa: B905 - the signature is not read
    found = _read(claims, now=now)
    algorithm = header.get("alg", "none")
    if algorithm not in _PUBLIC_KEYS:
        note = f"a token signed with {algorithm} is believed by nobody who has public keys alone"
        return Read(_unbelieved(found.token), (*found.notes, note))
    if not parts[2]:
        note = "a token without a signature is believed by nobody"
        return Read(_unbelieved(found.token), (*found.notes, note))
    return found


def of_claims(text: str, issuers: Issuers, *, now: datetime) -> Read:
    """Return the token with some claims; an issuer that is left out is the environment's only one.

    Args:
        text: A JSON object.
        issuers: Gives whose tokens the gateway takes; asked where the claims leave that open.
        now: By which it is expired or not.

    Raises:
        BadTokenError: it is none, or nobody knows which issuer is meant.
    """
    try:
        claims = _json(text)
    except ValueError as error:
        raise BadTokenError(f"is no JSON: {error}; {_OBJECT}") from error
    if not isinstance(claims, dict):
        raise BadTokenError(f"is no JSON object; {_OBJECT}")
    notes: list[str] = []
    if "iss" not in claims:
        claims["iss"] = _only(issuers()).name
        notes.append(f"its issuer is taken to be the environment's only one, {claims['iss']}")
    if "aud" not in claims:
        known = {issuer.name: issuer for issuer in issuers()}
        if claims["iss"] in known:
            claims["aud"] = list(known[claims["iss"]].audiences)
            notes.append(f"its audience is taken to be {', '.join(claims['aud']) or 'anybody'}")
    found = _read(claims, now=now)
    return Read(found.token, (*notes, *found.notes))


_OBJECT = 'write one such as {"sub": "alice", "groups": ["<group>"]}'


def _only(issuers: Sequence[Issuer]) -> Issuer:
    if not issuers:
        raise BadTokenError(
            "names no issuer, and the gateway takes tokens of nobody; write iss and aud"
        )
    if len(issuers) > 1:
        names = " or ".join(issuer.name for issuer in issuers)
        raise BadTokenError(f"names no issuer; write iss: {names}")
    return issuers[0]


def _json(text: str | bytes) -> Any:
    try:
        return json.loads(text, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number of JSON")


def _part(part: str, name: str) -> Mapping[str, Any]:
    try:
        found = _json(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError) as error:
        raise BadTokenError(
            f"is no JWT: the part of its {name} is no JSON in base64url; write the whole token"
        ) from error
    if not isinstance(found, dict):
        raise BadTokenError(
            f"is no JWT: the part of its {name} is no object; write the whole token"
        )
    return found


def _read(claims: Mapping[str, Any], *, now: datetime) -> Read:
    issuer, audiences = claims.get("iss", ""), claims.get("aud", [])
    audiences = [audiences] if isinstance(audiences, str) else audiences
    if not isinstance(issuer, str) or not isinstance(audiences, list):
        raise BadTokenError(
            "has an iss that is no text, or an aud that is neither text nor a list; write them so"
        )
    if not isinstance(claims.get("sub", ""), str):
        raise BadTokenError("has a sub that is no text: Envoy refuses such a token; write a text")
    rest = {key: value for key, value in claims.items() if key not in ("iss", "aud")}
    ends, starts = _time(claims, "exp"), _time(claims, "nbf")
    expired = ends is not None and now.timestamp() > ends + _SKEW_SECONDS
    notes: tuple[str, ...] = ()
    if expired and ends is not None:
        notes = (f"it ended on {_shown(ends)}",)
    elif starts is not None and now.timestamp() + _SKEW_SECONDS < starts:
        expired = True
        notes = (f"it begins on {_shown(starts)} and is refused until then, as if it were expired",)
    token = Token(issuer, tuple(map(str, audiences)), rest, expired=expired)
    return Read(token, notes)


def _unbelieved(token: Token) -> Token:
    return Token(token.issuer, token.audiences, token.claims, token.expired, verifiable=False)


def _time(claims: Mapping[str, Any], name: str) -> float | None:
    if name not in claims:
        return None
    found = claims[name]
    if isinstance(found, bool) or not isinstance(found, int | float) or not isfinite(found):
        raise BadTokenError(f"has {name} = {found!r}; write seconds since 1970, as RFC 7519 has it")
    return float(found)


def _shown(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (OverflowError, OSError, ValueError):
        return f"second {seconds:g} since 1970"
