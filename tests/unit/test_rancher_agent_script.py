"""A cluster's job, run for real: it brings Rancher's agent in once, and from one host alone."""

import json
from collections.abc import Iterator
from pathlib import Path

from modules.kubernetes.rancher.agent import AGENT, JOB
from modules.kubernetes.rancher.pods import script

import pytest

from tests.support.rancher_api import POD_TOKEN, World, world

TOKEN = "g7k2vq9xw4"
IMPORT = f"v3/import/{TOKEN}_c-m-12345678.yaml"
SYSTEM = "namespaces/cattle-system"
DEPLOYMENT = f"apis/apps/v1/{SYSTEM}/deployments/{AGENT}"
SERVICE = f"api/v1/{SYSTEM}/services/{AGENT}"
CREDENTIALS = f"api/v1/{SYSTEM}/secrets/cattle-credentials-0123456789"
MANIFEST = """
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: proxy-clusterrole-kubeapiserver
rules: []
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: proxy-role-binding-kubernetes-master
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: proxy-clusterrole-kubeapiserver
subjects:
- apiGroup: rbac.authorization.k8s.io
  kind: User
  name: kube-apiserver
---
apiVersion: v1
kind: Namespace
metadata:
  name: cattle-system
---

apiVersion: v1
kind: ServiceAccount
metadata:
  name: cattle
  namespace: cattle-system

---

apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: cattle-admin-binding
  namespace: cattle-system
  labels:
    cattle.io/creator: "norman"
subjects:
- kind: ServiceAccount
  name: cattle
  namespace: cattle-system
roleRef:
  kind: ClusterRole
  name: cattle-admin
  apiGroup: rbac.authorization.k8s.io

---

apiVersion: v1
kind: Secret
metadata:
  name: cattle-credentials-0123456789
  namespace: cattle-system
type: Opaque
data:
  token: "ZzdrMnZxOXh3NA=="

---

apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: cattle-admin
rules: []

---

apiVersion: apps/v1
kind: Deployment
metadata:
  name: cattle-cluster-agent
  namespace: cattle-system
  annotations:
    management.cattle.io/scale-available: "2"
spec:
  template:
    metadata:
      labels:
        app: cattle-cluster-agent
    spec:
      serviceAccountName: cattle
      # Tolerations of the control plane
      tolerations: []
---
apiVersion: v1
kind: Service
metadata:
  name: cattle-cluster-agent
  namespace: cattle-system
spec:
  ports:
  - port: 80
"""


class Cluster:
    """A workload cluster, and the hub that it reads."""

    def __init__(self, found: World) -> None:
        self.world, self.api = found, found.api
        self.registration(f"https://{found.api.host}/{IMPORT}")
        self.api.manifests[IMPORT] = MANIFEST

    def registration(self, url: str, uid: str = "0a1b-2c3d") -> None:
        value = json.dumps({"manifestUrl": url, "cluster": "c-m-12345678", "uid": uid})
        (self.world.folder / "value.registration").write_text(value + "\n")

    def run(self, code: int = 0, **changes: str) -> str:
        secret = "arn:aws:secretsmanager:eu-west-1:444444444444:secret:registration"
        done = self.world.run(
            script("agent"), **{"SECRET_ID": secret, "SECRET_REGION": "eu-west-1", **changes}
        )
        assert done.returncode == code, done.stdout
        return done.stdout


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with world(tmp_path, JOB) as found:
        yield Cluster(found)


@pytest.mark.requirement("R33")
def test_the_first_run_applies_the_agent_and_what_it_signs_in_with(cluster: Cluster) -> None:
    cluster.run()

    assert set(cluster.api.objects) == {DEPLOYMENT, SERVICE, CREDENTIALS}
    agent = cluster.api.objects[DEPLOYMENT]
    assert agent["spec"]["template"]["spec"]["serviceAccountName"] == "cattle"
    assert agent["metadata"]["annotations"]["ekp/registration"] == "0a1b-2c3d"


def test_it_applies_no_rights_and_no_namespace_which_are_terraform_s(cluster: Cluster) -> None:
    cluster.run()

    assert not any("rbac" in change for change in cluster.api.changes)
    assert not any(change.endswith(("/namespaces", SYSTEM)) for change in cluster.api.changes)


def test_a_second_run_changes_nothing_and_asks_rancher_for_nothing(cluster: Cluster) -> None:
    cluster.run()
    cluster.api.changes.clear()
    cluster.api.manifests.clear()

    assert "nothing to do" in cluster.run()
    assert cluster.api.changes == []


