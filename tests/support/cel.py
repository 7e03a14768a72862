"""Admission policies asked for real: their own expressions, read by an implementation of CEL."""

from collections.abc import Mapping, Sequence
from typing import Any

from celpy import Environment, Runner
from celpy.adapter import json_to_cel
from celpy.celtypes import MapType
from celpy.evaluation import CELEvalError

Object = Mapping[str, Any]


class Admission:
    """What the API server does with an object under policies, each bound everywhere.

    Of Kubernetes' own it knows ``object``, ``request.namespace`` and ``variables``. It computes all
    variables, where the server leaves out those that nothing asks for: more errors, never fewer.
    """

    def __init__(self, manifests: Sequence[Object]) -> None:
        """Take policies; what else is among the objects is passed over."""
        self._environment = Environment()
        self._programs: dict[str, Runner] = {}
        self._specs = [
            one["spec"] for one in manifests if one["kind"] == "ValidatingAdmissionPolicy"
        ]

    def refusals(self, found: Object, resource: str, operation: str = "CREATE") -> list[str]:
        """Return the messages of all checks that an object fails; an error is one of them.

        ``resource`` is the plural name, with a subresource if that is what is written.
        """
        return [
            message
            for spec in self._specs
            if _asked(spec, found["apiVersion"], resource, operation)
            for message in self._refusals(spec, found)
        ]

    def _refusals(self, spec: Object, found: Object) -> list[str]:
        known: dict[str, Any] = {
            "object": json_to_cel(dict(found)),
            "request": json_to_cel({"namespace": found["metadata"]["namespace"]}),
        }
        try:
            for condition in spec.get("matchConditions", ()):
                if not self._value(condition["expression"], known):
                    return []
            variables = MapType()
            for variable in spec["variables"]:
                value = self._value(variable["expression"], {**known, "variables": variables})
                variables[json_to_cel(variable["name"])] = value
            known["variables"] = variables
            return [
                check["message"]
                for check in spec["validations"]
                if not self._value(check["expression"], known)
            ]
        except CELEvalError as error:
            # failurePolicy Fail.
            return [f"error: {error.args[0]}"]

    def _value(self, expression: str, known: dict[str, Any]) -> Any:
        if expression not in self._programs:
            self._programs[expression] = self._environment.program(
                self._environment.compile(expression)
            )
        value = self._programs[expression].evaluate(known)
        if isinstance(value, CELEvalError):
            raise value
        return value


def _asked(spec: Object, api_version: str, resource: str, operation: str) -> bool:
    group, _, version = api_version.rpartition("/")
    return any(
        group in rule["apiGroups"]
        and version in rule["apiVersions"]
        and resource in rule["resources"]
        and operation in rule["operations"]
        for rule in spec["matchConstraints"]["resourceRules"]
    )
