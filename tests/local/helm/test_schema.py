"""The stand-in's schema against the bindings of the real provider."""

import importlib.util
import re
from pathlib import Path

import pytest
from tf.gen import tfplugin_pb2 as pb

from ekp.local.helm import install, schema, tables


def binding(module: str) -> str:
    """Return the text of a binding, which is not imported: that takes seconds."""
    found = importlib.util.find_spec("cdktf_cdktf_provider_helm")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).with_name(module).joinpath("__init__.py").read_text()


def arguments(text: str, class_: str) -> dict[str, bool]:
    """Return the arguments of a class of the bindings, and whether each is required."""
    found_class = re.search(rf"^class {class_}[(:]", text, re.MULTILINE)
    assert found_class is not None
    start = found_class.start()
    header = text[text.index("def __init__(", start) : text.index(") -> None:", start)]
    found = re.findall(r"^        (\w+): (.+),$", header, re.MULTILINE)
    own = {"scope", "id", "connection", "count", "depends_on", "for_each", "lifecycle", "provider"}
    return {
        name: not type_.startswith("typing.Optional")
        for name, type_ in found
        if name not in own | {"provisioners", "alias"}
    }


def settable(attributes: dict[str, schema.Attribute]) -> dict[str, bool]:
    return {
        name: attribute.required
        for name, attribute in attributes.items()
        if attribute.required or attribute.optional
    }


CASES = [
    ("release", "Release", tables.RELEASE),
    ("release", "ReleasePostrender", tables.RELEASE["postrender"].nested),
    ("release", "ReleaseSet", tables.RELEASE["set"].nested),
    ("release", "ReleaseSetListStruct", tables.RELEASE["set_list"].nested),
    ("release", "ReleaseSetSensitive", tables.RELEASE["set_sensitive"].nested),
    ("release", "ReleaseSetWo", tables.RELEASE["set_wo"].nested),
    ("release", "ReleaseTimeouts", tables.RELEASE["timeouts"].nested),
    ("provider", "HelmProvider", tables.PROVIDER),
    ("provider", "HelmProviderKubernetes", tables.PROVIDER["kubernetes"].nested),
    (
        "provider",
        "HelmProviderKubernetesExec",
        (tables.PROVIDER["kubernetes"].nested or {})["exec"].nested,
    ),
    ("provider", "HelmProviderRegistries", tables.PROVIDER["registries"].nested),
    ("provider", "HelmProviderExperiments", tables.PROVIDER["experiments"].nested),
    ("data_helm_template", "DataHelmTemplate", tables.TEMPLATE),
]


@pytest.mark.parametrize(("module", "class_", "attributes"), CASES, ids=[c[1] for c in CASES])
def test_the_arguments_are_those_of_the_bindings(
    module: str, class_: str, attributes: dict[str, schema.Attribute]
) -> None:
    assert settable(attributes) == arguments(binding(module), class_)


def test_what_a_release_says_is_what_the_bindings_read() -> None:
    text = binding("release")
    start = text.index("class ReleaseMetadataOutputReference(")
    body = text[start : text.index("\n@jsii", start)]
    read = re.findall(r"@builtins\.property\n    @jsii\.member\(.+\)\n    def (\w+)\(", body)

    assert set(tables.METADATA) == set(read) - {"internal_value"}


def test_the_version_is_the_one_that_the_bindings_ask_for() -> None:
    assert f"/providers/hashicorp/helm/{install.VERSION}/docs" in binding("provider")


def test_a_secret_is_marked_as_one() -> None:
    found = {one.name: one for one in schema.message(tables.RELEASE).block.attributes}

    assert found["repository_password"].sensitive
    (value,) = (a for a in found["set_sensitive"].nested_type.attributes if a.name == "value")
    assert value.sensitive


def test_write_only_survives_messages_that_do_not_know_it() -> None:
    (made,) = schema.message({"a": schema.optional(write_only=True)}).block.attributes

    again = pb.Schema.Attribute.FromString(made.SerializeToString())

    assert schema.WRITE_ONLY in again.SerializeToString()


def test_an_attribute_is_optional_as_the_real_one_is() -> None:
    found = {one.name: one for one in schema.message(tables.RELEASE, 2).block.attributes}

    assert (found["name"].required, found["name"].optional) == (True, False)
    assert (found["values"].optional, found["values"].computed) == (True, False)
    assert (found["atomic"].optional, found["atomic"].computed) == (True, True)
    assert (found["version"].optional, found["version"].computed) == (True, True)
    assert (found["metadata"].optional, found["metadata"].computed) == (False, True)
    assert schema.message(tables.RELEASE, 2).version == 2
