"""What MkDocs does beside its settings: hooks, named in mkdocs.yml. GitHub shows pages without."""

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

LINK = re.compile(r"\[([^\]]+)\]\((?!https?:)([^)#\s]+)(#[^)\s]*)?\)")
DECISIONS = "Decisions"
README, HOME = "README.md", "index.md"
BARRED = re.compile(r"`([^`\n]*\\\|[^`\n]*)`")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """List every decision in the navigation, in its order."""
    nav: list[Any] = config.nav or []
    folder = Path(config.docs_dir, "decisions")
    for section in nav:
        if DECISIONS in section:
            section[DECISIONS] += [
                f"decisions/{page.name}" for page in sorted(folder.glob("[0-9]*.md"))
            ]
    return config


def on_files(files: Files, /, *, config: MkDocsConfig) -> Files:
    """Make the repository's README the site's first page."""
    readme = Path(config.docs_dir).resolve().parent / README
    files.append(File.generated(config, HOME, abs_src_path=str(readme)))
    return files


def on_page_markdown(markdown: str, /, *, page: Page, config: MkDocsConfig, **_: object) -> str:
    """Make of a page what Python-Markdown shows as GitHub does.

    A file of the repository that is no page of the site is named, in place of a link to it. A bar
    in code in a table is written as an entity: its backslash, which GitHub drops, would be shown.
    """
    docs = Path(config.docs_dir).resolve()
    folder = Path(str(page.file.abs_src_path)).resolve().parent
    here = posixpath.dirname(page.file.src_uri)

    def led(link: re.Match[str]) -> str:
        text, target = link[1], (folder / link[2]).resolve()
        path = target.relative_to(docs.parent).as_posix()
        if target.is_relative_to(docs) or path == README:
            uri = HOME if path == README else target.relative_to(docs).as_posix()
            return f"[{text}]({posixpath.relpath(uri, here or '.')}{link[3] or ''})"
        return f"`{path}`" if text.strip("`") in path else f"{text} (`{path}`)"

    def spelled(code: re.Match[str]) -> str:
        plain = code[1].replace("\\|", "|")
        return f"<code>{''.join(f'&#{ord(one)};' for one in plain)}</code>"

    return BARRED.sub(spelled, LINK.sub(led, markdown))
