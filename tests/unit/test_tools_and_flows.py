"""Where a tool is met, where the gateway may call, and which namespaces there are, is one truth."""

from modules.addons.groundwork import NAMESPACES
from modules.core.flows import Flow, Pods
from modules.core.hosts import AdminTool
from modules.core.platform_flows import platform_flows
from modules.core.platform_flows_pods import GATEWAY
from modules.kubernetes.istio.admin_hosts import TOOLS
from modules.stacks.management import NAMESPACES as HUB_NAMESPACES

import pytest

from environments.platform_checks import ON_THE_HUB

EVERY_TOOL = pytest.mark.parametrize("tool", AdminTool)


def ways(tool: AdminTool, *, hub: bool) -> list[Flow]:
    """Return the flows by which the gateway calls pods of a tool's namespace."""
    return [
        flow
        for flow in platform_flows(hub=hub, shards=(), karpenter=False)
        if flow.source == GATEWAY
        and isinstance(flow.target, Pods)
        and flow.target.namespace == TOOLS[tool].namespace
    ]


@pytest.mark.requirement("R35")
@EVERY_TOOL
def test_the_gateway_may_call_every_tool_that_it_leads_people_to(tool: AdminTool) -> None:
    (way,) = ways(tool, hub=True)

    assert isinstance(way.target, Pods)
    assert way.target.labels
    assert way.ports


@EVERY_TOOL
def test_where_a_tool_does_not_run_the_gateway_may_not_call_it(tool: AdminTool) -> None:
    assert bool(ways(tool, hub=False)) is (tool not in ON_THE_HUB)


def test_the_gateway_calls_nothing_outside_the_mesh_but_tools() -> None:
    called = {
        flow.target.namespace
        for flow in platform_flows(hub=True, shards=(), karpenter=False)
        if flow.source == GATEWAY and isinstance(flow.target, Pods)
    }

    # The gateway is one of the mesh's proxies and needs no flow of its own to istiod.
    assert called == {to.namespace for to in TOOLS.values()}


@EVERY_TOOL
def test_every_tool_is_in_a_namespace_that_a_layer_makes(tool: AdminTool) -> None:
    everywhere = {one.name for one in NAMESPACES}
    hub = {one.name for one in HUB_NAMESPACES}
    # Kubecost's agent shares a namespace with what the hub runs.
    there = everywhere | hub if tool in ON_THE_HUB else everywhere

    assert TOOLS[tool].namespace in there


@EVERY_TOOL
def test_no_tool_is_in_the_mesh_so_the_gateway_calls_it_by_what_it_speaks(tool: AdminTool) -> None:
    injected = {one.name for one in (*NAMESPACES, *HUB_NAMESPACES) if one.injection}

    assert injected
    assert TOOLS[tool].namespace not in injected
