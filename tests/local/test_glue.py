"""Corrections of moto's Glue."""

from .conftest import Clients


def test_a_database_takes_its_tags_with_it(clients: Clients) -> None:
    glue, tagging = clients("glue"), clients("resourcegroupstaggingapi")
    wanted = {"DatabaseInput": {"Name": "costs"}, "Tags": {"team": "platform"}}
    glue.create_database(**wanted)
    (found,) = tagging.get_resources()["ResourceTagMappingList"]
    assert found["Tags"] == [{"Key": "team", "Value": "platform"}]

    glue.delete_database(Name="costs")

    assert tagging.get_resources()["ResourceTagMappingList"] == []
    glue.create_database(DatabaseInput={"Name": "costs"})
    assert glue.get_tags(ResourceArn=found["ResourceARN"])["Tags"] == {}
