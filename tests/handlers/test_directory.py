import asyncio
import json
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.people import Standing
from bot.ports import TryLater, Undeliverable
from bot.sandbox.faults import Fault
from bot.sandbox.slack import SlackSimulator, rate_limited, slack_error
from bot.sandbox.slack.people import (
    BOT_USER_ID,
    GUS,
    MAX,
    MORGAN,
    PHONE_MANAGERS,
    PHONES,
    RILEY,
    SAM,
)
from handlers.directory import PAGES, SlackDirectory, standing
from tests.fakes import FakeClock

MEMBER: dict[str, Any] = {"id": "U1", "team_id": "T1"}


@pytest.fixture
def directory(client: AsyncWebClient, clock: FakeClock) -> SlackDirectory:
    return SlackDirectory(client, clock)


@pytest.mark.parametrize(
    ("user_id", "expected"),
    [
        (RILEY, Standing.MEMBER),
        (GUS, Standing.GUEST),
        (SAM, Standing.STRANGER),
        (BOT_USER_ID, Standing.BOT),
    ],
)
async def test_people_are_told_apart(
    directory: SlackDirectory, user_id: str, expected: Standing
) -> None:
    person = await directory.person(user_id)

    assert (person.id, person.standing) == (user_id, expected)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Standing.MEMBER),
        ({"deleted": True}, Standing.DEACTIVATED),
        ({"is_restricted": True}, Standing.GUEST),
        ({"is_ultra_restricted": True}, Standing.GUEST),
        ({"is_stranger": True}, Standing.STRANGER),
        ({"team_id": "T2"}, Standing.STRANGER),
        ({"team_id": None}, Standing.STRANGER),
        ({"team_id": "T2", "enterprise_user": {"teams": ["T2", "T1"]}}, Standing.MEMBER),
        ({"team_id": "T2", "enterprise_user": {"teams": ["T2"]}}, Standing.STRANGER),
        ({"team_id": "T2", "enterprise_user": "odd"}, Standing.STRANGER),
        ({"id": "USLACKBOT"}, Standing.BOT),
    ],
)
def test_whoever_is_in_doubt_is_a_stranger(changes: dict[str, Any], expected: Standing) -> None:
    assert standing({**MEMBER, **changes}, "T1") is expected


async def test_a_person_has_the_time_zone_that_slack_says(
    directory: SlackDirectory, slack: SlackSimulator
) -> None:
    slack.workspace.users[MAX].tz = ""

    assert (await directory.person(RILEY)).tz == "America/Denver"
    assert (await directory.person(MAX)).tz is None


async def test_a_channel_is_read_page_by_page(
    directory: SlackDirectory, slack: SlackSimulator
) -> None:
    for page, cursor in (["U1", "U2"], "more"), (["U3"], ""):
        body = {
            "ok": True,
            "members": page,
            "response_metadata": {"next_cursor": cursor},
        }
        answer = Fault(status=200, body=json.dumps(body).encode(), content_type="application/json")
        slack.faults.queue("conversations.members", answer)

    assert await directory.in_channel(PHONES) == {"U1", "U2", "U3"}
    assert await directory.in_channel(PHONES) == {"U1", "U2", "U3"}  # kept
    assert slack.requests("conversations.members") == len(("first page", "second"))


async def test_a_very_large_channel_is_read_in_part(
    directory: SlackDirectory, slack: SlackSimulator
) -> None:
    body = b'{"ok": true, "members": ["U1"], "response_metadata": {"next_cursor": "more"}}'
    endless = Fault(status=200, body=body, content_type="application/json")
    slack.faults.queue("conversations.members", endless, times=PAGES)

    assert await directory.in_channel(PHONES) == {"U1"}


async def test_a_channel_without_readable_members_is_not_known(
    directory: SlackDirectory, slack: SlackSimulator
) -> None:
    for body in (b'{"ok": true}', b'{"ok": false, "error": "missing_scope"}'):
        answer = Fault(status=200, body=body, content_type="application/json")
        slack.faults.queue("conversations.members", answer)
        with pytest.raises(Undeliverable):
            await directory.in_channel(PHONES)


async def test_a_group_is_read_by_its_members(directory: SlackDirectory) -> None:
    assert await directory.members(PHONE_MANAGERS) == {MORGAN, MAX}


