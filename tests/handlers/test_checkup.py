"""What the stories of `doctor` do not reach: large groups, odd answers, what is not told."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.approval import Roster, Rules
from bot.domain.finding import Finding, Level
from bot.domain.people import Standing
from bot.domain.policy import Policy
from bot.ports import TryLater, Undeliverable
from bot.sandbox.faults import Fault
from bot.sandbox.slack import SlackSimulator, slack_error
from bot.sandbox.slack.people import LEADERS, MORGAN, NORA, PHONES
from bot.sandbox.slack.validate import check_blocks, check_view, is_too_long
from handlers import checkup, checkup_blocks, checkup_people
from handlers.checkup_people import MEMBERS_MOST
from handlers.specimens import specimens
from tests.fakes import FakeClock, FakeDirectory

GROUP = "S0MANY"
MANY = [f"U0{number:04d}" for number in range(MEMBERS_MOST + 10)]


async def collected(findings: AsyncIterator[Finding]) -> list[tuple[Level, str, str]]:
    return [(each.level, each.subject, each.said) async for each in findings]


async def people(
    directory: FakeDirectory, approvers: str, **rules: Any
) -> list[tuple[Level, str, str]]:
    known = Rules(approvers=Roster.parse(approvers), **rules)
    return await collected(checkup_people.examine(directory, known))


@pytest.fixture
def directory() -> FakeDirectory:
    made = FakeDirectory()
    made.groups[GROUP] = frozenset(MANY)
    return made


async def test_of_a_large_group_some_are_looked_at_and_that_is_said(
    directory: FakeDirectory,
) -> None:
    [(level, _, said)] = await people(directory, GROUP)
    assert level is Level.OK
    assert said == "a user group of 60 members, 50 of them full members (of the 50 looked at)"


async def test_nobody_among_those_looked_at_does_not_mean_nobody(directory: FakeDirectory) -> None:
    directory.standings = dict.fromkeys(MANY, Standing.GUEST)
    [(level, _, said)] = await people(directory, GROUP)
    assert level is Level.WARNING
    assert "0 of them full members (of the 50 looked at)" in said


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (TryLater("ratelimited"), "Slack could not say (ratelimited)"),
        (Undeliverable("missing_scope"), "Slack does not say who that is (missing_scope)"),
    ],
)
async def test_somebody_slack_does_not_tell_of_may_be_able(
    directory: FakeDirectory, trouble: Exception, said: str
) -> None:
    directory.trouble[MORGAN] = trouble
    assert await people(directory, MORGAN) == [(Level.UNCHECKED, f"APPROVERS {MORGAN}", said)]


async def test_a_member_of_a_group_slack_does_not_tell_of(directory: FakeDirectory) -> None:
    directory.groups[GROUP] = frozenset({MORGAN, NORA})
    directory.trouble[MORGAN] = TryLater("ratelimited")
    [(level, _, said)] = await people(directory, GROUP)
    assert level is Level.UNCHECKED
    assert said.endswith("1 of them full members; Slack could not say it of all")


async def test_a_group_slack_may_not_be_asked_about(directory: FakeDirectory) -> None:
    directory.trouble[GROUP] = Undeliverable("missing_scope")
    [(level, _, said)] = await people(directory, GROUP)
    assert (level, said) == (
        Level.UNCHECKED,
        "Slack does not say who is in that group (missing_scope)",
    )


async def test_requesters_none_of_whom_can_ask(directory: FakeDirectory) -> None:
    directory.standings[NORA] = Standing.GUEST
    found = await people(directory, f"{MORGAN},{MANY[0]}", requesters=Roster.parse(NORA))
    assert found[-1][:2] == (Level.WRONG, "REQUESTERS")
    assert found[-1][2].startswith("nobody can ask")


# ── Channels ──
@pytest.mark.parametrize(
    ("channel", "granted", "level"),
    [
        ({"name": "x", "is_private": True, "is_member": False}, None, Level.WRONG),
        ({"name": "x", "is_member": False}, None, Level.UNCHECKED),
        ({"name": "x", "is_member": False}, frozenset({"chat:write"}), Level.WRONG),
        ({"name": "x", "is_member": False}, frozenset({"chat:write.public"}), Level.OK),
        ({"is_im": True}, None, Level.OK),
        ({"name": "x", "is_member": True, "is_archived": True}, None, Level.WRONG),
    ],
    ids=str,
)
def test_whether_a_channel_can_be_posted_in(
    channel: dict[str, Any], granted: frozenset[str] | None, level: Level
) -> None:
    assert checkup._reach(channel, granted)[0] is level


async def channel(client: AsyncWebClient, channel_id: str, *scopes: str) -> Finding:
    return await checkup.channel(client, "APPROVAL_CHANNEL", channel_id, frozenset(scopes))


async def test_a_private_channel_is_not_said_to_be_missing_by_a_token_that_cannot_see_any(
    client: AsyncWebClient,
) -> None:
    assert (await channel(client, LEADERS, "channels:read")).level is Level.UNCHECKED
    assert (await channel(client, LEADERS, "groups:read")).level is Level.WRONG


async def test_an_answer_without_a_channel(client: AsyncWebClient, slack: SlackSimulator) -> None:
    slack.faults.queue("conversations.info", Fault(body={"ok": True}))
    assert (await channel(client, PHONES)).said == "Slack's answer has no channel in it"


async def test_an_app_token_that_slack_cannot_judge_now(
    client: AsyncWebClient, slack: SlackSimulator
) -> None:
    slack.faults.queue("apps.connections.open", slack_error("internal_error"))
    finding = await checkup._way_in(client, slack.state.app_token)
    assert (finding.level, finding.said) == (
        Level.UNCHECKED,
        "Slack could not say (internal_error)",
    )


async def test_blocks_refused_without_a_reason(
    client: AsyncWebClient, slack: SlackSimulator, clock: FakeClock
) -> None:
    slack.faults.queue("blocks.validate", slack_error("invalid_blocks"))
    rules = Rules(approvers=Roster.parse(f"{MORGAN},{NORA}"))
    found = await collected(
        checkup.examine(client, clock, rules, Policy(()), alert_channel=None, app_token=None)
    )
    assert (
        Level.WRONG,
        "blocks",
        "Slack refuses the card of the requested line (invalid_blocks): report it, with this line",
    ) in found


# ── Specimens ──
@pytest.mark.parametrize("name", specimens())
def test_specimens_are_within_the_limits_that_slack_publishes(name: str) -> None:
    payload = specimens()[name]
    if "view" in payload:
        assert check_view(payload["view"]) == []
    else:
        assert check_blocks(payload["blocks"]) == []
        assert not is_too_long(payload["blocks"])


async def test_a_workspace_without_charts_is_not_called_wrong(
    client: AsyncWebClient, slack: SlackSimulator
) -> None:
    slack.state.refused_blocks.add("data_visualization")

    findings = await collected(checkup_blocks.examine(client))

    assert {level for level, _, _ in findings} == {Level.OK}
    said = "Slack does not take the answer LimitsAnswer of Sendblue here yet: its plainer form"
    assert any(each.startswith(said) for _, _, each in findings)
