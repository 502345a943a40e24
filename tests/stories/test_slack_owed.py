"""What Slack is owed: in order per card, not before Slack's own time, and no card's trouble holds
up another's."""

import pytest

from bot.domain.purchase import Status
from bot.ports import Filter
from bot.sandbox.slack.people import BOT_USER_ID, GENERAL, LEADERS, MORGAN, PHONES, RILEY
from bot.sandbox.slack.simulator import rate_limited, slack_error
from bot.sandbox.slack.workspace import Message
from tests.stories.office import Office, buttons, drawn

POST, UPDATE = "chat.postMessage", "chat.update"


def invite(office: Office, *channels: str) -> None:
    for channel in channels:
        office.slack.workspace.channels[channel].members.add(BOT_USER_ID)


def live(office: Office, card: Message) -> Message:
    """As it stands in Slack now."""
    found = office.slack.workspace.find(card.channel, card.ts)
    assert found
    return found


async def reach(office: Office, status: Status, count: int = 1) -> None:
    """Wait until so many purchases have that status, by the record."""
    while True:
        found = await office.bot.ports.store.list_purchases(Filter(limit=100))
        if [each.status for each in found].count(status) >= count:
            return
        await office.quiet()


# ── Throttled ────────────────────────────────────────────────────────────────────────────────────
async def test_a_channel_that_is_throttled_holds_up_no_other(office: Office) -> None:
    invite(office, GENERAL)
    async with office.open():
        office.slack.faults.queue(POST, rate_limited(30))
        await office.buy()
        await office.quiet()
        await office.buy()  # the same channel: not even tried
        await office.quiet()
        assert office.slack.requests(POST) == 1
        await office.buy(channel=GENERAL)
        await office.card(channel=GENERAL)
        assert office.slack.requests(POST) == 2
        assert office.cards() == []
        office.later(seconds=35)
        await office.until(lambda: len(office.cards()) == 2 or None)


async def test_where_several_channels_are_throttled_all_posting_waits(office: Office) -> None:
    invite(office, GENERAL, LEADERS)
    async with office.open():
        office.slack.faults.queue(POST, rate_limited(30), times=2)
        for channel in (PHONES, GENERAL, LEADERS):
            await office.buy(channel=channel)
            await office.quiet()
        assert office.slack.requests(POST) == 2
        office.later(seconds=29)
        await office.quiet()
        assert office.slack.requests(POST) == 2
        office.later(seconds=10)
        for channel in (PHONES, GENERAL, LEADERS):
            await office.card(channel=channel)


async def test_updates_are_throttled_all_together(office: Office) -> None:
    async with office.open():
        for _ in range(3):
            await office.buy()
        await office.until(lambda: len(office.cards()) == 3 or None)
        await office.quiet()
        office.slack.faults.queue(UPDATE, rate_limited(30))
        for card in office.cards():
            await office.press(card, "Cancel")
            await office.quiet()
        assert office.slack.requests(UPDATE) == 1
        cards = office.cards()[:3]
        office.later(seconds=35)
        for card in cards:
            await office.now_shows(card, "Cancelled:")


async def test_what_may_be_posted_does_not_wait_for_what_may_not_be_updated(
    office: Office,
) -> None:
    async with office.open():
        await office.buy()
        card = await office.card()
        office.slack.faults.queue(UPDATE, rate_limited(60))
        await office.press(card, "Approve")
        await office.report(card, "Bought:")
        assert "Approve" in buttons(live(office, card))
        office.later(seconds=70)
        await office.now_shows(card, "Bought:")


# ── In order ─────────────────────────────────────────────────────────────────────────────────────
async def test_a_slow_update_is_never_the_last_word(office: Office) -> None:
    async with office.open():
        await office.buy()
        card = await office.card()
        held = office.slack.faults.hold(UPDATE, "before")
        await office.press(card, "Approve")
        await held.reached()
        await office.report(card, "Bought:")  # the purchase went on meanwhile
        held.release()
        assert buttons(await office.now_shows(card, "Bought:")) == []
        await office.quiet()
        assert "Bought:" in drawn(live(office, card))
        await office.stands(Status.PROVISIONED, charges=1)


