"""A layer: one locked and encrypted state, one account, one contract."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from modules.core.bootstrap_secrets import BootstrapSecret
from modules.core.context import Context
from modules.core.layer import Layer, Sample

import pytest
from cdktf import App, TerraformOutput
from constructs import Construct

from tests.support import settings
from tests.support.synth import Synth


@dataclass(frozen=True, slots=True)
class Contract:
    id_: Annotated[str, Sample("x-0")]
    ids: Annotated[Sequence[str], Sample(("x-0", "x-1"))]


class Upstream(Layer[Contract]):
    layer = "upstream"
    contract = Contract

    def __init__(self, scope: Construct, ctx: Context) -> None:
        super().__init__(scope, ctx)
        self.publish(Contract(id_="one", ids=["one", "two"]))


class Downstream(Layer[Contract]):
    layer = "downstream"
    contract = Contract

    def __init__(self, scope: Construct, ctx: Context, *, upstream: Upstream) -> None:
        super().__init__(scope, ctx)
        read = upstream.read_by(self)
        TerraformOutput(self, "one", value=read.id_)
        TerraformOutput(self, "many", value=read.ids)


class Hub(Layer[Contract]):
    layer = "hub"
    contract = Contract

    def __init__(self, scope: Construct, ctx: Context, *, upstreams: Sequence[Upstream]) -> None:
        super().__init__(scope, ctx)
        for number, upstream in enumerate(upstreams):
            TerraformOutput(self, f"id{number}", value=upstream.read_by(self).id_)


def test_state_is_locked_encrypted_and_of_this_layer_alone(app: App, ctx: Context) -> None:
    assert Synth(Upstream(app, ctx)).backend == {
        "assume_role": {"role_arn": "arn:aws:iam::333333333333:role/ekp-deploy"},
        "bucket": "ekp-tfstate-444444444444",
        "encrypt": True,
        "key": "prod/eu-west-1/upstream.tfstate",
        "region": "eu-west-1",
        "use_lockfile": True,
    }


def test_state_is_encrypted_with_a_key_of_ones_own_where_the_settings_name_one(app: App) -> None:
    key = "arn:aws:kms:eu-west-1:444444444444:key/1"
    state = settings.STATE.model_copy(update={"kms_key_arn": key})

    assert Synth(Upstream(app, settings.context(state=state))).backend["kms_key_id"] == key


def test_the_provider_is_pinned_to_its_account_and_assumes_the_deploy_role(
    app: App, ctx: Context
) -> None:
    assert Synth(Upstream(app, ctx)).provider == {
        "allowed_account_ids": ["333333333333"],
        "assume_role": [{"role_arn": "arn:aws:iam::333333333333:role/ekp-deploy"}],
        "default_tags": [
            {
                "tags": {
                    "CostCenter": "cc-1003",
                    "Environment": "prod",
                    "Layer": "upstream",
                    "ManagedBy": "terraform",
                    "Owner": "platform",
                    "Project": "ekp",
                }
            }
        ],
        "region": "eu-west-1",
    }


def test_a_provider_of_another_account_may_act_where_aws_keeps_something_once(
    app: App, ctx: Context
) -> None:
    layer = Upstream(app, ctx)
    role = "arn:aws:iam::555555555555:role/billing"
    acting = {"account_id": "555555555555", "role_arn": role}
    layer.aws_provider("payer", alias="payer", **acting)
    layer.aws_provider("billing", alias="billing", region="us-east-1", **acting)

    own, *others = Synth(layer).json["provider"]["aws"]

    assert [(found["alias"], found["region"]) for found in others] == [
        ("payer", "eu-west-1"),
        ("billing", "us-east-1"),
    ]
    for other in others:
        assert other["allowed_account_ids"] == ["555555555555"]
        assert other["assume_role"] == [{"role_arn": role}]
        assert other["default_tags"] == own["default_tags"]


def test_the_provider_carries_no_credentials(app: App, ctx: Context) -> None:
    keys = set(Synth(Upstream(app, ctx)).provider)

    assert not {key for key in keys if "key" in key or "secret" in key or "token" in key}


def test_every_field_of_the_contract_is_published_by_its_name(app: App, ctx: Context) -> None:
    assert Synth(Upstream(app, ctx)).outputs == {"id_": "one", "ids": ["one", "two"]}


def test_secrets_that_people_make_are_written_beside_the_stack_s_own_facts(
    app: App, ctx: Context
) -> None:
    layer = Upstream(app, ctx)
    layer.needs_secrets([])
    assert "bootstrap_secrets" not in Synth(layer).json["//"]["ekp"]

    secret = BootstrapSecret(
        namespace="web",
        name="login",
        keys=("user", "password"),
        purpose="sign-in",
        labels={"app.kubernetes.io/part-of": "web"},
        blocks=False,
    )
    layer.needs_secrets([secret])

    facts = Synth(layer).json["//"]["ekp"]
    assert facts["bootstrap_secrets"] == [secret.as_dict()]
    assert facts["layer"] == "upstream"


@pytest.mark.requirement("R46")
def test_a_later_layer_reads_the_contract_from_exactly_that_state(app: App, ctx: Context) -> None:
    plan = Synth(Downstream(app, ctx, upstream=Upstream(app, ctx)))

    found = plan.data["terraform_remote_state"]["upstream"]
    assert found["config"] == {
        "assume_role": {"role_arn": "arn:aws:iam::333333333333:role/ekp-deploy"},
        "bucket": "ekp-tfstate-444444444444",
        "key": "prod/eu-west-1/upstream.tfstate",
        "region": "eu-west-1",
    }
    assert plan.outputs == {
        "one": "${data.terraform_remote_state.upstream.outputs.id_}",
        "many": "${data.terraform_remote_state.upstream.outputs.ids}",
    }


def test_a_layer_in_another_region_is_read_where_it_lives(app: App, ctx: Context) -> None:
    upstream = Upstream(app, settings.context(region="us-east-1"))

    plan = Synth(Downstream(app, ctx, upstream=upstream))

    found = plan.data["terraform_remote_state"]["prod-us-east-1-upstream"]["config"]
    assert found["key"] == "prod/us-east-1/upstream.tfstate"
    assert found["region"] == "eu-west-1"
    assert plan.outputs["one"] == (
        "${data.terraform_remote_state.prod-us-east-1-upstream.outputs.id_}"
    )


def test_the_same_layer_of_other_regions_and_environments_is_read_beside_ones_own(
    app: App, ctx: Context
) -> None:
    contexts = (ctx, settings.context(region="us-east-1"), settings.context(environment="qa"))

    plan = Synth(Hub(app, ctx, upstreams=[Upstream(app, context) for context in contexts]))

    states = plan.data["terraform_remote_state"]
    assert {name: state["config"]["key"] for name, state in states.items()} == {
        "upstream": "prod/eu-west-1/upstream.tfstate",
        "prod-us-east-1-upstream": "prod/us-east-1/upstream.tfstate",
        "qa-eu-west-1-upstream": "qa/eu-west-1/upstream.tfstate",
    }
    assert list(plan.outputs.values()) == [
        f"${{data.terraform_remote_state.{name}.outputs.id_}}" for name in states
    ]


@pytest.mark.parametrize("region", ["eu-west-1", "us-east-1"])
def test_what_the_environment_has_once_is_called_by_its_layer_in_every_region(
    app: App, region: str
) -> None:
    once = Upstream(app, settings.context(region="us-east-1", is_global=True))
    plan = Synth(Downstream(app, settings.context(region=region), upstream=once))

    (name,) = plan.data["terraform_remote_state"]
    assert name == "upstream"


def test_a_reader_is_deployed_after_what_it_reads(app: App, ctx: Context) -> None:
    upstream = Upstream(app, ctx)

    assert Downstream(app, ctx, upstream=upstream).depends_on(upstream)


def test_what_commands_need_to_know_stands_in_the_stack_s_own_json(app: App, ctx: Context) -> None:
    plan = Synth(Upstream(app, ctx))

    assert plan.json["//"]["ekp"] == {
        "environment": "prod",
        "region": "eu-west-1",
        "layer": "upstream",
        "contract": {"id_": "x-0", "ids": ["x-0", "x-1"]},
        "protected": True,
    }


def test_what_the_tests_read_is_what_is_written(app: App, ctx: Context) -> None:
    read = Synth(Downstream(app, ctx, upstream=Upstream(app, ctx)))

    app.synth()

    folder = Path(app.outdir) / "stacks" / "prod-eu-west-1-downstream"
    written = Synth.read(folder / "cdk.tf.json")
    for part in ("data", "output", "provider", "terraform"):
        assert written.json[part] == read.json[part]
