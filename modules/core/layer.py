"""Layer: a stack with one state, one AWS account and region, and one typed contract."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Generic, TypeVar, cast, get_args, get_type_hints

from cdktf import TerraformOutput, TerraformStack
from cdktf_cdktf_provider_aws.provider import (
    AwsProvider,
    AwsProviderAssumeRole,
    AwsProviderDefaultTags,
)
from constructs import Construct

from .backend import keep_state, read_state
from .bootstrap_secrets import BootstrapSecret
from .context import Context

OutputsT = TypeVar("OutputsT")


@dataclass(frozen=True, slots=True)
class Sample:
    """A value of a contract's field, of the right form, for plans before the layer exists.

    Used as ``Annotated[str, Sample("vpc-0123456789abcdef0")]``; never a secret.
    """

    value: str | tuple[str, ...]


class Layer(TerraformStack, Generic[OutputsT]):
    """One Terraform state. ``publish`` writes its contract, ``read_by`` reads it in a later layer.

    A subclass names its ``layer`` and its ``contract``, a frozen dataclass whose fields are strings
    or sequences of strings, each with a :class:`Sample`. Whoever can read a state sees all of its
    contract, so a contract never carries a secret.
    """

    layer: ClassVar[str]
    contract: ClassVar[type[Any]]

    def __init__(self, scope: Construct, ctx: Context) -> None:
        super().__init__(scope, ctx.stack_id(self.layer))
        self.ctx = ctx
        self.aws_provider("aws", account_id=ctx.account_id, role_arn=ctx.deploy_role_arn)
        # Terraform ignores "//"; commands that read cdktf.out need no settings and no bindings.
        self.add_override(
            "//.ekp",
            {
                "environment": ctx.environment,
                "region": ctx.place,
                "layer": self.layer,
                "contract": samples(self.contract),
                "protected": ctx.protected,
            },
        )
        keep_state(self, ctx, self.layer)

    def aws_provider(
        self,
        id_: str,
        *,
        account_id: str,
        role_arn: str,
        alias: str | None = None,
        region: str | None = None,
    ) -> AwsProvider:
        """Make a provider that acts as a role and tags as the layer does.

        ``region`` is for what AWS keeps in one region alone; None: the layer's own.
        """
        return AwsProvider(
            self,
            id_,
            alias=alias,
            region=region or self.ctx.region,
            # A run with another account's credentials stops before it changes anything.
            allowed_account_ids=[account_id],
            assume_role=[AwsProviderAssumeRole(role_arn=role_arn)],
            default_tags=[AwsProviderDefaultTags(tags={**self.ctx.tags, "Layer": self.layer})],
        )

    def needs_secrets(self, secrets: Sequence[BootstrapSecret]) -> None:
        """Write down which Secrets people make in the cluster; commands list and look for them."""
        if secrets:
            self.add_override("//.ekp.bootstrap_secrets", [one.as_dict() for one in secrets])

    def promises(self, settings: Mapping[str, str | Sequence[str]]) -> None:
        """Write down what the settings promise; the policy gate holds the stack to it."""
        self.add_override("//.ekp.promises", dict(settings))

    def publish(self, outputs: OutputsT) -> None:
        """Write every field of the contract to this layer's state."""
        for field in fields(cast("Any", outputs)):
            TerraformOutput(self, field.name, value=getattr(outputs, field.name))

    def read_by(self, consumer: "Layer[Any]") -> OutputsT:
        """Return this layer's contract as tokens inside a later layer."""
        consumer.add_dependency(self)
        # What the environment has once is nobody else's, whichever region reads it.
        own = self.ctx.environment == consumer.ctx.environment and (
            self.ctx.is_global or self.ctx.place == consumer.ctx.place
        )
        # The same layer of several regions may be read: its stack's id tells them apart.
        id_ = self.layer if own else self.ctx.stack_id(self.layer)
        state = read_state(consumer, id_, self.ctx, self.layer)
        values = {
            name: state.get_list(name) if isinstance(sample, list) else state.get_string(name)
            for name, sample in samples(self.contract).items()
        }
        return cast("OutputsT", self.contract(**values))


def samples(contract: type[Any]) -> Mapping[str, str | list[str]]:
    """Return the sample value of every field of a contract.

    Raises:
        TypeError: a field has no sample, or one of another type than the field's.
    """
    found: dict[str, str | list[str]] = {}
    for name, hint in get_type_hints(contract, include_extras=True).items():
        sample = next((a for a in get_args(hint)[1:] if isinstance(a, Sample)), None)
        if sample is None:
            raise TypeError(f"{contract.__name__}.{name} needs a Sample, such as Sample('vpc-0')")
        wanted = str if get_args(hint)[0] is str else tuple
        if not isinstance(sample.value, wanted) or get_args(hint)[0] not in (str, Sequence[str]):
            raise TypeError(
                f"{contract.__name__}.{name}: a str has a str as sample, a Sequence[str] a tuple"
            )
        found[name] = list(sample.value) if isinstance(sample.value, tuple) else sample.value
    return found
