"""What there is to be named: texts of the code, and names that the synthesized stacks hold."""

import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .pages import ROOT

# The stand-ins of AWS, and what judges a request, name what they stand in for.
APART = {"local", "evaluate"}
SOURCES = ("modules", "environments", "policies", "helm-values", "ekp")
NAMED = re.compile(
    r"(?<![\w/.@{-])(?:ekp|prod|dev|qa|management)-[a-z0-9-]*[a-z0-9](?![\w.-]*[/.}])"
)
NAMESPACE = re.compile(r"(?:--namespace|-n)[ =](\S+)")
OBJECT = re.compile(r"(?<![\w./:])([a-z]+)/([a-z][a-z0-9-]+)(?![\w/.])")


@dataclass(frozen=True)
class Known:
    code: str
    """Source, and each of its texts in one piece, as it is printed."""
    made: str
    """Every text in the synthesized stacks."""

    def has(self, text: str) -> bool:
        """Tell whether a name or a text is in the code or in what is made of it."""
        whole = rf"(?<![\w-]){re.escape(text)}(?![\w-])"
        return any(re.search(whole, where) for where in (self.made, self.code))

    def not_there(self, words: Iterable[str]) -> list[str]:
        """Return the names in a command that are nobody's: of ours, of namespaces, of objects."""
        text = " ".join(words)
        found = [*NAMED.findall(text), *NAMESPACE.findall(text)]
        if text.startswith("kubectl"):
            found += [name for _, name in OBJECT.findall(text)]
        return [
            name for name in dict.fromkeys(found) if name.isupper() is False and not self.has(name)
        ]


def known(stacks: Path) -> Known:
    """Return what there is; ``stacks`` is a folder of CDKTF's."""
    files = [
        file
        for top in SOURCES
        for file in sorted((ROOT / top).rglob("*"))
        if file.suffix in {".py", ".sh", ".yaml"}
        and not (top == "ekp" and file.relative_to(ROOT / top).parts[0] in APART)
    ]
    texts = [file.read_text(encoding="utf-8") for file in files]
    said = [
        text
        for file, source in zip(files, texts, strict=True)
        if file.suffix == ".py"
        for text in constants(ast.parse(source))
    ]
    documents = (json.loads(file.read_text("utf-8")) for file in stacks.rglob("cdk.tf.json"))
    made = [text for document in documents for text in strings(document)]
    return Known("\n".join([*texts, *said]), "\n".join(dict.fromkeys(made)))


def constants(tree: ast.Module) -> Iterator[str]:
    """Yield every text of a module; what is filled in stands as a mark."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else "\0" for part in node.values
            )


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield str(key)
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
