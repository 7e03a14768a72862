"""YAML as Helm reads and writes it."""

import re
from functools import lru_cache
from typing import Any, cast

import yaml

from .failure import RefusedError

try:
    from yaml import CSafeDumper as _SafeDumper
    from yaml import CSafeLoader as _SafeLoader
except ImportError:  # PyYAML without libyaml: slower, else the same
    from yaml import SafeDumper as _SafeDumper  # type: ignore[assignment]
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]

TAG = "tag:yaml.org,2002:"
# What an unquoted word means to Helm (sigs.k8s.io/yaml 1.4, goyaml.v2): "y" is true, "1e3" is a
# number; "12:30" and "2026-01-31" are text, which PyYAML takes for a number and a date.
MEANINGS = {
    "bool": re.compile(r"(?:[yY]|yes|Yes|YES|[nN]|no|No|NO|true|True|TRUE|false|False|FALSE"
                       r"|on|On|ON|off|Off|OFF)\Z"),
    "int": re.compile(r"[-+]?(?:0[bB][01_]+|0[xX][0-9a-fA-F_]+|0[oO]?[0-7_]+|0|[1-9][0-9_]*)\Z"),
    "float": re.compile(r"[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?\Z"
                        r"|[-+]?\.(?:inf|Inf|INF)\Z|\.(?:nan|NaN|NAN)\Z"),
    "merge": re.compile(r"<<\Z"),
    "null": re.compile(r"(?:~|null|Null|NULL|)\Z"),
}  # fmt: skip
TRUE = frozenset(("y", "yes", "true", "on"))


class _Loader(_SafeLoader):
    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own name and form
        None: [(f"{TAG}{name}", pattern) for name, pattern in MEANINGS.items()]
    }


class _Dumper(_SafeDumper):
    # Quotes what Helm or PyYAML would take for more than text: both read what is written here.
    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own name and form
        **yaml.SafeDumper.yaml_implicit_resolvers,
        None: [(f"{TAG}{name}", pattern) for name, pattern in MEANINGS.items()],
    }

    def ignore_aliases(self, data: Any) -> bool:
        """Write what stands twice out twice, as Helm does."""
        del data
        return True


def _int(_loader: Any, node: yaml.ScalarNode) -> int | float:
    text = node.value.replace("_", "")
    sign, digits = (-1 if text.startswith("-") else 1), text.lstrip("+-")
    if re.fullmatch(r"0[0-7]+", digits):
        return sign * int(digits, 8)
    return sign * int(digits, 0)


def _float(_loader: Any, node: yaml.ScalarNode) -> int | float:
    found = float(node.value.replace("_", "").lower().replace(".inf", "inf").replace(".nan", "nan"))
    # JSON, which values pass through, knows one kind of number.
    return int(found) if found.is_integer() else found


_Loader.add_constructor(f"{TAG}int", _int)
_Loader.add_constructor(f"{TAG}float", _float)
_Loader.add_constructor(f"{TAG}bool", lambda _loader, node: node.value.lower() in TRUE)
_Dumper.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar(
        f"{TAG}str", text, style="|" if "\n" in text else None
    ),
)


@lru_cache(maxsize=256)
def mapping(text: str, what: str) -> dict[str, Any]:
    """Return a YAML document that has to be a mapping; nothing may be changed in it.

    Raises:
        RefusedError: it is none; ``what`` and the line are named.
    """
    try:
        # SafeLoader's subclasses make plain data alone.
        found = yaml.load(text, Loader=_Loader)  # noqa: S506
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        problem = getattr(error, "problem", None) or str(error)
        raise RefusedError(
            "Error unmarshaling values", f"{what} is not valid YAML: {where}{problem}."
        ) from error
    if found is None:
        return {}
    if not isinstance(found, dict):
        line = next(
            number for number, row in enumerate(text.splitlines(), 1)
            if row.strip() and not row.lstrip().startswith(("#", "---"))
        )  # fmt: skip
        raise RefusedError(
            "Error unmarshaling values",
            f"{what} is no mapping: line {line} begins a {_kind(found)}; write `key: value`.",
        )
    return cast("dict[str, Any]", _with_text_keys(found))


def to_yaml(value: Any) -> str:
    """Return a value as YAML with sorted keys, as ``toYaml`` of a template prints it."""
    # One line a value, however long.
    return yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=True, width=2**31 - 1)


def _with_text_keys(value: Any) -> Any:
    match value:
        case dict():
            return {_key(key): _with_text_keys(part) for key, part in value.items()}
        case list():
            return [_with_text_keys(part) for part in value]
    return value


def _key(key: Any) -> str:
    match key:
        case bool():
            return str(key).lower()
        case None:
            return "null"
    return str(key)


def _kind(value: Any) -> str:
    return "list" if isinstance(value, list) else "text, number or truth value"
