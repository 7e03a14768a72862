"""AWS's managed rule groups: their names, their price, and what may be changed in them."""

from collections.abc import Mapping
from enum import StrEnum


class ManagedGroup(StrEnum):
    """AWS's managed rule groups, by its own names; cross-site scripting is part of COMMON."""

    IP_REPUTATION = "AWSManagedRulesAmazonIpReputationList"
    ANONYMOUS_IP = "AWSManagedRulesAnonymousIpList"
    COMMON = "AWSManagedRulesCommonRuleSet"
    KNOWN_BAD_INPUTS = "AWSManagedRulesKnownBadInputsRuleSet"
    SQLI = "AWSManagedRulesSQLiRuleSet"
    LINUX = "AWSManagedRulesLinuxRuleSet"
    BOT_CONTROL = "AWSManagedRulesBotControlRuleSet"


# Source: AWS WAF developer guide, "AWS Managed Rules rule groups list".
GROUP_CAPACITY: Mapping[ManagedGroup, int] = {
    ManagedGroup.IP_REPUTATION: 25,
    ManagedGroup.ANONYMOUS_IP: 50,
    ManagedGroup.COMMON: 700,
    ManagedGroup.KNOWN_BAD_INPUTS: 200,
    ManagedGroup.SQLI: 200,
    ManagedGroup.LINUX: 200,
    ManagedGroup.BOT_CONTROL: 50,
}
# They judge the address of whoever opened the connection: behind CloudFront, CloudFront's own.
JUDGE_THE_CONNECTION = (ManagedGroup.IP_REPUTATION, ManagedGroup.ANONYMOUS_IP)


class Inspection(StrEnum):
    """How closely bot control looks; TARGETED costs more and needs tokens in the browser."""

    COMMON = "COMMON"
    TARGETED = "TARGETED"


class GroupAction(StrEnum):
    """What becomes of a request that one rule of a managed group matches."""

    ALLOW = "allow"
    BLOCK = "block"
    COUNT = "count"
    CAPTCHA = "captcha"
    CHALLENGE = "challenge"
