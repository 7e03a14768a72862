"""A table for each model of settings: what it takes, what stands by itself, what it means."""

import inspect
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from modules.core.config import Config

from . import words
from .tables import paragraph, table

Model = type[Config]


def models(root: Model) -> list[Model]:
    """Return a model and all that its settings are made of, each once, the outer ones first."""
    found: list[Model] = []
    waiting = [root]
    while waiting:
        model = waiting.pop(0)
        if model not in found:
            found.append(model)
            waiting += [
                one for field in model.model_fields.values() for one in _inside(field.annotation)
            ]
    return found


def _inside(annotation: Any) -> Iterator[Model]:
    if isinstance(annotation, type) and issubclass(annotation, Config):
        yield annotation
        return
    for argument in get_args(annotation):
        yield from _inside(argument)


def settings_page(
    title: str, intro: str, shown: Sequence[Model], homes: Mapping[Model, str]
) -> str:
    """Return a page of models; ``homes`` says on which page each model is."""
    own = {homes[model] for model in shown}

    def link(model: Model) -> str:
        page = "" if homes[model] in own else homes[model]
        return f"[{model.__name__}]({page}#{model.__name__.lower()})"

    parts = [f"# {title}", intro]
    for model in shown:
        rows = [
            (
                f"`{name}`",
                paragraph(field.description or ""),
                words.kind(name, field, link),
                words.default(field, link),
            )
            for name, field in model.model_fields.items()
        ]
        place = f"`{model.__module__}`"
        parts += [
            f"## {model.__name__}",
            f"{paragraph(inspect.getdoc(model) or '')} In {place}.",
            table(("setting", "meaning", "takes", "default"), rows),
        ]
    return "\n\n".join(parts) + "\n"
