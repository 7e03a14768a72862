"""OIDC identity provider configurations, through which people log in to a cluster."""

from dataclasses import dataclass
from typing import Any

from moto.eks.exceptions import (
    InvalidParameterException,
    InvalidRequestException,
    ResourceInUseException,
    ResourceNotFoundException,
)
from moto.moto_api._internal import mock_random

from .registry import MAX_RESULTS, ClusterRegistry, as_params, page
from .update import Update


@dataclass
class OidcProviderConfig:
    """One OIDC provider as `DescribeIdentityProviderConfig` shows it."""

    identity_provider_config_name: str
    arn: str
    cluster_name: str
    issuer_url: str
    client_id: str
    tags: dict[str, str]
    username_claim: str | None = None
    username_prefix: str | None = None
    groups_claim: str | None = None
    groups_prefix: str | None = None
    required_claims: dict[str, str] | None = None
    status: str = "ACTIVE"

    @property
    def identity_provider_config_arn(self) -> str:
        """Give the ARN under the API's name for it."""
        return self.arn


class IdentityProviders(ClusterRegistry):
    """The identity provider operations."""

    def associate_identity_provider_config(
        self,
        cluster_name: str,
        oidc: dict[str, Any],
        tags: dict[str, str] | None = None,
        client_request_token: str | None = None,  # noqa: ARG002 - part of the API
    ) -> tuple[Update, dict[str, str]]:
        """Let people of an OIDC provider in; a cluster takes one provider."""
        cluster = self.cluster(cluster_name)
        name = oidc["identityProviderConfigName"]
        if name in cluster.identity_providers:
            raise ResourceInUseException(
                clusterName=cluster_name,
                message=f"Identity provider config already exists with name {name}",
            )
        if cluster.identity_providers:
            raise InvalidRequestException(
                clusterName=cluster_name,
                message="A cluster can have one OIDC identity provider config",
            )
        if not oidc["issuerUrl"].startswith("https://"):
            raise InvalidParameterException(
                clusterName=cluster_name,
                message=f"The issuer URL must begin with https://: {oidc['issuerUrl']}",
            )
        config = OidcProviderConfig(
            identity_provider_config_name=name,
            arn=self.arn(
                "identityproviderconfig", cluster_name, "oidc", name, str(mock_random.uuid4())
            ),
            cluster_name=cluster_name,
            issuer_url=oidc["issuerUrl"],
            client_id=oidc["clientId"],
            tags=dict(tags or {}),
            username_claim=oidc.get("usernameClaim"),
            username_prefix=oidc.get("usernamePrefix"),
            groups_claim=oidc.get("groupsClaim"),
            groups_prefix=oidc.get("groupsPrefix"),
            required_claims=oidc.get("requiredClaims"),
        )
        cluster.identity_providers[name] = config
        params = as_params(IdentityProviderConfig=oidc)
        return cluster.record(Update("AssociateIdentityProviderConfig", params)), config.tags

    def describe_identity_provider_config(
        self, cluster_name: str, identity_provider_config: dict[str, str]
    ) -> OidcProviderConfig:
        """Give a provider by type and name."""
        name = identity_provider_config["name"]
        config = self.cluster(cluster_name).identity_providers.get(name)
        if config is None or identity_provider_config["type"] != "oidc":
            raise ResourceNotFoundException(
                clusterName=cluster_name,
                message=f"Identity provider config is not associated with cluster: {name}",
            )
        return config

    def disassociate_identity_provider_config(
        self,
        cluster_name: str,
        identity_provider_config: dict[str, str],
        client_request_token: str | None = None,  # noqa: ARG002 - part of the API
    ) -> Update:
        """Shut the people of a provider out."""
        config = self.describe_identity_provider_config(cluster_name, identity_provider_config)
        cluster = self.cluster(cluster_name)
        del cluster.identity_providers[config.identity_provider_config_name]
        params = as_params(IdentityProviderConfig=identity_provider_config)
        return cluster.record(Update("DisassociateIdentityProviderConfig", params))

    def list_identity_provider_configs(
        self,
        cluster_name: str,
        max_results: int = MAX_RESULTS,
        next_token: str | None = None,
    ) -> tuple[list[dict[str, str]], str | None]:
        """List the providers of a cluster."""
        names = list(self.cluster(cluster_name).identity_providers)
        found, token = page(names, max_results, next_token)
        return [{"type": "oidc", "name": name} for name in found], token
