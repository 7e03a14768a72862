"""What is measured of services outside their namespaces, written down as theirs.

Rules of a namespace see its own series alone (``enforcedNamespaceLabel``), so what callers and
Argo Rollouts tell of a service is recorded here, by rules of the platform, under its name.
"""

from typing import Any

UNANSWERED = "service:istio_requests_unanswered:ratio_5m"
"""Share of requests to a service that no pod answered, as its callers saw it."""
ROLLOUT = "service:rollout_info:max"
"""1 for the phase that a service's Rollout is in."""
# No pod answered: none healthy, none reached, connection lost, too slow, or too many waiting.
# Source: Envoy documentation, "Access logging", response flags.
NO_ANSWER = ".*(UH|UF|UC|UT|UO).*"
_SERVICE = ("destination_service_namespace", "destination_service_name")
# The label `namespace` is that of the controller's pod, so the Rollout's own is renamed.
_ROLLOUT = ("exported_namespace", "name")


def measured_elsewhere(*, rollouts_namespace: str) -> list[dict[str, Any]]:
    """Return the groups of rules, for all services at once.

    ``rollouts_namespace`` is that of Argo Rollouts, whose word alone counts of Rollouts.
    """
    called = ", ".join(_SERVICE)
    lost, all_ = (
        f"sum by ({called}) (rate(istio_requests_total{{{selector}}}[5m]))"
        for selector in (
            f'reporter="source",response_flags=~"{NO_ANSWER}"',
            'reporter="source"',
        )
    )
    unanswered = _named(f"{lost} / {all_}", *_SERVICE)
    phases = _named(f'rollout_info{{namespace="{rollouts_namespace}"}}', *_ROLLOUT)
    return [
        {
            "name": "services.elsewhere",
            "rules": [
                {
                    "record": UNANSWERED,
                    "expr": f"sum by (namespace, service) ({unanswered})",
                },
                {
                    "record": ROLLOUT,
                    # Each copy of the controller tells.
                    # Source: Argo Rollouts 1.9, controller/metrics/rollouts.go.
                    "expr": f"max by (namespace, service, phase) ({phases})",
                },
            ],
        }
    ]


def _named(series: str, namespace: str, service: str) -> str:
    """Give series the labels ``namespace`` and ``service``, out of two others."""
    inner = f'label_replace({series}, "namespace", "$1", "{namespace}", "(.+)")'
    return f'label_replace({inner}, "service", "$1", "{service}", "(.+)")'
