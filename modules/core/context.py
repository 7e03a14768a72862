"""Context: the only source of names, tags and the place of state."""

from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    Field,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

from .config import Config
from .regions import SHORT_REGIONS, known_region
from .state_hcp import HcpStateConfig

AccountId = Annotated[str, Field(pattern=r"^\d{12}$")]
Arn = Annotated[str, Field(pattern=r"^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(\d{12}|aws)?:.+$")]
RoleArn = Annotated[str, Field(pattern=r"^arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+$")]
Region = Annotated[str, AfterValidator(known_region)]


Text = Annotated[str, Field(min_length=1, max_length=256)]
TagValue = Annotated[str, Field(min_length=1, max_length=256, pattern=r"^[\w +=.:/@-]+$")]
"""What AWS takes as the value of a tag."""
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")]
"""A name of a person's choosing that ends in a construct id: it never changes."""


PolicyArn = Annotated[str, Field(pattern=r"^arn:aws[a-z-]*:iam::(\d{12}|aws):policy/[\w+=,.@/-]+$")]


class StateConfig(Config):
    """The S3 bucket that keeps the Terraform state of every environment of an organisation."""

    bucket: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
    """Name of the bucket; names of buckets are global, so it carries an account id."""
    region: Region
    """Region of the bucket."""
    kms_key_arn: Arn | None = None
    """KMS key that encrypts the state; None: S3's own AES-256, whatever the bucket's default."""


def _of_its_kind(value: Any, union: ValidatorFunctionWrapHandler) -> Any:
    """Check a value as what it was written as: a union tells of mistakes against every member."""
    if isinstance(value, StateConfig | HcpStateConfig):
        return type(value).model_validate(value)
    return union(value)


State = Annotated[StateConfig | HcpStateConfig, WrapValidator(_of_its_kind)]
"""Where the Terraform state is: a bucket, or workspaces of HCP Terraform."""


class Context(Config):
    """Where a layer lives: every name, tag and state key comes from here."""

    project: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{1,9}$")] = "ekp"
    environment: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{1,14}$")]
    region: Region
    account_id: AccountId
    partition: str = "aws"
    owner: TagValue
    """The team that answers for the environment; a tag on everything."""
    cost_center: TagValue
    """Who pays; a tag on everything."""
    deploy_role_arn: RoleArn
    """Role of the environment's account that Terraform assumes."""
    permissions_boundary_arn: PolicyArn | None = None
    """Managed policy that bounds every role the platform makes."""
    state: State
    is_global: bool = False
    """Whether it holds what the environment has once; ``region`` is then where AWS keeps it."""
    protected: bool = True
    """Whether `ekp destroy` wants the environment's name typed, and takes no ``--yes``."""

    @model_validator(mode="after")
    def role_is_in_the_account(self) -> Self:
        """Refuse a deploy role of another account: every plan would read the wrong one."""
        if (found := self.deploy_role_arn.split(":")[4]) != self.account_id:
            raise ValueError(
                f"deploy_role_arn is in account {found}, the environment in {self.account_id}; "
                "name a role of the environment's own account"
            )
        return self

    @property
    def prefix(self) -> str:
        """What every name begins with, such as ``ekp-prod-euw1`` or ``ekp-prod-global``."""
        place = "global" if self.is_global else SHORT_REGIONS[self.region]
        return f"{self.project}-{self.environment}-{place}"

    @property
    def place(self) -> str:
        """The region, or ``global``, as state keys have it."""
        return "global" if self.is_global else self.region

    def name(self, *parts: str, limit: int = 255) -> str:
        """Return the name of a resource, such as ``ekp-prod-euw1-private-euw1-az1``.

        Raises:
            ValueError: the name is longer than the service allows; it is never cut short.
        """
        name = "-".join((self.prefix, *parts))
        if len(name) > limit:
            raise ValueError(
                f"the name {name!r} has {len(name)} characters, the service allows {limit}; "
                "shorten the project, the environment or the setting it is made from"
            )
        return name

    @property
    def cluster_name(self) -> str:
        """Name of the region's EKS cluster, which subnets and nodes are tagged with."""
        return self.name("eks", limit=100)

    def stack_id(self, layer: str) -> str:
        """Return the id of a layer's stack, such as ``prod-eu-west-1-network`` or ``prod-edge``."""
        return "-".join((self.environment, *(() if self.is_global else (self.region,)), layer))

    def state_key(self, layer: str) -> str:
        """Return the key of a layer's state, such as ``prod/eu-west-1/network.tfstate``."""
        return f"{self.environment}/{self.place}/{layer}.tfstate"

    @property
    def tags(self) -> dict[str, str]:
        """Tags of every resource, set once on the provider."""
        return {
            "Project": self.project,
            "Environment": self.environment,
            "Owner": self.owner,
            "CostCenter": self.cost_center,
            "ManagedBy": "terraform",
        }
