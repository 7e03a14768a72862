"""Vault's own configuration and certificate: raft storage, TLS everywhere, unsealed by KMS."""

from collections.abc import Sequence

from .certificates import issued_by
from .manifest import Manifest

NAMESPACE = "vault"
SERVER = "vault"
"""Name of the release, hence of its StatefulSet, its Service and its service account."""
CERTIFICATE = "vault-server"
"""Certificate, and Secret with ``tls.crt``, ``tls.key`` and ``ca.crt``."""
PORT = 8200
ADDRESS = f"https://{SERVER}.{NAMESPACE}.svc:{PORT}"
"""Address inside the cluster; every server forwards to the active one."""
ENDS = (".svc", ".svc.cluster.local")


def peers(replicas: int) -> list[str]:
    """Return the address of each server, by the name that its certificate carries."""
    return [f"https://{_host(index)}:{PORT}" for index in range(replicas)]


def certificate(replicas: int, *, host: str | None, issuer: str) -> Manifest:
    """Return the servers' certificate: for themselves, their services and loopback.

    Both usages, as a server is the client of another one when it joins. ``host`` is the name that
    people reach the user interface by, ``issuer`` a ClusterIssuer.
    """
    services = [SERVER, f"{SERVER}-active", f"{SERVER}-standby", f"{SERVER}-ui"]
    names = [
        *(f"{service}.{NAMESPACE}{end}" for service in services for end in ("", *ENDS)),
        *(f"{SERVER}-{index}.{SERVER}-internal" for index in range(replicas)),
        *(f"{_host(index)}{end}" for index in range(replicas) for end in ("", ".cluster.local")),
        "localhost",
        *([host] if host else []),
    ]
    return _certificate(CERTIFICATE, NAMESPACE, names, ["server auth", "client auth"], issuer)


def trust_certificate(name: str, namespace: str, *, issuer: str) -> Manifest:
    """Return a certificate whose Secret brings Vault's CA to another namespace, as ``ca.crt``."""
    return _certificate(name, namespace, [f"{name}.{namespace}.svc"], ["client auth"], issuer)


def server_config(replicas: int, *, region: str, kms_key_arn: str, user_interface: bool) -> str:
    """Return the configuration of every server, in HCL."""
    joins = "\n".join(_retry_join(index) for index in range(replicas))
    # Memory is not locked: nodes have no swap, and raft's memory-mapped file would be locked too.
    return f"""\
ui = {str(user_interface).lower()}
disable_mlock = true
log_format = "json"

listener "tcp" {{
  address = "[::]:{PORT}"
  cluster_address = "[::]:8201"
  tls_cert_file = "/vault/tls/tls.crt"
  tls_key_file = "/vault/tls/tls.key"
  tls_min_version = "tls12"
  telemetry {{
    unauthenticated_metrics_access = true
  }}
}}

storage "raft" {{
  path = "/vault/data"
{joins}
}}

seal "awskms" {{
  region = "{region}"
  kms_key_id = "{kms_key_arn}"
}}

service_registration "kubernetes" {{}}

telemetry {{
  prometheus_retention_time = "24h"
  disable_hostname = true
}}
"""


def _host(index: int) -> str:
    return f"{SERVER}-{index}.{SERVER}-internal.{NAMESPACE}.svc"


def _retry_join(index: int) -> str:
    return f"""\
  retry_join {{
    leader_api_addr = "https://{_host(index)}:{PORT}"
    leader_tls_servername = "{_host(index)}"
    leader_ca_cert_file = "/vault/tls/ca.crt"
  }}"""


def _certificate(
    name: str, namespace: str, names: Sequence[str], usages: Sequence[str], issuer: str
) -> Manifest:
    return Manifest(
        api_version="cert-manager.io/v1",
        kind="Certificate",
        name=name,
        namespace=namespace,
        fields={
            "spec": {
                "secretName": name,
                "commonName": names[0],
                "dnsNames": list(names),
                **({"ipAddresses": ["127.0.0.1"]} if "localhost" in names else {}),
                "usages": list(usages),
                "duration": "2160h",
                "renewBefore": "720h",
                "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
                "issuerRef": issued_by(issuer),
            }
        },
    )