# ── Refused ──────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("error", ["token_revoked", "invalid_auth", "account_inactive"])
async def test_with_a_revoked_token_everything_is_owed_until_there_is_one_again(
    office: Office, error: str
) -> None:
    async with office.open():
        await office.buy()
        card = await office.card()
        await office.press(card, "Approve")
        await office.now_shows(card, "Bought:")
        await office.quiet()
        posted = len(office.cards())
        for method in (POST, UPDATE):
            office.slack.faults.queue(method, slack_error(error), times=50)
        await office.buy()
        await office.buy()
        await reach(office, Status.PENDING, 2)
        await office.quiet()
        assert len(office.cards()) == posted
        office.slack.faults.clear()
        office.later(seconds=70)
        await office.until(lambda: len(office.cards()) == posted + 2 or None)


async def test_a_card_whose_blocks_are_refused_comes_plain_and_holds_up_no_other(
    office: Office,
) -> None:
    async with office.open():
        office.slack.faults.queue(POST, slack_error("invalid_blocks"))
        await office.buy()
        plain = await office.card()
        assert buttons(plain) == ["Approve", "Cancel"]
        office.slack.faults.queue(POST, slack_error("invalid_blocks"), times=2)
        await office.buy("buy another")
        bare = await office.until(
            lambda: next((m for m in office.cards() if "another" in m.text and not m.blocks), None)
        )
        await office.buy("buy a third")
        await office.until(lambda: next((m for m in office.cards() if "a third" in drawn(m)), None))
        await office.press(plain, "Approve")
        await office.now_shows(plain, "Bought:")
        code = next(p.code for p in await office.purchases() if p.reason == "another")
        await office.buy(f"cancel {code}")
        assert "Cancelled:" in drawn(await office.now_shows(bare, "Cancelled:"))


async def test_an_update_that_slack_never_takes_holds_up_no_other_card(office: Office) -> None:
    async with office.open():
        await office.buy("buy first")
        first = await office.card()
        await office.buy("buy second")
        second = await office.until(
            lambda: next((m for m in office.cards() if "second" in drawn(m)), None)
        )
        office.slack.faults.queue(UPDATE, slack_error("invalid_arguments"))
        await office.press(first, "Cancel")
        await office.quiet()
        await office.press(second, "Cancel")
        await office.now_shows(second, "Cancelled:")
        assert "Approve" in buttons(live(office, first))
        office.later(minutes=11)  # and it is not forgotten
        await office.now_shows(first, "Cancelled:")


# ── Channels that go and come back ───────────────────────────────────────────────────────────────
async def archived(office: Office) -> Message:
    """A card in a channel that was archived under it."""
    await office.buy()
    card = await office.card()
    office.slack.workspace.channels[PHONES].is_archived = True
    return card


async def test_a_purchase_goes_on_while_its_channel_is_archived(office: Office) -> None:
    invite(office, GENERAL)
    async with office.open():
        card = await archived(office)
        await office.buy(f"approve {(await office.purchase()).code}", MORGAN, GENERAL)
        direct = office.slack.workspace.im_of(RILEY).id
        await office.card("Bought:", direct)
        await office.quiet()
        assert "Approve" in buttons(live(office, card))
        office.slack.workspace.channels[PHONES].is_archived = False
        office.later(minutes=11)
        assert buttons(await office.now_shows(card, "Bought:")) == []
        await office.quiet()
        assert len(office.cards()) == 1
        await office.stands(Status.PROVISIONED, charges=1)


async def test_the_card_in_an_archived_channel_is_refused_and_said_so(office: Office) -> None:
    invite(office, GENERAL)
    async with office.open():
        office.slack.workspace.channels[PHONES].is_archived = True
        await office.buy()
        await office.told(RILEY, "could not post the card")
        await office.stands(Status.REFUSED)
        await office.buy(channel=GENERAL)  # and nothing else is held up
        await office.card(channel=GENERAL)


async def test_a_bot_that_is_invited_back_finds_its_card(office: Office) -> None:
    invite(office, LEADERS, GENERAL)
    async with office.open():
        await office.buy(channel=LEADERS)
        card = await office.card(channel=LEADERS)
        office.slack.workspace.channels[LEADERS].members.remove(BOT_USER_ID)
        await office.buy(f"approve {(await office.purchase()).code}", MORGAN, GENERAL)
        await office.card("Bought:", office.slack.workspace.im_of(RILEY).id)
        invite(office, LEADERS)
        office.later(minutes=11)
        await office.now_shows(card, "Bought:")
        assert len(office.cards(LEADERS)) == 1