def test_a_renewed_token_leaves_an_agent_alone_that_rancher_keeps_by_itself(
    cluster: Cluster,
) -> None:
    cluster.run()
    cluster.api.changes.clear()
    cluster.registration(f"https://{cluster.api.host}/v3/import/renewed_c-m-12345678.yaml")

    cluster.run()

    assert cluster.api.changes == []


def test_an_agent_that_is_gone_comes_back(cluster: Cluster) -> None:
    cluster.run()
    del cluster.api.objects[DEPLOYMENT]

    cluster.run()

    assert DEPLOYMENT in cluster.api.objects


def test_a_cluster_that_is_registered_anew_joins_anew(cluster: Cluster) -> None:
    cluster.run()
    cluster.api.changes.clear()
    cluster.registration(f"https://{cluster.api.host}/{IMPORT}", uid="f00-ba7")

    cluster.run()

    assert cluster.api.objects[DEPLOYMENT]["metadata"]["annotations"]["ekp/registration"] == (
        "f00-ba7"
    )


def test_a_run_that_was_cut_short_is_done_again(cluster: Cluster) -> None:
    cluster.api.refuses.add("/services/")
    cluster.run(1)
    assert "ekp/registration" not in cluster.api.objects[DEPLOYMENT]["metadata"]["annotations"]
    cluster.api.refuses.clear()

    cluster.run()

    assert SERVICE in cluster.api.objects


def test_before_the_hub_has_stored_anything_the_job_fails_and_an_install_does_not(
    cluster: Cluster,
) -> None:
    (cluster.world.folder / "value.registration").unlink()

    assert "no registration yet" in cluster.run(1)
    assert "the cron job tries again" in cluster.run(0, TOLERANT="yes")
    assert cluster.api.changes == []


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/v3/import/x_c-m-1.yaml",
        "http://{host}/v3/import/x_c-m-1.yaml",
        "https://{host}.evil.example/v3/import/x_c-m-1.yaml",
        "https://{host}/v3/import/../../api",
        "https://{host}/v3/import/x?authImage=evil",
        "",
    ],
)
def test_a_registration_of_another_host_is_refused(cluster: Cluster, url: str) -> None:
    cluster.registration(url.format(host=cluster.api.host))

    assert "the registration is not of https://" in cluster.run(1)
    assert cluster.api.changes == []


def test_a_host_that_no_authority_vouches_for_is_refused(cluster: Cluster) -> None:
    assert "answers 000 to the registration" in cluster.run(1, CURL_CA_BUNDLE="/dev/null")
    assert cluster.api.changes == []


def test_a_token_that_rancher_does_not_know_is_told(cluster: Cluster) -> None:
    cluster.api.manifests.clear()

    assert "answers 400 to the registration" in cluster.run(1)
    assert cluster.api.changes == []


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("DaemonSet", "kube-api-auth"),
        ("Deployment", "miner"),
        ("ClusterRoleBinding", "everybody"),
        ("Secret", "other"),
    ],
)
def test_a_manifest_with_something_else_in_it_is_refused_before_anything_is_applied(
    cluster: Cluster, kind: str, name: str
) -> None:
    metadata = f"  name: {name}\n  namespace: cattle-system\n"
    cluster.api.manifests[IMPORT] += f"---\nkind: {kind}\nmetadata:\n{metadata}"

    assert f"the manifest holds {kind} cattle-system/{name}" in cluster.run(1)
    assert cluster.api.changes == []


@pytest.mark.parametrize(
    "text", ["", "<html>sign in</html>", MANIFEST.partition("apiVersion: apps/v1")[0]]
)
def test_half_a_manifest_is_refused(cluster: Cluster, text: str) -> None:
    cluster.api.manifests[IMPORT] = text

    assert "the manifest" in cluster.run(1)
    assert cluster.api.changes == []


def test_no_token_is_printed_or_passed_as_an_argument(cluster: Cluster) -> None:
    said = cluster.run() + cluster.run()
    cluster.api.objects.clear()
    for part in ("/secrets", "/deployments/", "/services/"):
        cluster.api.refuses = {part}
        said += cluster.run(1)

    for secret in (POD_TOKEN, TOKEN, "ZzdrMnZxOXh3NA=="):
        assert secret not in said
        assert secret not in cluster.world.file("calls")
