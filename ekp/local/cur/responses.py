"""The Cost and Usage Report API over HTTP: what each operation answers."""
# ruff: noqa: D102 - the methods are the operations of the API

import json

from moto.core.responses import BaseResponse

from .models import HOME, CurBackend, cur_backends


class Responses(BaseResponse):
    """Hands a request's parameters to the backend."""

    def __init__(self) -> None:
        super().__init__(service_name="cur")

    @property
    def backend(self) -> CurBackend:
        return cur_backends[self.current_account][HOME]

    def _name(self) -> str:
        return str(self._get_param("ReportName"))

    def put_report_definition(self) -> str:
        report, tags = self._get_param("ReportDefinition"), self._get_param("Tags", [])
        self.backend.put_report_definition(report, tags)
        return "{}"

    def describe_report_definitions(self) -> str:
        reports = list(self.backend.reports.values())
        return json.dumps({"ReportDefinitions": reports})

    def modify_report_definition(self) -> str:
        self.backend.modify_report_definition(self._name(), self._get_param("ReportDefinition"))
        return "{}"

    def delete_report_definition(self) -> str:
        name = self._name()
        self.backend.delete_report_definition(name)
        return json.dumps({"ResponseMessage": f"Report {name} is deleted."})

    def list_tags_for_resource(self) -> str:
        return json.dumps({"Tags": self.backend.list_tags_for_resource(self._name())})

    def tag_resource(self) -> str:
        self.backend.tag_report(self._name(), self._get_param("Tags"))
        return "{}"

    def untag_resource(self) -> str:
        self.backend.untag_report(self._name(), self._get_param("TagKeys"))
        return "{}"
