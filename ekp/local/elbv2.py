"""Corrections of moto's load balancers, each for what Terraform or a reader of its state sees."""

from typing import Any

from moto.elbv2.exceptions import ELBClientError
from moto.elbv2.models import ELBv2Backend, FakeLoadBalancer
from moto.moto_api._internal import mock_random
from moto.s3.models import s3_backends

from .documents import allows

# The Route53 zones that the names of application load balancers lie in.
ZONE_IDS = {
    "us-east-1": "Z35SXDOTRQ7X7K",
    "us-east-2": "Z3AADJGX6KTTL2",
    "us-west-1": "Z368ELLRRE2KJ0",
    "us-west-2": "Z1H1FL5HABSF5",
    "ca-central-1": "ZQSVJUPU6J1EY",
    "eu-central-1": "Z215JYRZR1TBD5",
    "eu-west-1": "Z32O12XQLNTSW2",
    "eu-west-2": "ZHURV8PSTC4K8",
    "eu-west-3": "Z3Q77PNBQS71R4",
    "eu-north-1": "Z23TAZ6LKFMNIO",
    "ap-south-1": "ZP97RAFLXTNZK",
    "ap-southeast-1": "Z1LMS91P8CMLE5",
    "ap-southeast-2": "Z1GM3OXH4ZPM65",
    "ap-northeast-1": "Z14GRHDCWA56QT",
    "ap-northeast-2": "ZWKZPGTI48KDX",
    "sa-east-1": "Z2P70J7HTTTPLU",
}
# Who writes the access logs: a service, and in the older regions an account.
LOG_SERVICES = (
    "logdelivery.elasticloadbalancing.amazonaws.com",
    "delivery.logs.amazonaws.com",
)
LOG_ACCOUNTS = {
    "us-east-1": "127311923021",
    "us-east-2": "033677994240",
    "us-west-1": "027434742980",
    "us-west-2": "797873946194",
    "ca-central-1": "985666609251",
    "eu-central-1": "054676820928",
    "eu-west-1": "156460612806",
    "eu-west-2": "652711504416",
    "eu-west-3": "009996457667",
    "eu-north-1": "897822967062",
    "ap-south-1": "718504428378",
    "ap-southeast-1": "114774131450",
    "ap-southeast-2": "783225319266",
    "ap-northeast-1": "582318560864",
    "ap-northeast-2": "600734575887",
    "sa-east-1": "507241528517",
}
MAX_CONDITION_VALUES = 5


def install() -> None:
    """Correct names, deletion protection, rules and access logs; a second call changes nothing."""
    backend: Any = ELBv2Backend
    if backend.create_load_balancer is _create_load_balancer:
        return
    backend.create_load_balancer = _create_load_balancer
    backend.delete_load_balancer = _delete_load_balancer
    backend.modify_load_balancer_attributes = _modify_load_balancer_attributes
    backend._validate_conditions = _validate_conditions  # noqa: SLF001 - what both operations on rules call


_moto_create_load_balancer = ELBv2Backend.create_load_balancer
_moto_delete_load_balancer = ELBv2Backend.delete_load_balancer
_moto_modify_load_balancer_attributes = ELBv2Backend.modify_load_balancer_attributes
_moto_validate_conditions = ELBv2Backend._validate_conditions  # noqa: SLF001 - see above


def _create_load_balancer(
    self: ELBv2Backend, name: str, *arguments: Any, **settings: Any
) -> FakeLoadBalancer:
    # moto's zone id is no zone's, and its DNS names are the same for a balancer made again.
    balancer = _moto_create_load_balancer(self, name, *arguments, **settings)
    number = mock_random.randint(10**8, 2 * 10**9)
    prefix = "internal-" if balancer.scheme == "internal" else ""
    balancer.dns_name = f"{prefix}{name}-{number}.{self.region_name}.elb.amazonaws.com"
    if balancer.type == "application":
        balancer.canonical_hosted_zone_id = ZONE_IDS.get(
            self.region_name, balancer.canonical_hosted_zone_id
        )
    return balancer


def _delete_load_balancer(self: ELBv2Backend, arn: str) -> None:
    # moto deletes protected ones.
    balancer = self.load_balancers.get(arn)
    if balancer and balancer.attrs.get("deletion_protection.enabled") == "true":
        raise ELBClientError(
            "OperationNotPermitted",
            f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled",
        )
    _moto_delete_load_balancer(self, arn)


def _modify_load_balancer_attributes(
    self: ELBv2Backend, arn: str, attrs: dict[str, Any]
) -> dict[str, Any]:
    # The provider sends the logs with the rest; AWS tries the bucket, moto does not.
    balancer = self.load_balancers.get(arn)
    if balancer:
        wanted = {**balancer.attrs, **attrs}
        if str(wanted.get("access_logs.s3.enabled")).lower() == "true":
            _check_log_bucket(
                self, wanted.get("access_logs.s3.bucket"), wanted.get("access_logs.s3.prefix")
            )
    return _moto_modify_load_balancer_attributes(self, arn, attrs)


def _check_log_bucket(self: ELBv2Backend, bucket: str | None, prefix: str | None) -> None:
    found = s3_backends[self.account_id][self.partition].buckets.get(bucket or "")
    account = LOG_ACCOUNTS.get(self.region_name)
    who = {*LOG_SERVICES, *([account, f"arn:aws:iam::{account}:root"] if account else [])}
    path = "/".join(part for part in (prefix, "AWSLogs", self.account_id, "log") if part)
    policy = ((found.policy if found else None) or b"{}").decode()
    if not allows(policy, who, ("s3:PutObject",), f"arn:{self.partition}:s3:::{bucket}/{path}"):
        raise ELBClientError(
            "InvalidConfigurationRequest",
            f"Access Denied for bucket: {bucket}. Please check S3bucket permission",
        )


def _validate_conditions(self: ELBv2Backend, conditions: list[dict[str, Any]]) -> None:
    # A quota that is counted over all conditions of a rule, and cannot be raised.
    _moto_validate_conditions(self, conditions)
    count = sum(len(_values(condition)) for condition in conditions)
    if count > MAX_CONDITION_VALUES:
        raise ELBClientError(
            "ValidationError", f"A rule can only have '{MAX_CONDITION_VALUES}' condition values"
        )


def _values(condition: dict[str, Any]) -> list[Any]:
    configs = [value for key, value in condition.items() if key.endswith("Config") and value]
    if configs:
        return [value for config in configs for value in config.get("Values") or []]
    return list(condition.get("Values") or [])
