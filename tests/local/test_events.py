"""The tagging API finds what EventBridge made by its tags."""

from .conftest import REGION, Clients


def test_rules_are_found_by_their_tags(clients: Clients, account: str) -> None:
    events, tagging = clients("events"), clients("resourcegroupstaggingapi")
    tags = [{"Key": "team", "Value": "platform"}]
    pattern = '{"source": ["aws.ec2"]}'
    events.create_event_bus(Name="own", Tags=tags)
    events.put_rule(Name="rule", EventPattern=pattern, Tags=tags)
    events.put_rule(Name="other", EventPattern=pattern)

    found = tagging.get_resources(TagFilters=[{"Key": "team", "Values": ["platform"]}])
    rules = tagging.get_resources(ResourceTypeFilters=["events:rule"])

    place = f"arn:aws:events:{REGION}:{account}"
    arns = {entry["ResourceARN"] for entry in found["ResourceTagMappingList"]}
    assert arns == {f"{place}:event-bus/own", f"{place}:rule/rule"}
    assert [entry["Tags"] for entry in rules["ResourceTagMappingList"]] == [tags]
