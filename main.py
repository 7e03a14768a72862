"""The CDKTF app: every layer of every environment, in order."""

import os
import sys
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from modules.aws.state_bucket import StateUser
from modules.core.fleet import ALONE, Fleet
from modules.core.layer import Layer
from modules.stacks.bootstrap import LAYER, BootstrapStack, Organisation
from modules.stacks.break_glass import BreakGlassStack
from modules.stacks.cluster import ClusterStack
from modules.stacks.edge import EdgeStack
from modules.stacks.ingress import IngressStack
from modules.stacks.management import ManagementStack
from modules.stacks.network import NetworkStack
from modules.stacks.platform import PlatformStack
from modules.stacks.region_networks import region_networks
from modules.stacks.tenant_bundles import Surroundings
from modules.stacks.tenants import TenantsStack

from cdktf import App
from constructs import Construct

from environments import SettingsError, load
from environments.schema import Environment


def fleet_of(environments: Iterable[Environment]) -> Fleet:
    """Return what the hub and the clusters of all environments know of each other."""
    every = tuple(environments)
    return Fleet(
        hub=next((hub for one in every if (hub := one.hub()) is not None), None),
        clusters=tuple(cluster for one in every for cluster in one.clusters()),
        delivered=tuple(found for one in every if (found := one.delivered()) is not None),
    )


def build(scope: Construct, environment: Environment, fleet: Fleet = ALONE) -> None:
    """Make the stacks of one environment: data flows forward only.

    ``fleet`` is what all environments are to each other; without one it stands alone.
    """
    edge = EdgeStack(scope, environment.global_context(), environment.edge)
    way_in = None
    if environment.break_glass is not None:
        way_in = BreakGlassStack(
            scope,
            environment.global_context(),
            environment.break_glass,
            clusters=[environment.context(region) for region in environment.regions],
        )
    for region, settings in environment.regions.items():
        ctx = environment.context(region)
        # The hub looks after the others, not after itself.
        hub = None if settings.management else fleet.hub
        network = NetworkStack(scope, ctx, settings.network)
        cluster = ClusterStack(
            scope,
            ctx,
            environment.cluster(region),
            network=network,
            hub=hub if environment.delivery else None,
        )
        if way_in is not None:
            cluster.add_dependency(way_in)
        ingress = IngressStack(
            scope,
            ctx,
            settings.ingress,
            entrance=environment.edge,
            edge=edge,
            network=network,
            cluster=cluster,
        )
        identity = settings.cluster.addons.identity
        brought = fleet.delivered if settings.management else ()
        networks = region_networks(
            settings.network.vpc,
            environment.edge.front,
            peered=[
                *(network for one in brought for network in one.networks),
                *settings.platform.private_networks,
            ],
        )
        platform = PlatformStack(
            scope,
            ctx,
            settings.platform,
            entrance=environment.edge,
            networks=networks,
            version=settings.cluster.eks.version,
            identity=identity,
            hub=settings.management is not None,
            tenant_groups=environment.tenant_groups,
            network=network,
            cluster=cluster,
        )
        charts: Layer[Any] = platform
        if settings.management:
            charts = ManagementStack(
                scope,
                ctx,
                settings.management,
                availability=settings.platform.availability,
                identity=identity,
                admin_hosts=settings.platform.admin_hosts,
                cluster=cluster,
                platform=platform,
                fleet=fleet,
            )
        TenantsStack(
            scope,
            ctx,
            around=Surroundings(
                site=environment.site(region),
                networks=networks,
                endpoints=settings.network.endpoints.interfaces,
                debugging=environment.debugging,
                registered=fleet.cluster(environment.name, region) if hub else None,
            ),
            directory=environment.directory,
            tenancies=[one for one in environment.tenancies if one.runs_in(region)],
            installed=settings.platform,
            identity=identity,
            hub=hub,
            delivered=brought,
            cluster=cluster,
            ingress=ingress,
            charts=charts,
        )


def synth(outdir: str | None = None, *, today: date) -> tuple[str, ...]:
    """Write the Terraform JSON of every environment and return warnings about the settings.

    ``outdir`` is ``cdktf.out`` unless said otherwise, or what the CLI of CDKTF names.

    Raises:
        SettingsError: the settings are invalid; nothing is written.
    """
    environments, warnings = load(today)
    app = App(outdir=outdir)
    fleet = fleet_of(environments.values())
    for environment in environments.values():
        build(app, environment, fleet)
    app.synth()
    return warnings


def synth_trial(environments: Mapping[str, Environment], name: str, outdir: str) -> None:
    """Write one environment's stacks as they would be with these settings.

    Args:
        environments: every environment, valid already, one of them perhaps changed.
        name: the one whose stacks are written.
        outdir: a folder of the caller's own.
    """
    app = App(outdir=outdir)
    build(app, environments[name], fleet_of(environments.values()))
    app.synth()


def bootstrap(outdir: str, *, today: date) -> tuple[str, ...]:
    """Write what each account needs before its first stack, and return warnings on the settings.

    These stacks are in no other folder: a deploy never changes them.

    Raises:
        SettingsError: the settings are invalid; nothing is written.
    """
    environments, warnings = load(today)
    app = App(outdir=outdir)
    organisation = organisation_of(environments.values())
    for environment in environments.values():
        if environment.bootstrap is not None:
            BootstrapStack(
                app,
                environment.bootstrap_context(),
                environment.bootstrap,
                # What the environment has once is in us-east-1, wherever its clusters are.
                regions=sorted({*environment.regions, environment.global_context().region}),
                assumes=environment.roles_elsewhere,
                organisation=organisation,
            )
    app.synth()
    return warnings


def organisation_of(environments: Iterable[Environment]) -> Organisation:
    """Return what the environments are to each other before any of them has a stack."""
    every = tuple(environments)
    places = {one.name: one.bootstrap_context() for one in every}
    return Organisation(
        state_users=tuple(
            StateUser(
                environment=one.name,
                account_id=one.account_id,
                partition=places[one.name].partition,
                deploy_role_arn=one.deploy_role_arn,
                administrators=one.bootstrap.administrators if one.bootstrap else (),
                bootstrap_key=places[one.name].state_key(LAYER),
            )
            for one in every
        ),
        deploy_role_arns=tuple(one.deploy_role_arn for one in every),
    )


def today() -> date:
    """Return the day the support calendar is read for: ``EKP_TODAY`` (YYYY-MM-DD) or today.

    Raises:
        SettingsError: ``EKP_TODAY`` is not a date.
    """
    text = os.environ.get("EKP_TODAY")
    try:
        return date.fromisoformat(text) if text else date.today()  # noqa: DTZ011 - local calendar
    except ValueError as error:
        raise SettingsError(
            (f"EKP_TODAY = {text!r}: not a date; write it as YYYY-MM-DD or unset it",)
        ) from error


if __name__ == "__main__":
    try:
        for warning in synth(today=today()):
            print(f"warning: {warning}", file=sys.stderr)  # noqa: T201 - the app of cdktf.json
    except SettingsError as error:
        print(f"The settings are invalid:\n{error}", file=sys.stderr)  # noqa: T201
        sys.exit(2)
