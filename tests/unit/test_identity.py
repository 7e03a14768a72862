"""Issuers of tokens: what would let in too much, or nobody, is refused."""

from modules.core.identity import Identity, Issuer

import pytest
from pydantic import ValidationError

LOGIN = "https://login.example.org"


def issuer(name: str = LOGIN, **changes: object) -> Issuer:
    written: dict[str, object] = {
        "issuer": name,
        "jwks_uri": f"{LOGIN}/keys",
        "audiences": ("api",),
    }
    return Issuer.model_validate(written | changes)


def test_an_issuer_without_an_audience_is_refused_since_any_of_its_tokens_would_do() -> None:
    with pytest.raises(ValidationError, match="audiences"):
        issuer(audiences=())


@pytest.mark.parametrize("url", ["http://login.example.org", "login.example.org", f"{LOGIN}?a=b"])
def test_keys_come_by_https_alone(url: str) -> None:
    with pytest.raises(ValidationError, match="is not an https address"):
        issuer(jwks_uri=url)


def test_an_issuer_is_named_to_the_letter() -> None:
    assert issuer(f"{LOGIN}/").issuer == f"{LOGIN}/"


def test_one_issuer_stands_once() -> None:
    with pytest.raises(ValidationError, match="issuers a and b are both"):
        Identity(issuers={"a": issuer(), "b": issuer()})


@pytest.mark.parametrize("header", ["Authorization", "x-Auth", "host", "x-"])
def test_a_claim_travels_in_a_header_of_its_own_kind(header: str) -> None:
    with pytest.raises(ValidationError, match="is no header for a claim"):
        Identity(claim_headers={header: "sub"})
