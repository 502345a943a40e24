"""The example that the README points to is a policy that the bot takes."""

from pathlib import Path

from bot.policy_file import read
from bot.sandbox.slack.people import MAX, MORGAN, PHONE_MANAGERS

EXAMPLE = Path(__file__).parents[2] / "docs" / "policy.toml"


def test_the_example_is_a_policy_for_the_sandbox_s_people() -> None:
    policy = read(EXAMPLE)
    named = {each for rule in policy.rules for each in rule.approvers.as_ids()}
    assert named == {MORGAN, MAX, PHONE_MANAGERS}
    assert [rule.quorum for rule in policy.rules] == [2, 1, 1]
