"""The page that users see when no region answers, kept where no region is needed."""

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.cloudfront_origin_access_control import CloudfrontOriginAccessControl
from cdktf_cdktf_provider_aws.s3_object import S3Object
from constructs import Construct

from ..core.context import Context
from ..core.iam import allow_principal
from .bucket import Bucket, BucketConfig

FOLDER = "/_ekp"
PAGE = f"{FOLDER}/unavailable.html"
HTML = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Back soon</title>
<h1>Back soon</h1>
<p>This service cannot be reached at the moment. Please try again in a few minutes.</p>
</html>
"""


@dataclass(frozen=True, slots=True)
class LastResortOutputs:
    """What the distribution needs to serve the page."""

    domain_name: str
    access_control_id: str


class LastResort(Construct):
    """A static page in a bucket that one distribution alone may read (:meth:`read_by`)."""

    outputs: LastResortOutputs

    def __init__(self, scope: Construct, id_: str, *, ctx: Context, force_destroy: bool) -> None:
        super().__init__(scope, id_)
        self._ctx = ctx
        self._bucket = Bucket(
            self,
            "bucket",
            ctx=ctx,
            name="last-resort",
            config=BucketConfig(retention_days=None, force_destroy=force_destroy),
        )
        S3Object(
            self,
            "page",
            bucket=self._bucket.outputs.name,
            key=PAGE.removeprefix("/"),
            content=HTML,
            content_type="text/html; charset=utf-8",
            cache_control="max-age=60",
        )
        access = CloudfrontOriginAccessControl(
            self,
            "access",
            name=ctx.name("last-resort"),
            origin_access_control_origin_type="s3",
            signing_behavior="always",
            signing_protocol="sigv4",
        )
        self.outputs = LastResortOutputs(
            domain_name=self._bucket.outputs.domain_name, access_control_id=access.id
        )

    def read_by(self, distribution_arn: str) -> None:
        """Let one distribution read the page."""
        self._bucket.admit(
            allow_principal(
                "DistributionReads",
                {"Service": "cloudfront.amazonaws.com"},
                ["s3:GetObject"],
                resources=[f"{self._bucket.outputs.arn}/*"],
                conditions={"StringEquals": {"AWS:SourceArn": distribution_arn}},
            )
        )
