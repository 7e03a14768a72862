"""YAML text for Terraform: tokens stand as quoted strings, all else reaches Helm as written."""

import re
from collections.abc import Mapping
from typing import Any

import yaml

_TOKEN = "${TfToken["  # noqa: S105 - how CDKTF writes a value that Terraform fills in
# Lists and numbers that Terraform fills in look like this; YAML text could not hold them.
_LIST_TOKEN = "#{TfToken["  # noqa: S105 - as above
_NUMBER_TOKEN = -1e200
_TEMPLATE = re.compile(r"\$\{(?!TfToken\[)|%\{")
# One line a value: a token's text is replaced after the lines are broken. libyaml takes 32 bits.
WIDTH = 2**31 - 1


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    # In double quotes whatever Terraform puts for a token stays a string. A block is what people
    # read; a quoted "\n" is what PyYAML would write.
    style = '"' if _TOKEN in value else "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


def dumper(base: type[Any]) -> type[Any]:
    """Return a dumper that writes an object out each time: nobody reads anchors in a plan.

    Args:
        base: PyYAML's own, or libyaml's, which writes the same text five times as fast.
    """
    made = type("Dumper", (base,), {"ignore_aliases": lambda _self, _data: True})
    made.add_representer(str, _text)  # type: ignore[attr-defined]  # the base has it
    return made


_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER = dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper))


def from_yaml(text: str) -> Any:
    """Return what YAML text says, as plain data."""
    return yaml.load(text, _LOADER)  # noqa: S506 - a safe loader, libyaml's where there is one


def to_yaml(value: Mapping[str, Any]) -> str:
    """Return a value as YAML in its own order; Terraform changes nothing in it but tokens.

    Raises:
        TypeError: a list or a number that only Terraform knows stands in it, or an object that is
            no plain data.
    """
    _refuse(value, "")
    text = yaml.dump(as_data(value), Dumper=_DUMPER, sort_keys=False, width=WIDTH)
    # "$${" is how Terraform writes a "${" that is none of its own, "%%{" likewise.
    return _TEMPLATE.sub(lambda found: found[0][0] + found[0], text)


def as_data(value: Any) -> Any:
    """Return the value as dicts and lists; enums of strings become strings."""
    if isinstance(value, Mapping):
        return {str(key): as_data(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [as_data(entry) for entry in value]
    return str(value) if isinstance(value, str) else value


def _refuse(value: Any, path: str) -> None:
    if isinstance(value, Mapping):
        for key, entry in value.items():
            _refuse(entry, f"{path}.{key}")
    elif isinstance(value, list | tuple):
        for index, entry in enumerate(value):
            _refuse(entry, f"{path}[{index}]")
    elif isinstance(value, str):
        if _LIST_TOKEN in value:
            raise TypeError(f"{path}: a list that Terraform fills in cannot stand in YAML text")
    elif isinstance(value, float) and value < _NUMBER_TOKEN:
        raise TypeError(f"{path}: a number that Terraform fills in cannot stand in YAML text")
    elif value is not None and not isinstance(value, bool | int | float):
        raise TypeError(f"{path}: {type(value).__name__} is no plain data")
