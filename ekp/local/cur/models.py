"""The Cost and Usage Reports of one account, with what AWS checks before it takes one."""

import sys
from collections.abc import Iterator
from typing import Any

from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.exceptions import JsonRESTError
from moto.core.resource_tagging import TaggableResourcesMixin, TaggedResource
from moto.s3.models import s3_backends
from moto.utilities.tagging_service import TaggingService

from ..documents import allows

HOME = "us-east-1"
SERVICE = "billingreports.amazonaws.com"
CHECKS = ("s3:GetBucketAcl", "s3:GetBucketPolicy")
# What a report for Athena is. Source: Cost and Usage Reports API, AdditionalArtifacts.
FOR_ATHENA = {
    "Format": "Parquet",
    "Compression": "Parquet",
    "ReportVersioning": "OVERWRITE_REPORT",
    "AdditionalArtifacts": ["ATHENA"],
}
Report = dict[str, Any]
Tag = dict[str, str]


class CurBackend(BaseBackend, TaggableResourcesMixin):
    """The report definitions by their names."""

    SERVICE_NAMESPACE = "cur"

    def __init__(self, region_name: str, account_id: str) -> None:
        """Begin without a report."""
        super().__init__(region_name, account_id)
        self.reports: dict[str, Report] = {}
        self.tagger = TaggingService()

    def put_report_definition(self, report: Report, tags: list[Tag]) -> None:
        """Take a new report."""
        name = report["ReportName"]
        if name in self.reports:
            message = f"The specified report name already exists: {name}"
            raise JsonRESTError("DuplicateReportNameException", message)
        self._check(report)
        self.reports[name] = report
        self.tagger.tag_resource(self.arn(name), tags)

    def modify_report_definition(self, name: str, report: Report) -> None:
        """Replace a report's settings, save its name."""
        self._known(name)
        if report["ReportName"] != name:
            raise _invalid("ReportName cannot be changed")
        self._check(report)
        self.reports[name] = report

    def delete_report_definition(self, name: str) -> None:
        """Forget a report and its tags; the files stay in the bucket."""
        self._known(name)
        del self.reports[name]
        self.tagger.delete_all_tags_for_resource(self.arn(name))

    def list_tags_for_resource(self, name: str) -> list[Tag]:
        """List a report's tags."""
        self._existing(name)
        return self.tagger.list_tags_for_resource(self.arn(name))["Tags"]

    def tag_report(self, name: str, tags: list[Tag]) -> None:
        """Add tags to a report."""
        self._existing(name)
        self.tagger.tag_resource(self.arn(name), tags)

    def untag_report(self, name: str, keys: list[str]) -> None:
        """Take tags from a report."""
        self._existing(name)
        self.tagger.untag_resource_using_names(self.arn(name), keys)

    def iter_tagged_resources(self) -> Iterator[TaggedResource]:
        """Give the reports to the tagging API."""
        for name in list(self.reports):
            arn = self.arn(name)
            tags = self.tagger.get_tag_dict_for_resource(arn)
            yield TaggedResource(arn=arn, tags=tags, resource_type="cur:definition")

    def arn(self, name: str) -> str:
        """Give the ARN of a report."""
        return f"arn:{self.partition}:cur:{HOME}:{self.account_id}:definition/{name}"

    def _known(self, name: str) -> None:
        if name not in self.reports:
            raise _invalid(f"Report name {name} does not exist")

    def _existing(self, name: str) -> None:
        if name not in self.reports:
            message = f"The report {name} does not exist in this account."
            raise JsonRESTError("ResourceNotFoundException", message)

    def _check(self, report: Report) -> None:
        if "ATHENA" in report.get("AdditionalArtifacts", []):
            wrong = [key for key, value in FOR_ATHENA.items() if report.get(key) != value]
            if wrong or not report["S3Prefix"]:
                raise _invalid(f"{', '.join(wrong) or 'S3Prefix'} cannot be had with ATHENA")
        name = report["S3Bucket"]
        # Every bucket of the account: AWS delivers to no other account's.
        bucket = s3_backends[self.account_id][self.partition].buckets.get(name)
        policy = bucket.policy if bucket and bucket.region_name == report["S3Region"] else None
        arn = f"arn:{self.partition}:s3:::{name}"
        if (
            policy is None
            or not allows(policy, [SERVICE], CHECKS, arn)
            or not allows(policy, [SERVICE], ["s3:PutObject"], f"{arn}/{report['S3Prefix']}/")
        ):
            raise _invalid(
                f"Failed to verify customer bucket permission. accountId: {self.account_id}, "
                f"bucket name: {name}, bucket region: {report['S3Region']}"
            )


def _invalid(message: str) -> JsonRESTError:
    return JsonRESTError("ValidationException", message)


cur_backends = BackendDict(CurBackend, "cur", use_boto3_regions=False, additional_regions=[HOME])


def install() -> None:
    """Stand where moto looks for a service."""
    sys.modules["moto.cur"] = sys.modules[__name__]
