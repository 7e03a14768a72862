"""What CloudFront sends on to the regions cannot be forged by a client."""

import pytest

from ekp.configured.environment import Configured
from ekp.evaluate.request import Token, Unsupported
from ekp.evaluate.stage import Stage
from tests.support.configured import with_stack, without

from .asking import APP, EDGE, ask, each, missing

SECRET = "${var.origin_header_current}"


def test_headers_of_the_platform_cannot_be_forged(prod: Configured) -> None:
    forged = {"X-Origin-Verify": SECRET, "True-Client-IP": "192.0.2.1"}
    found = ask(prod, headers=forged)

    assert found.entered is not None
    assert found.entered.request.header("x-origin-verify") == SECRET
    assert found.entered.request.header("true-client-ip") == "198.51.100.7"
    told = " ".join(hop.why for hop in found.hops)
    assert "in place of what the client sent in true-client-ip" in told
    assert "in place of what the client sent in x-origin-verify" in told


def test_all_headers_go_to_the_regions_and_host_with_them(prod: Configured) -> None:
    token = Token("https://issuer.example", ("shop",), {})
    headers = {"Accept": "text/html", "Authorization": "Bearer a", "Cookie": "session=1"}
    found = ask(prod, path="/a?b=c", headers=headers, token=token).entered

    assert found is not None
    assert found.request.host == APP
    assert found.request.path == "/a?b=c"
    assert found.request.token == token
    for name, value in headers.items():
        assert found.request.header(name) == value
    assert found.request.header("x-forwarded-for") == "198.51.100.7, 130.176.0.1"


def test_headers_that_cloudfront_always_takes_out_do_not_go_on(prod: Configured) -> None:
    sent = {"X-Real-IP": "192.0.2.1", "X-Edge-Location": "FRA", "X-Forwarded-Proto": "ftp"}
    found = ask(prod, headers=sent).entered

    assert found is not None
    assert found.request.header("x-real-ip") is None
    assert found.request.header("x-edge-location") is None
    assert found.request.header("x-forwarded-proto") == "https"


def test_a_cached_path_gets_its_headers_by_name(prod: Configured) -> None:
    token = Token("https://issuer.example", ("shop",), {})
    headers = {"Accept": "text/css", "Authorization": "Bearer a", "Cookie": "session=1"}
    found = ask(prod, path="/static/app.css?v=2", headers=headers, token=token)

    assert found.entered is not None
    request = found.entered.request
    assert (request.host, request.path, request.token) == (APP, "/static/app.css?v=2", None)
    assert {name for name in headers if request.header(name)} == set()
    assert request.header("true-client-ip") == "198.51.100.7"
    assert "Authorization does not go on" in " ".join(hop.why for hop in found.hops)


def test_without_the_secret_the_origin_refuses(prod: Configured) -> None:
    change = each(
        "aws_cloudfront_distribution", lambda body: body["origin"][0].pop("custom_header")
    )
    found = ask(with_stack(prod, EDGE, change))

    assert [hop.name for hop in missing(found)] == ["secret header of the origin"]
    assert (found.hops[-1].stage, found.hops[-1].status) == (Stage.REGIONAL_WAF, 403)


def test_without_the_function_a_client_s_own_address_header_goes_on(prod: Configured) -> None:
    bare = without(prod, EDGE, "aws_cloudfront_function")
    found = ask(bare, headers={"true-client-ip": "192.0.2.1"})

    assert "goes on" in missing(found)[0].why
    assert found.entered is not None
    assert found.entered.request.header("true-client-ip") == "192.0.2.1"


def test_code_of_a_function_that_is_not_understood_is_not_guessed(prod: Configured) -> None:
    change = each("aws_cloudfront_function", lambda one: one.update(code="return 1;"))

    with pytest.raises(Unsupported, match=r"only a function that writes event\.viewer\.ip"):
        ask(with_stack(prod, EDGE, change))
