"""Limits through the front door: seen at the card, warned of in a channel, snoozed, asked for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox.slack.people import BOT_USER_ID, GENERAL, MAX, MORGAN, NORA, PHONES, RILEY
from bot.sandbox.slack.workspace import Message
from tests.migrated import migrated
from tests.stories.office import Office, buttons, drawn, office_at


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """The bot has been invited to #general."""
    migrated(tmp_path / "dialtone.db")
    async with office_at(tmp_path) as made:
        made.slack.workspace.channels[GENERAL].members.add(BOT_USER_ID)
        yield made


WARNED = {"ALERT_CHANNEL": GENERAL}


async def waiting(office: Office, text: str = "buy a line") -> Message:
    """A new card."""
    known = {message.ts for message in office.cards()}
    await office.buy(text)
    return await office.until(
        lambda: next(
            (m for m in office.cards() if m.ts not in known and "Approve" in buttons(m)), None
        )
    )


async def bought(office: Office, text: str = "buy a line") -> Message:
    """A line, all the way."""
    card = await waiting(office, text)
    await office.press(card, "Approve")
    return await office.now_shows(card, "Bought:")


def alerts(office: Office) -> list[Message]:
    return office.slack.workspace.messages(GENERAL)


async def alert(office: Office, showing: str) -> Message:
    return await office.card(showing, GENERAL)


async def test_two_of_three_warn_and_the_third_is_told_who_and_when(office: Office) -> None:
    async with office.open(**WARNED):
        await bought(office)
        await bought(office)
        warned = await alert(office, "2 of 3")
        assert warned.text.count(f"<@{RILEY}>") == 2
        assert "<!date^" in drawn(warned)
        assert buttons(warned) == ["Snooze"]
        last = await bought(office)
        await alert(office, "3 of 3")
        assert "None is left" not in drawn(last)
        warned = await office.now_shows(warned, "newer alert")
        assert buttons(warned) == []
        await office.buy()
        refused = await office.told(RILEY, "limit of lines per 24 hours")
        assert "at the latest" in drawn(refused)
        assert "<!date^" in drawn(refused)
        await office.quiet()
        assert len(alerts(office)) == 2
        assert len(office.sendblue.ledger) == 3


async def test_a_card_says_what_is_left_and_who_else_waits(office: Office) -> None:
    async with office.open(**WARNED):
        await bought(office)
        await bought(office)
        first = await waiting(office)
        second = await waiting(office)
        assert "1 more is waiting" in drawn(second)
        assert "1 left" in drawn(second)
        assert "2 lines for $200.00" in drawn(second)
        assert "this one adds $100.00" in drawn(second)
        await office.press(first, "Approve")
        await office.now_shows(first, "Bought:")
        await office.now_shows(second, "will probably refuse")
        await office.now_shows(second, "3 lines for $300.00")
        assert "Approve" in buttons(second)


async def test_an_approver_snoozes_and_nobody_else(office: Office) -> None:
    async with office.open(**WARNED):
        await bought(office)
        await bought(office)
        warned = await alert(office, "2 of 3")
        await office.press(warned, "Snooze", NORA)
        await office.told(NORA, "Only approvers")
        assert buttons(warned) == ["Snooze"]
        await office.press(warned, "Snooze", MAX)
        warned = await office.now_shows(warned, f"Snoozed by <@{MAX}>")
        assert buttons(warned) == []
        await office.told(MAX, "no more alerts")
        await bought(office)
        await office.quiet()
        assert len(alerts(office)) == 1


async def test_a_restart_warns_of_nothing_twice_and_says_once_that_it_is_over(
    office: Office,
) -> None:
    async with office.open(**WARNED):
        await bought(office)
        await bought(office)
        warned = await alert(office, "2 of 3")
    for _ in range(3):
        async with office.open(**WARNED):
            await office.quiet()
    assert len(alerts(office)) == 1
    office.clock.advance(hours=25)
    async with office.open(**WARNED):
        await office.quiet()
        office.later(minutes=6)
        warned = await office.now_shows(warned, "Over")
        news = await alert(office, "Back to normal")
        assert news.thread_ts == warned.ts
        office.later(minutes=6)
        await office.quiet()
        assert len(alerts(office)) == 2


async def test_limits_are_shown_as_a_picture_and_as_a_table_where_slack_knows_no_pictures(
    office: Office,
) -> None:
    async with office.open():
        await bought(office)
        await office.slack.command("/line", "limits", user=NORA, channel=PHONES)
        shown = await office.told(NORA, "1 of 3 used")
        assert any(block["type"] == "data_visualization" for block in shown.blocks)
        office.slack.state.refused_blocks = {"data_visualization"}
        await office.slack.command("/line", "limits", user=MORGAN, channel=PHONES)
        plain = await office.told(MORGAN, "1 of 3 used")
        assert all(block["type"] != "data_visualization" for block in plain.blocks)
        assert "```" in drawn(plain)


async def test_numbers_have_months_and_credits(office: Office) -> None:
    async with office.open():
        await office.number("limits")
        shown = await office.told(RILEY, "$100.00")
        assert "May" in drawn(shown) or "month" in drawn(shown)


async def test_low_credits_are_told_once(office: Office) -> None:
    office.magpipe.credits_balance = 3.10
    async with office.open(**WARNED):
        await alert(office, "credits are low")
        office.later(minutes=6)
        await office.quiet()
        assert len(alerts(office)) == 1
        office.magpipe.credits_balance = 50.0
        for _ in range(2):
            office.later(minutes=6)
            await office.quiet()
        await alert(office, "Back to normal")


async def test_a_provider_that_is_silent_for_an_hour_is_told_once_and_its_return(
    office: Office,
) -> None:
    async with office.open(**WARNED):
        await office.quiet()
        await office.provider_goes()
        for _ in range(14):
            office.later(minutes=6)
            await office.quiet()
        await alert(office, "has not told its limits since")
        await office.provider_comes_back()
    async with office.open(**WARNED):  # a restart in between loses nothing
        await alert(office, "tells its limits again")
        assert len(alerts(office)) == 2