async def test_answers_are_kept_for_a_minute(
    directory: SlackDirectory, slack: SlackSimulator, clock: FakeClock
) -> None:
    await directory.members(PHONE_MANAGERS)
    clock.advance(seconds=59)
    await directory.members(PHONE_MANAGERS)
    assert slack.requests("usergroups.users.list") == 1

    clock.advance(seconds=1)
    await directory.members(PHONE_MANAGERS)

    assert slack.requests("usergroups.users.list") == 2


async def test_many_questions_at_once_are_one_request(
    directory: SlackDirectory, slack: SlackSimulator
) -> None:
    hold = slack.faults.hold("users.info")
    asked = [asyncio.create_task(directory.person(RILEY)) for _ in range(10)]
    await hold.reached()
    asked[0].cancel()  # the first one gives up; the others still get their answer
    hold.release()

    people = await asyncio.gather(*asked[1:])

    assert {person.id for person in people} == {RILEY}
    assert slack.requests("users.info") == 1


async def test_a_failure_is_not_kept(directory: SlackDirectory, slack: SlackSimulator) -> None:
    # aiohttp itself asks a second time where an idle connection turns out to be closed.
    slack.faults.queue("users.info", Fault(cut="before"), times=2)
    with pytest.raises(TryLater):
        await directory.person(RILEY)

    assert (await directory.person(RILEY)).is_member


async def test_what_slack_will_not_tell_is_undeliverable(
    directory: SlackDirectory, slack: SlackSimulator
) -> None:
    slack.state.plan_has_user_groups = False

    with pytest.raises(Undeliverable, match="plan_upgrade_required"):
        await directory.members(PHONE_MANAGERS)
    with pytest.raises(Undeliverable, match="user_not_found"):
        await directory.person("U0NOBODY00")


@pytest.mark.parametrize(
    ("method", "body"),
    [
        ("auth.test", {"ok": True}),
        ("users.info", {"ok": True}),
        ("usergroups.users.list", {"ok": True, "users": "x"}),
    ],
)
async def test_an_unreadable_answer_is_no_answer(
    directory: SlackDirectory, slack: SlackSimulator, method: str, body: dict[str, Any]
) -> None:
    slack.faults.queue(method, Fault(body=body))
    with pytest.raises(Undeliverable, match="unreadable"):
        await (directory.members(PHONE_MANAGERS) if "group" in method else directory.person(RILEY))


@pytest.mark.parametrize(
    ("fault", "retry_after"),
    [
        (rate_limited(7), 7.0),
        (Fault(status=429, body=b"slow down", content_type="text/plain"), None),
        (Fault(status=503), None),
        (Fault(status=503, body=slack_error("fatal_error").body), None),
        (slack_error("internal_error"), None),
        (slack_error("invalid_auth"), 60.0),
        (slack_error("token_revoked"), 60.0),
        (Fault(cut="before"), None),
        (Fault(cut="before", reset=True), None),
        (Fault(body=b"<html>", content_type="text/html"), None),
        (Fault(body=b"{", content_type="application/json"), None),
        (Fault(body=b"\xff", content_type="application/json"), None),
        (Fault(body=[1]), None),
        (Fault(body=b"", content_type="application/json"), None),
        (Fault(status=429, body={"ok": False}, headers={"Retry-After": "soon"}), None),
        (Fault(status=429, body={"ok": False}, headers={"Retry-After": "inf"}), None),
    ],
)
async def test_trouble_that_passes_is_tried_again_later(
    directory: SlackDirectory, slack: SlackSimulator, fault: Fault, retry_after: float | None
) -> None:
    slack.faults.queue("users.info", fault, times=2)

    with pytest.raises(TryLater) as later:
        await directory.person(RILEY)

    assert later.value.retry_after == retry_after


async def test_a_missing_scope_is_said_in_the_log(
    directory: SlackDirectory, slack: SlackSimulator, caplog: pytest.LogCaptureFixture
) -> None:
    slack.state.missing_scopes["users.info"] = "users:read"

    with pytest.raises(Undeliverable, match="missing_scope"):
        await directory.person(RILEY)

    assert "slack.missing_scope" in caplog.text
