"""YAML that could hurt, or that says something else than it seems to, is refused by its line."""

from pathlib import Path

import pytest
import yaml

from environments import tenant_yaml
from environments.settings_document import UnreadableError
from environments.tenant_files import read_tenants
from environments.tenant_yaml import LARGEST, read


@pytest.fixture(params=["libyaml", "python"], autouse=True)
def _both_parsers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Machines without libyaml get the same answers."""
    if request.param == "python":
        monkeypatch.setattr(tenant_yaml, "_LOADER", yaml.SafeLoader)


def refused(content: str | bytes) -> tuple[int, str]:
    """Return the line and the message that a text is refused with."""
    with pytest.raises(UnreadableError) as raised:
        read(content.encode() if isinstance(content, str) else content)
    return raised.value.line, raised.value.message


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{after}: &{after} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, after in zip("abcdefghijklm", "bcdefghijklmn", strict=True)
)


def test_a_bomb_of_aliases_is_refused_at_its_first_anchor() -> None:
    line, message = refused(f"name: shop\n{BOMB}")

    assert (line, message) == (2, "has the anchor or alias 'a'; write values out in full")


def test_an_alias_without_an_anchor_before_it_is_refused_too() -> None:
    assert refused("name: *shop\n") == (
        1,
        "has the anchor or alias 'shop'; write values out in full",
    )


@pytest.mark.parametrize("text", ["[" * 100_000, "a: " + "{a: " * 40 + "}" * 40])
def test_a_document_deeper_than_any_settings_is_refused_without_recursion(text: str) -> None:
    assert refused(text) == (1, "is more than 24 mappings and lists deep; settings are not")


def test_a_file_as_large_as_no_tenant_is_refused_unread() -> None:
    assert refused("#" * (LARGEST + 1)) == (
        1,
        "has more than 262144 bytes; say it shorter",
    )
    assert read(b"name: shop\n#" + b"#" * (LARGEST - 12)).value == {"name": "shop"}


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("name: shop\n---\nname: late\n", 2, "begins a second document; remove it and its ---"),
        ("- shop\n", 1, "is no mapping of settings; write them as name: value"),
        ("shop\n", 1, "is no mapping of settings; write them as name: value"),
        ("", 1, "is no mapping of settings; write them as name: value"),
        (b"name: shop\nowner: \xff\n", 2, "is not UTF-8; save it as UTF-8"),
        (
            "name: shop\nowner: !!python/name:os.system\n",
            2,
            (
                "has the tag 'tag:yaml.org,2002:python/name:os.system'; write plain values without "
                "tags"
            ),
        ),
        (
            "name: shop\nowner: {{ owner }}\n",
            2,
            "has a mapping or list for a name; put text with braces or brackets in quotes",
        ),
    ],
    ids=["documents", "list", "word", "empty", "bytes", "tag", "template"],
)
def test_what_is_no_plain_mapping_is_refused(text: str | bytes, line: int, message: str) -> None:
    assert refused(text) == (line, message)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("name: shop\ngroups:\n\tadmin: []\n", 3),
        ("name: shop\nowner: 'me\n", 3),
        ("name: shop\n owner: me\n", 2),
        ("name: shop\ngroups: [a\nowner: me\n", 3),
    ],
    ids=["tab", "quote", "indent", "bracket"],
)
def test_broken_syntax_is_refused_by_its_line(text: str, line: int) -> None:
    found, message = refused(text)

    assert found == line
    assert message.startswith("is not YAML (")
    assert message.endswith("; correct this line, or the one before it (indent with spaces)")


def test_a_character_that_no_editor_shows_is_named() -> None:
    line, message = refused("name: shop\nowner: me\x00\n")

    assert line in (1, 2)  # libyaml tells no line of it
    assert message == "holds a character that YAML does not allow (U+0000); remove it"


def test_a_name_that_stands_twice_is_refused_with_both_lines() -> None:
    found = read(b"name: shop\nenvironments:\n  dev: {}\n  qa: {}\n  dev: {regions: []}\n")

    assert found.mistakes == (
        (("environments", "dev"), ": stands in line 3 and in line 5; remove one"),
    )


@pytest.mark.parametrize(
    ("word", "reading", "remedy"),
    [
        ("0123", "the number 83", "a plain decimal number"),
        ("0x10", "the number 16", "a plain decimal number"),
        ("1_000", "the number 1000", "a plain decimal number"),
        ("12:30", "the number 750", "a plain decimal number"),
        (".inf", "the number inf", "a plain decimal number"),
        ("9" * 5000, "a number", "a plain decimal number"),
        ("on", "true", "true or false"),
        ("No", "false", "true or false"),
    ],
)
def test_a_word_that_yaml_reads_as_something_else_is_refused(
    word: str, reading: str, remedy: str
) -> None:
    (mistake,) = read(f"name: shop\ncost_center: {word}\n".encode()).mistakes

    assert mistake == (
        ("cost_center",),
        (
            f" = {word}: YAML takes this for {reading}; if it is text, write it in quotes: "
            f'"{word}", else write {remedy}'
        ),
    )
    assert read(f'cost_center: "{word}"\n'.encode()).value == {"cost_center": word}


def test_values_are_what_they_look_like() -> None:
    found = read(b"\xef\xbb\xbfa: [1, -2, 2.5, true, ~, 2026-11-21, 'x', 1e3, y]\non: off-hours\n")

    assert found.value == {
        "a": [1, -2, 2.5, True, None, "2026-11-21", "x", "1e3", "y"],
        "on": "off-hours",
    }
    assert found.mistakes == ()


def test_every_value_has_its_line_and_entries_of_lists_their_names() -> None:
    found = read(
        b"services:\n  - name: catalog\n    port: 80\n  - {name: cart, port: 81}\n- 1\n"[:-4]
    )

    assert found.line(("services", 0, "port")) == 3
    assert found.line(("services", "cart", "port")) == 4
    assert found.line(("services", 0, "strategy", "canary", "steps")) == 2
    assert found.path(("services", 1, "port")) == ".services[cart].port"
    assert found.path(("services", "catalog", "port")) == ".services[catalog].port"


def test_a_file_that_cannot_be_opened_is_one_message(tmp_path: Path) -> None:
    folder = tmp_path / "environments" / "tenants"
    (folder / "shop.yaml").mkdir(parents=True)
    (folder / "gone.yaml").symlink_to(tmp_path / "nowhere")

    assert [message for file in read_tenants(folder) for message in file.problems] == [
        (
            "environments/tenants/gone.yaml: cannot be read: No such file or directory; make it a "
            "file that this user may read"
        ),
        (
            "environments/tenants/shop.yaml: cannot be read: Is a directory; make it a file that "
            "this user may read"
        ),
    ]
