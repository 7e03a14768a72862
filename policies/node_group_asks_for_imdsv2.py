"""EKP_EKS_3: nodes give their credentials to nobody who cannot ask with a session token.

One hop ends at the node: with more, a pod reads the node's credentials.
"""

from policies.checks import Entity, Everything, stack_check
from policies.links import blocks, linked


@stack_check(
    "EKP_EKS_3",
    "Ensure nodes answer IMDSv2 alone, and no further than themselves",
    "aws_eks_node_group",
)
def node_group_asks_for_imdsv2(group: Entity, everything: Everything) -> bool:
    """Fail without a launch template of the same stack that asks for it in every word."""
    used = blocks(group.body.get("launch_template"))
    # checkov writes a name in the place of a reference to it.
    names = [one.get("name") for one in used if one.get("name")]
    templates = [
        one
        for one in everything.of("aws_launch_template")
        if one.body.get("name") in names or one in linked(group, everything, one.kind)
    ]
    return bool(used) and bool(templates) and all(_asks(one) for one in templates)


def _asks(template: Entity) -> bool:
    """Tell whether a template asks for IMDSv2.

    Without the word an image decides, and those that ask for IMDSv2 themselves allow two hops.
    Source: EC2 user guide, "Configure instance metadata options for new instances".
    """
    return any(
        options.get("http_tokens") == "required"
        and str(options.get("http_put_response_hop_limit")) == "1"
        and options.get("http_endpoint") in (None, "enabled")
        for options in blocks(template.body.get("metadata_options"))
    )
