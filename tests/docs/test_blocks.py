"""Every block of code is of a language that is looked at: nothing is shown that no test knows."""

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import botocore.session
import jsonschema
import pytest
import yaml
from botocore import xform_name

from ekp.gate import exceptions
from ekp.tenants.schema import schema_text

from .known import Known
from .pages import ROOT, Block, all_blocks, blocks, name

# By whom a language is looked at.
RUN = {
    "console": "tests/docs/test_docs.py runs them",
    "python": "tests/docs/test_docs.py runs them",
    "sh": "commands of other programs: below",
    "yaml": "below, by schema",
    "json": "below",
    "log": "below: the texts are in the code",
    "text": "pictures: below, what they name is there",
}
# What the AWS CLI calls otherwise than the API does, or makes of several calls.
ALIASES = {"s3api": "s3"}
CUSTOM = {("eks", "update-kubeconfig"): {"region", "name"}}
GLOBAL = {"region", "endpoint-url", "query", "output", "profile"}
PROGRAMS = {"aws", "az", "dig", "helm", "kubectl", "terraform", "vault"}
# Of the shell, ours (options are looked at elsewhere), and what another test runs as it stands.
BESIDE = {"cd", "cdktf", "ekp", "eval", "jq", "mkdir"}


def test_every_block_is_of_a_language_that_a_test_looks_at() -> None:
    assert [
        (block.where, block.language) for block in all_blocks() if block.language not in RUN
    ] == []


def written(block: Block) -> list[list[str]]:
    """Return a block's commands as words; ``<what people fill in>`` is one word."""
    text = re.sub(r"<[^<>\n]+>", "FILLED-IN", block.text.replace("\\\n", " "))
    lexer = shlex.shlex(text, posix=True, punctuation_chars="\n;&|")
    lexer.whitespace, lexer.whitespace_split = " \t", True
    found: list[list[str]] = [[]]
    for word in lexer:
        if set(word) <= set("\n;&|"):
            found.append([])
        else:
            found[-1].append(word)
    return [words for words in found if words]


@pytest.mark.parametrize("block", blocks("sh"), ids=lambda block: block.where)
def test_a_command_of_another_program_is_one(block: Block, known: Known) -> None:
    for words in written(block):
        assert words[0] in PROGRAMS | BESIDE, words
        if words[0] == "aws":
            assert unknown_to_aws(words) == [], words
        # What az makes is the directory's, and called as people like.
        assert words[0] == "az" or known.not_there(words) == [], words


def unknown_to_aws(words: list[str]) -> list[str]:
    """Return the options that a call of an API of AWS does not take."""
    service, command = words[1:3]
    options = {word.partition("=")[0][2:] for word in words if word.startswith("--")} - GLOBAL
    if (service, command) in CUSTOM:
        return sorted(options - CUSTOM[service, command])
    model = botocore.session.get_session().get_service_model(ALIASES.get(service, service))
    names = {xform_name(one, "-"): one for one in model.operation_names}
    if command not in names:
        return [command]
    shape = model.operation_model(names[command]).input_shape
    members = shape.members if shape else {}
    return sorted(options - {xform_name(member, "-") for member in members})


def test_an_option_that_aws_does_not_know_is_found() -> None:
    assert unknown_to_aws(["aws", "iam", "create-access-key", "--user-nam", "x"]) == ["user-nam"]
    assert unknown_to_aws(["aws", "iam", "create-acces-key"]) == ["create-acces-key"]


def of_a_tenant(text: str, _: Path) -> None:
    """A tenant's file, or some of it: names and values as its schema has them."""
    schema = json.loads(schema_text())
    for part in (schema, *schema["$defs"].values()):
        part.pop("required", None)
    jsonschema.Draft202012Validator(schema).validate(yaml.safe_load(text))


def of_exceptions(text: str, folder: Path) -> None:
    file = folder / "exceptions.yaml"
    file.write_text(text, encoding="utf-8")
    assert exceptions.load(file)


@pytest.mark.parametrize("block", blocks("yaml"), ids=lambda block: block.where)
def test_yaml_is_what_the_platform_reads(block: Block, tmp_path: Path) -> None:
    judge: Callable[[str, Path], None] = (
        of_exceptions if block.text.startswith("exceptions:") else of_a_tenant
    )
    judge(block.text, tmp_path)


def test_a_setting_that_no_tenant_has_is_found(tmp_path: Path) -> None:
    with pytest.raises(jsonschema.ValidationError, match="imag"):
        of_a_tenant("services: [{name: a, imag: b}]", tmp_path)


@pytest.mark.parametrize("block", blocks("json"), ids=lambda block: block.where)
def test_json_is_a_policy_whose_actions_aws_has(block: Block) -> None:
    session = botocore.session.get_session()
    for statement in json.loads(block.text)["Statement"]:
        actions = statement["Action"]
        for action in [actions] if isinstance(actions, str) else actions:
            service, call = action.split(":")
            assert call in session.get_service_model(service).operation_names


@pytest.mark.parametrize("block", blocks("log"), ids=lambda block: block.where)
def test_what_a_log_says_is_in_the_code(block: Block, known: Known) -> None:
    for line in block.text.splitlines():
        # Names, addresses and numbers are filled in; the words between them are the code's.
        said = re.split(r"\S*[\d:/]\S*", line)
        parts = [part.strip(" ,.") for part in said if len(part.split()) > 1]
        assert parts, line
        # A name may end a line, too.
        for part in parts:
            assert part in known.code or part.rpartition(" ")[0] in known.code, line


@pytest.mark.parametrize("block", blocks("text"), ids=lambda block: block.where)
def test_what_a_picture_names_is_there(block: Block) -> None:
    paths = re.findall(
        r"(?<![\w<.-])((?:[\w-]+/)+(?:[\w-]+(?:\.\w+)?)?|\w+\.py)(?![\w<])", block.text
    )

    assert [path for path in paths if not (ROOT / path).exists() and path not in MADE] == []


# Made by commands.
MADE = {"cdktf.out/"}


def test_a_block_says_where_it_is() -> None:
    block = blocks("console")[0]
    lines = block.page.read_text(encoding="utf-8").splitlines()

    assert (name(block.page), lines[block.line - 1]) == ("README.md", "```console")
