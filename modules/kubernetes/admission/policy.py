"""An admission policy with its binding: who is asked, what is checked, what a refusal says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..manifest import Manifest

API_VERSION = "admissionregistration.k8s.io/v1"
SERVICES_LABEL = ("ekp/services", "true")
"""Label of the namespaces in which the policies hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinds:
    """Resources of one group, in the version that the expressions read them in."""

    group: str
    version: str
    resources: tuple[str, ...]
    """Plural names; a subresource is named with its resource."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """An expression in CEL that has to be true, and what is said where it is not."""

    expression: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One concern; an object that it cannot judge is refused like one that is wrong."""

    concern: str
    kinds: tuple[Kinds, ...]
    checks: tuple[Check, ...]
    variables: Mapping[str, str] = field(default_factory=dict)
    """Expressions by the name under which later ones find them in ``variables``."""
    only_where: str | None = None
    """An expression; objects for which it is false are let through unread."""

    @property
    def name(self) -> str:
        """Name of the policy and of its binding."""
        return f"ekp-services-{self.concern}"

    def manifests(self) -> list[Manifest]:
        """Return the policy, and the binding without which it does nothing."""
        labels = {"app.kubernetes.io/part-of": "ekp"}
        binding = {
            "policyName": self.name,
            "validationActions": ["Deny"],
            "matchResources": {"namespaceSelector": {"matchLabels": dict([SERVICES_LABEL])}},
        }
        return [
            Manifest(
                api_version=API_VERSION, kind=kind, name=self.name, labels=labels, fields=fields
            )
            for kind, fields in (
                ("ValidatingAdmissionPolicy", {"spec": self._spec()}),
                ("ValidatingAdmissionPolicyBinding", {"spec": binding}),
            )
        ]

    def _spec(self) -> dict[str, object]:
        conditions = (
            {"matchConditions": [{"name": self.concern, "expression": self.only_where}]}
            if self.only_where
            else {}
        )
        return {
            "failurePolicy": "Fail",
            "matchConstraints": {
                # Whoever writes in another version of the API is asked in this one.
                "matchPolicy": "Equivalent",
                "resourceRules": [
                    {
                        "apiGroups": [kinds.group],
                        "apiVersions": [kinds.version],
                        "operations": ["CREATE", "UPDATE"],
                        "resources": list(kinds.resources),
                    }
                    for kinds in self.kinds
                ],
            },
            **conditions,
            "variables": [
                {"name": name, "expression": text} for name, text in self.variables.items()
            ],
            "validations": [
                {"expression": check.expression, "message": check.message} for check in self.checks
            ],
        }


def listed(values: Sequence[str]) -> str:
    """Return names without quotes in them as a list in CEL."""
    return "[" + ", ".join(f"'{value}'" for value in values) + "]"
