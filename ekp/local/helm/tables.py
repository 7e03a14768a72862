"""The schema of hashicorp/helm 3.1.1: the provider block, `helm_release`, `helm_template`.

https://github.com/hashicorp/terraform-provider-helm/tree/v3.1.1/helm
"""

from collections.abc import Mapping

from .schema import STRINGS, Attribute, computed, optional, required

# `helm_release` is at its third form; the first two were written by version 2 of the provider.
RELEASE_VERSION = 2

PROVIDER: Mapping[str, Attribute] = {
    "burst_limit": optional("number"),
    "debug": optional("bool"),
    "experiments": optional(nested={"manifest": optional("bool")}),
    "helm_driver": optional(),
    "kubernetes": optional(
        nested={
            "client_certificate": optional(),
            "client_key": optional(),
            "cluster_ca_certificate": optional(),
            "config_context": optional(),
            "config_context_auth_info": optional(),
            "config_context_cluster": optional(),
            "config_path": optional(),
            "config_paths": optional(STRINGS),
            "exec": optional(
                nested={
                    "api_version": required(),
                    "args": optional(STRINGS),
                    "command": required(),
                    "env": optional(("map", "string")),
                }
            ),
            "host": optional(),
            "insecure": optional("bool"),
            "password": optional(),
            "proxy_url": optional(),
            "tls_server_name": optional(),
            "token": optional(),
            "username": optional(),
        }
    ),
    "plugins_path": optional(),
    "qps": optional("number"),
    "registries": optional(
        many=True, nested={"password": required(), "url": required(), "username": required()}
    ),
    "registry_config_path": optional(),
    "repository_cache": optional(),
    "repository_config_path": optional(),
}

METADATA: Mapping[str, Attribute] = {
    "app_version": computed(),
    "chart": computed(),
    "first_deployed": computed("number"),
    "last_deployed": computed("number"),
    "name": computed(),
    "namespace": computed(),
    "notes": computed(),
    "revision": computed("number"),
    "values": computed(),
    "version": computed(),
}

# Arguments that the data source has too.
_COMMON: Mapping[str, Attribute] = {
    "chart": required(),
    "devel": optional("bool"),
    "id": computed(),
    "keyring": optional(),
    "name": required(),
    "postrender": optional(nested={"args": optional(STRINGS), "binary_path": required()}),
    "repository": optional(),
    "repository_ca_file": optional(),
    "repository_cert_file": optional(),
    "repository_key_file": optional(),
    "repository_password": optional(sensitive=True),
    "repository_username": optional(),
    "set_list": optional(many=True, nested={"name": required(), "value": required(STRINGS)}),
    "set_sensitive": optional(
        many=True,
        nested={"name": required(), "type": optional(), "value": required(sensitive=True)},
    ),
    "values": optional(STRINGS),
}

RELEASE: Mapping[str, Attribute] = {
    **_COMMON,
    "atomic": optional("bool", default=False),
    "cleanup_on_fail": optional("bool", default=False),
    "create_namespace": optional("bool", default=False),
    "dependency_update": optional("bool", default=False),
    "description": Attribute(computed=True, may_be_set=True),
    "disable_crd_hooks": optional("bool", default=False),
    "disable_openapi_validation": optional("bool", default=False),
    "disable_webhooks": optional("bool", default=False),
    "force_update": optional("bool", default=False),
    "lint": optional("bool", default=False),
    "manifest": computed(),
    "max_history": optional("number", default=0),
    "metadata": computed(nested=METADATA),
    "namespace": optional(default="default"),
    "pass_credentials": optional("bool", default=False),
    "recreate_pods": optional("bool", default=False),
    "render_subchart_notes": optional("bool", default=True),
    "replace": optional("bool", default=False),
    "reset_values": optional("bool", default=False),
    "resources": computed(("map", "string")),
    "reuse_values": optional("bool", default=False),
    "set": optional(
        many=True, nested={"name": required(), "type": optional(default=""), "value": optional()}
    ),
    "set_wo": optional(
        many=True,
        write_only=True,
        nested={
            "name": required(write_only=True),
            "type": optional(write_only=True),
            "value": required(write_only=True),
        },
    ),
    "set_wo_revision": optional("number"),
    "skip_crds": optional("bool", default=False),
    "status": computed(),
    "take_ownership": optional("bool", default=False),
    "timeout": optional("number", default=300),
    "timeouts": optional(
        nested={name: optional() for name in ("create", "delete", "read", "update")}
    ),
    "upgrade_install": optional("bool", default=False),
    "verify": optional("bool", default=False),
    "version": Attribute(computed=True, may_be_set=True),
    "wait": optional("bool", default=True),
    "wait_for_jobs": optional("bool", default=False),
}
REPLACES = ("name", "namespace")

# Refused when it is read: here so that Terraform asks, and the stand-in can say why.
TEMPLATE: Mapping[str, Attribute] = {
    **_COMMON,
    **dict.fromkeys(
        (
            *("atomic", "create_namespace", "dependency_update", "disable_openapi_validation"),
            *("disable_webhooks", "include_crds", "is_upgrade", "pass_credentials"),
            *("render_subchart_notes", "replace", "reset_values", "reuse_values", "skip_crds"),
            *("skip_tests", "validate", "verify", "wait"),
        ),
        optional("bool"),
    ),
    **dict.fromkeys(("api_versions", "show_only"), optional(STRINGS)),
    **dict.fromkeys(("description", "kube_version", "namespace"), optional()),
    **dict.fromkeys(("manifest", "notes", "version"), Attribute(computed=True, may_be_set=True)),
    "crds": Attribute(type=STRINGS, computed=True, may_be_set=True),
    "manifests": Attribute(type=("map", "string"), computed=True, may_be_set=True),
    "set": optional(
        many=True, nested={"name": required(), "type": optional(), "value": optional()}
    ),
    "set_wo": optional(
        many=True, nested={"name": required(), "type": optional(), "value": required()}
    ),
    "timeout": optional("number"),
    "timeouts": optional(nested={"read": optional()}),
}
