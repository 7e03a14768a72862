"""A job that waits has just the rights it needs, and holds its release up."""

from modules.kubernetes.jobs import wait_for

FOUND = wait_for(
    "calico-ready",
    namespace="tigera-operator",
    rules=[
        {
            "apiGroups": ["operator.tigera.io"],
            "resources": ["tigerastatuses"],
            "verbs": ["get", "list", "watch"],
        }
    ],
    arguments=["--for=condition=Available", "tigerastatus/calico"],
    seconds=300,
)
JOB = FOUND[-1]


def test_the_release_fails_where_the_status_does_not_come() -> None:
    assert JOB.annotations["helm.sh/hook"] == "post-install,post-upgrade"
    assert JOB.fields["spec"]["activeDeadlineSeconds"] == 300
    (container,) = JOB.fields["spec"]["template"]["spec"]["containers"]
    assert container["args"] == [
        "wait",
        "--timeout=300s",
        "--for=condition=Available",
        "tigerastatus/calico",
    ]


def test_a_second_install_replaces_the_job_of_the_first() -> None:
    assert JOB.annotations["helm.sh/hook-delete-policy"] == "before-hook-creation"


def test_the_job_may_do_what_it_was_given_and_nothing_else() -> None:
    account, role, binding, _ = FOUND

    assert role.fields["rules"] == [
        {
            "apiGroups": ["operator.tigera.io"],
            "resources": ["tigerastatuses"],
            "verbs": ["get", "list", "watch"],
        }
    ]
    assert binding.fields["roleRef"]["name"] == role.name
    (subject,) = binding.fields["subjects"]
    assert (subject["name"], subject["namespace"]) == (account.name, account.namespace)
    assert JOB.fields["spec"]["template"]["spec"]["serviceAccountName"] == account.name


def test_only_the_pod_that_waits_has_the_account_s_token() -> None:
    account = FOUND[0]

    assert account.fields["automountServiceAccountToken"] is False
    assert JOB.fields["spec"]["template"]["spec"]["automountServiceAccountToken"] is True


def test_the_pod_is_admitted_by_the_restricted_standard_and_has_no_sidecar() -> None:
    template = JOB.fields["spec"]["template"]
    pod = template["spec"]
    (container,) = pod["containers"]

    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert template["metadata"]["labels"]["sidecar.istio.io/inject"] == "false"
