"""Whether checkov saw all that it was given: what it cannot make sense of, it drops."""

import json
from collections.abc import Iterator, Mapping
from typing import Any


def wanted(framework: str, files: Mapping[str, bytes]) -> frozenset[str]:
    """Return what has to be seen: addresses of Terraform, or names of files with an object each.

    Args:
        framework: A name of ``Framework``; of HCL nothing is asked, checkov reports what it
            cannot read.
        files: Contents by name.

    Raises:
        ValueError: a file is no JSON of that kind, or the plan is none that could be applied.
    """
    if framework == "kubernetes":
        return frozenset(files)
    found: set[str] = set()
    for name, text in files.items():
        if framework == "terraform_plan":
            found |= plan_addresses(text)
        elif framework == "terraform_json":
            found |= _read(_written, text, f"{name} is not what CDKTF writes")
    return frozenset(found)


def seen(framework: str, graph: Any) -> frozenset[str]:
    """Return what is in checkov's graph, in the words of ``wanted``."""
    vertices = [node[1] if isinstance(node, tuple) else node for node in graph.nodes()]
    if framework == "kubernetes":
        return frozenset(str(one["file_path_"]).rpartition("/")[2] for one in vertices)
    if framework == "terraform_plan":
        return frozenset(str(one.get("__address__", "")) for one in vertices)
    prefix = {"resource": "", "data": "data."}
    return frozenset(
        f"{prefix[one['block_type_']]}{one['block_name_']}"
        for one in vertices
        if one.get("block_type_") in prefix
    )


def plan_addresses(plan: bytes) -> frozenset[str]:
    """Return the addresses of a plan's resources, and of data that is read as it is applied.

    Args:
        plan: What ``terraform show -json`` writes.

    Raises:
        ValueError: it is no such JSON, or Terraform did not finish the plan.
    """
    return frozenset(_read(_planned, plan, "the file is no plan of Terraform as JSON"))


def _read(addresses: Any, text: bytes, otherwise: str) -> set[str]:
    try:
        return set(addresses(json.loads(text)))
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        reason = " ".join(str(error).split())
        missing = isinstance(error, KeyError)
        raise ValueError(f"{otherwise}: {f'{reason} is missing' if missing else reason}") from error


def _planned(plan: Mapping[str, Any]) -> set[str]:
    if plan.get("errored") or not plan.get("complete", True):
        raise ValueError("Terraform did not finish it")
    plan["configuration"]["root_module"].items()
    there = dict(_of_module(plan["planned_values"]["root_module"]))
    managed = {address for address, mode in there.items() if mode == "managed"}
    changed = {
        str(one["address"])
        for one in plan.get("resource_changes", ())
        if one["mode"] == "managed" and one["change"]["after"] is not None
    }
    # Both parts have all that is there afterwards, changed or not.
    if unlike := sorted(managed ^ changed):
        raise ValueError(f"planned_values and resource_changes differ in {unlike[0]}")
    return set(there)


def _of_module(module: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for one in module.get("resources", ()):
        address = str(one["address"])
        if one["mode"] not in ("managed", "data") or f"{one['type']}.{one['name']}" not in address:
            raise ValueError(f"{address} has another mode, type or name")
        one.get("values", {}).items()
        yield address, one["mode"]
    for child in module.get("child_modules", ()):
        yield from _of_module(child)


def _written(stack: Mapping[str, Any]) -> Iterator[str]:
    for block, prefix in (("resource", ""), ("data", "data.")):
        for kind, named in stack.get(block, {}).items():
            for name, body in named.items():
                body.items()
                yield f"{prefix}{kind}.{name}"
