"""The provider as Terraform calls it: messages in, messages out."""

import functools
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from modules.core.charts import Chart as Pin

from tf.gen import tfplugin_pb2 as pb
from tf.gen.tfplugin_pb2_grpc import ProviderServicer

from ekp.runner.errors import RunnerError

from . import checks, cluster, plan, schema, tables, wire
from .cluster import Cluster
from .failure import RefusedError
from .release import Releases

RELEASE, TEMPLATE = "helm_release", "helm_template"
APPLIED = pb.ApplyResourceChange.Response
log = logging.getLogger(__name__)
Method = Callable[["Provider", Any, Any], Any]


def answering(response: Any) -> Callable[[Method], Method]:
    """Give what goes wrong back as a diagnostic of this response."""

    def decorate(method: Method) -> Method:
        @functools.wraps(method)
        def answered(self: "Provider", request: Any, context: Any) -> Any:
            try:
                return method(self, request, context)
            except RefusedError as error:
                refused = error
            except (RunnerError, OSError) as error:
                refused = RefusedError("The local state cannot be kept", str(error))
            except Exception as error:
                log.exception("%s failed", method.__name__)
                refused = RefusedError(
                    "The stand-in of the helm provider failed",
                    f"{type(error).__name__}: {error}. This is a fault of ekp, report it; "
                    "TF_LOG=DEBUG shows where.",
                )
            # What was not applied is as it was.
            kept = {"new_state": request.prior_state} if response is APPLIED else {}
            return response(diagnostics=wire.errors(refused), **kept)

        return answered

    return decorate


class Provider(ProviderServicer):  # type: ignore[misc] # tf has no types
    """hashicorp/helm as far as a machine without Kubernetes can be one."""

    def __init__(self, folder: Path, pins: Sequence[Pin]) -> None:
        self._folder = folder
        self._pins = pins
        self._configuration: Mapping[str, Any] = {}

    @answering(pb.GetProviderSchema.Response)
    def GetProviderSchema(self, _request: Any, _context: Any) -> Any:  # noqa: N802 - the protocol's
        """Say what there is."""
        return pb.GetProviderSchema.Response(
            provider=schema.message(tables.PROVIDER),
            resource_schemas={RELEASE: schema.message(tables.RELEASE, tables.RELEASE_VERSION)},
            data_source_schemas={TEMPLATE: schema.message(tables.TEMPLATE)},
            server_capabilities=pb.ServerCapabilities(plan_destroy=True),
        )

    @answering(pb.ValidateProviderConfig.Response)
    def ValidateProviderConfig(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Check the provider block."""
        cluster.check(wire.read(request.config) or {})
        return pb.ValidateProviderConfig.Response()

    @answering(pb.ConfigureProvider.Response)
    def ConfigureProvider(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Take the provider block."""
        self._configuration = wire.read(request.config) or {}
        return pb.ConfigureProvider.Response()

    @answering(pb.ValidateResourceConfig.Response)
    def ValidateResourceConfig(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Check a release's arguments."""
        checks.check(_object(request.config))
        return pb.ValidateResourceConfig.Response()

    @answering(pb.ValidateDataResourceConfig.Response)
    def ValidateDataResourceConfig(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        """Refuse to render a chart."""
        raise RefusedError(
            "Not in the local AWS",
            "helm_template renders a chart, and local mode has no charts: it records releases. "
            "Take the data source out, or plan against a real cluster.",
        )

    @answering(pb.UpgradeResourceState.Response)
    def UpgradeResourceState(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Take a state of this version as it is."""
        if request.version != tables.RELEASE_VERSION:
            raise RefusedError(
                "State of another version",
                f"The state of this release has schema version {request.version}; the stand-in "
                f"writes {tables.RELEASE_VERSION} and never wrote another.",
            )
        state = pb.DynamicValue(json=request.raw_state.json)
        return pb.UpgradeResourceState.Response(upgraded_state=state)

    @answering(pb.ReadResource.Response)
    def ReadResource(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Look a release up."""
        state = self._releases().read(_object(request.current_state))
        return pb.ReadResource.Response(new_state=wire.write(state), private=request.private)

    @answering(pb.PlanResourceChange.Response)
    def PlanResourceChange(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Plan a release."""
        proposed = wire.read(request.proposed_new_state)
        if proposed is None:
            return pb.PlanResourceChange.Response(planned_private=request.prior_private)
        cluster.of(self._configuration)
        planned, replaces = plan.plan(
            wire.read(request.prior_state), proposed, _object(request.config), self._pins
        )
        return pb.PlanResourceChange.Response(
            planned_state=wire.write(planned),
            requires_replace=[wire.path(name) for name in replaces],
            planned_private=request.prior_private,
        )

    @answering(APPLIED)
    def ApplyResourceChange(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Install, upgrade or remove a release."""
        prior, planned = wire.read(request.prior_state), wire.read(request.planned_state)
        state = self._apply(prior, planned, wire.read(request.config))
        return APPLIED(new_state=wire.write(state), private=request.planned_private)

    @answering(pb.ImportResourceState.Response)
    def ImportResourceState(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Take a release over that is there already."""
        found = pb.ImportResourceState.ImportedResource(
            type_name=request.type_name, state=wire.write(self._releases().adopt(request.id))
        )
        return pb.ImportResourceState.Response(imported_resources=[found])

    @answering(pb.GetFunctions.Response)
    def GetFunctions(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        """Say that there are no functions."""
        return pb.GetFunctions.Response()

    def StopProvider(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        """Do nothing: no call takes long enough to be stopped."""
        return pb.StopProvider.Response()

    def _apply(
        self, prior: wire.Object | None, planned: wire.Object | None, config: wire.Object | None
    ) -> wire.Object | None:
        releases = self._releases()
        if planned is None:
            releases.remove(prior or {})
            return None
        if prior is None:
            return releases.install(planned, config or planned)
        return releases.upgrade(prior, planned, config or planned)

    def _releases(self) -> Releases:
        found: Cluster | None = cluster.of(self._configuration)
        if found is None:
            raise RefusedError(
                "Kubernetes cluster unreachable",
                "The provider's kubernetes block is not known yet: it must not come from a "
                "resource of the same state.",
                "kubernetes",
            )
        return Releases(self._folder, found, self._pins)


def _object(value: Any) -> wire.Object:
    found = wire.read(value)
    if found is None:
        raise RefusedError("Nothing to work on", "Terraform sent null where a release was due.")
    return found
