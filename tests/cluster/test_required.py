"""Before a deploy the Secrets that its releases cannot come up without are looked for."""

import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ekp.cluster.bootstrap import commands, secrets_of
from ekp.cluster.connect import Api
from ekp.cluster.errors import ForbiddenError, SecretsMissingError
from ekp.cluster.hooks import Probe
from ekp.cluster.kinds import SECRET
from ekp.cluster.required import require_secrets
from ekp.runner.stacks import Stack

from .conftest import connect
from .double import Double
from .stacks import Known, helm, published, run_over, stack

CLUSTER = stack("dev-cluster")
PLATFORM = stack("dev-platform", reads={"cluster": "dev-cluster"}, provider=helm())


def secret(
    name: str, *keys: str, blocks: bool = True, labels: dict[str, str] | None = None
) -> dict[str, Any]:
    return {
        "namespace": "costs",
        "name": name,
        "keys": [*keys],
        "purpose": f"what {name} is for",
        "labels": labels or {},
        "blocks": blocks,
    }


def reading(*secrets: dict[str, Any]) -> Stack:
    """A stack that writes down Secrets."""
    facts = {"ekp": {"bootstrap_secrets": [*secrets]}}
    return replace(PLATFORM, configuration={**PLATFORM.configuration, "//": facts})


def there(double: Double, name: str, *keys: str) -> None:
    double.add(SECRET, name, namespace="costs", data=dict.fromkeys(keys, "c2VjcmV0LXZhbHVl"))


def refusal(api: Api, one: Stack) -> SecretsMissingError:
    with pytest.raises(SecretsMissingError) as caught:
        require_secrets(api, one)
    return caught.value


def test_secrets_that_are_there_let_the_deploy_go_on(double: Double, api: Api) -> None:
    there(double, "licence", "key", "another")

    require_secrets(api, reading(secret("licence", "key")))

    assert double.requests == ["GET /api/v1/namespaces/costs/secrets/licence"]


def test_all_that_are_missing_are_told_at_once_with_what_makes_each(
    double: Double, api: Api
) -> None:
    there(double, "login", "user")

    error = refusal(api, reading(secret("licence", "key"), secret("login", "user", "password")))

    for word in ("dev-platform", "ekp-dev-euw1-eks", "costs/licence", "key", "costs/login"):
        assert word in error.message
    assert "what licence is for" in error.message
    assert "what login is for" in error.message
    assert "costs/login: has no key password (" in error.message
    assert "--name ekp-dev-euw1-eks --region eu-west-1" in error.remedy
    assert "deploy again" in error.remedy
    assert (
        "kubectl -n costs create secret generic licence \\\n    --from-file=key=FILE\n"
    ) in error.remedy
    assert "--from-file=user=" not in error.remedy
    assert "c2VjcmV0LXZhbHVl" not in str(error)


def test_a_namespace_that_is_missing_is_left_to_the_release_that_owns_it(api: Api) -> None:
    error = refusal(api, reading(secret("licence", "key")))

    assert "create namespace" not in str(error)


def test_a_secret_without_any_data_lacks_its_keys(double: Double, api: Api) -> None:
    double.add(SECRET, "licence", namespace="costs")

    error = refusal(api, reading(secret("licence", "key")))

    assert "costs/licence: has no key key (" in error.message


def test_what_a_release_comes_up_without_is_not_asked_for(double: Double, api: Api) -> None:
    require_secrets(api, reading(secret("messages", "token", blocks=False)))

    assert double.requests == []


def test_a_role_that_may_not_read_secrets_is_told_so(double: Double, api: Api) -> None:
    double.status = 403

    with pytest.raises(ForbiddenError, match="secrets/licence"):
        require_secrets(api, reading(secret("licence", "key")))


def test_a_stack_of_an_earlier_release_writes_no_secrets_down() -> None:
    assert secrets_of(PLATFORM) == ()


def test_a_deploy_looks_for_each_stack_s_secrets_and_a_destroy_for_none(double: Double) -> None:
    one = reading(secret("licence", "key"))
    run, _ = run_over(CLUSTER, one)
    upstreams = Known(run.stacks, {"dev-cluster": published(double)})
    deploys = Probe(connect)

    for _ in range(2):
        with pytest.raises(SecretsMissingError, match="costs/licence"):
            deploys(run, one, upstreams)
    there(double, "licence", "key")
    deploys(run, one, upstreams)

    double.objects.clear()
    Probe(connect, destroying=True)(run, one, upstreams)


CREATE = "kubectl -n costs create secret generic login"
# What kubectl is called with and given, without kubectl.
KUBECTL = """#!/bin/sh
printf '%s\\n' "kubectl $*" >>"$CALLS"
[ "$1" != apply ] || cat >>"$CALLS"
case "$*" in *--dry-run=client*) echo "from the pipe" ;; esac
"""


@pytest.mark.parametrize(
    ("keys", "calls"),
    [
        (
            None,
            [
                f"{CREATE} --from-file=user=FILE --from-file=password=FILE",
                "kubectl -n costs label secret login part-of=web",
            ],
        ),
        (
            {"user"},
            [
                f"{CREATE} --from-file=password=FILE --dry-run=client -o yaml",
                "kubectl apply --server-side -f -",
                "from the pipe",
                "kubectl -n costs label secret login part-of=web",
            ],
        ),
    ],
)
def test_a_shell_runs_the_commands_as_they_stand(
    tmp_path: Path, keys: set[str] | None, calls: list[str]
) -> None:
    (tmp_path / "kubectl").write_text(KUBECTL)
    (tmp_path / "kubectl").chmod(0o755)
    (found,) = secrets_of(reading(secret("login", "user", "password", labels={"part-of": "web"})))
    lines = commands(found, there=keys)

    subprocess.run(
        ["sh", "-euc", "\n".join(lines)],
        check=True,
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}", "CALLS": str(tmp_path / "calls")},
    )

    assert sorted((tmp_path / "calls").read_text().splitlines()) == sorted(calls)
    assert max(len(line) for text in lines for line in text.splitlines()) < 80
