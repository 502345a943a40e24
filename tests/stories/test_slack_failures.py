"""Slack says no, says nothing, or says it twice: people still see what is true, and may not do
what they may not."""

import asyncio
from typing import Any

import pytest

from bot.domain.purchase import Status
from bot.ports import Claimed, Queue
from bot.sandbox.faults import Fault
from bot.sandbox.slack.people import (
    BOT_USER_ID,
    GENERAL,
    LEADERS,
    MAX,
    MORGAN,
    PHONES,
    RILEY,
)
from bot.sandbox.slack.simulator import rate_limited
from bot.sandbox.slack.workspace import Message
from tests.stories.office import Office, buttons, drawn

AWAY = Fault(status=503, body=b"upstream trouble", content_type="text/plain")
TROUBLES = {
    "429": rate_limited(30),
    "500": AWAY,
    "cut before": Fault(cut="before"),
    "cut after": Fault(cut="after"),
}


# ── Where the bot cannot write ───────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("channel", "error"), [(GENERAL, "not_in_channel"), (LEADERS, "channel_not_found")]
)
async def test_where_the_bot_is_no_member_the_requester_is_told_what_to_do(
    office: Office, channel: str, error: str
) -> None:
    async with office.open():
        await office.buy(channel=channel)
        told = drawn(await office.told(RILEY, "could not post the card"))
        assert error in told
        assert "Invite" in told
        assert "othing was" in told
        await office.stands(Status.REFUSED)


async def test_a_public_channel_needs_no_invitation_where_the_bot_may_write_in_all(
    office: Office,
) -> None:
    office.slack.state.may_write_in_public_channels = True
    async with office.open():
        await office.buy(channel=GENERAL)
        await office.press(await office.card(channel=GENERAL), "Approve")
        await office.card("Bought:", GENERAL)


async def test_a_report_that_the_channel_does_not_take_goes_to_the_requester(
    office: Office,
) -> None:
    async with office.open(APPROVAL_CHANNEL=PHONES):
        await office.buy(channel=GENERAL)
        card = await office.card()
        await office.press(card, "Approve")
        direct = office.slack.workspace.im_of(RILEY).id
        await office.card("Bought: +1 415-200-7986", direct)
        await office.now_shows(card, "Bought:")
        assert office.slack.workspace.messages(GENERAL) == []
        await office.stands(Status.PROVISIONED, charges=1)


async def test_a_bot_that_was_thrown_out_meanwhile_reports_to_the_requester(
    office: Office,
) -> None:
    async with office.open():
        await office.buy()
        card = await office.card()
        office.slack.workspace.channels[PHONES].members.remove(BOT_USER_ID)
        await office.press(card, "Approve")
        await office.card("Bought:", office.slack.workspace.im_of(RILEY).id)
        await office.stands(Status.PROVISIONED, charges=1)


async def test_a_request_from_a_direct_message_needs_an_approval_channel(office: Office) -> None:
    direct = office.slack.workspace.im_of(RILEY).id
    async with office.open():
        await office.buy(channel=direct)
        await office.told(RILEY, "nobody could approve it")
        assert await office.purchases() == []
    async with office.open(APPROVAL_CHANNEL=PHONES):
        await office.buy(channel=direct)
        await office.press(await office.card(), "Approve")
        await office.card("Bought:", direct)


async def test_an_approval_channel_gets_the_cards_and_the_asking_one_the_reports(
    office: Office,
) -> None:
    office.slack.workspace.channels[LEADERS].members.add(BOT_USER_ID)
    async with office.open(APPROVAL_CHANNEL=LEADERS):
        await office.buy()
        card = await office.card(channel=LEADERS)
        await office.told(RILEY, f"to <#{LEADERS}>")
        await office.press(card, "Approve")
        await office.card("Bought:")
        final = await office.now_shows(card, "Bought:")
        assert buttons(final) == []
        assert len(office.slack.workspace.messages(LEADERS)) == 1
        assert len(office.slack.workspace.messages(PHONES)) == 1


# ── Slack in trouble ─────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
async def test_a_card_is_posted_when_slack_can_and_every_copy_is_true_in_the_end(
    office: Office, trouble: Fault
) -> None:
    async with office.open():
        office.slack.faults.queue("chat.postMessage", trouble)
        await office.buy()
        await office.quiet()
        assert office.slack.requests("chat.postMessage") == 1
        office.later(seconds=35)
        await office.quiet()
        cards = office.slack.workspace.messages(PHONES)
        # A post whose answer was lost cannot be told from one that never arrived.
        assert len(cards) == (2 if trouble.cut == "after" else 1)
        await office.press(cards[0], "Approve")
        for card in cards:
            assert buttons(await office.now_shows(card, "Bought:")) == []
        await office.press(cards[-1], "Approve", MAX)
        await office.told(MAX, "is over")
        await office.quiet()
        await office.stands(Status.PROVISIONED, charges=1)


async def test_slack_is_not_asked_again_before_it_said_so(office: Office) -> None:
    async with office.open():
        office.slack.faults.queue("chat.postMessage", rate_limited(30))
        await office.buy()
        await office.quiet()
        office.later(seconds=29)
        await office.quiet()
        assert office.slack.requests("chat.postMessage") == 1
        office.later(seconds=5)
        await office.card()


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
async def test_a_card_is_redrawn_until_it_is_true(office: Office, trouble: Fault) -> None:
    async with office.open():
        await office.buy()
        card = await office.card()
        office.slack.faults.queue("chat.update", trouble, times=3)
        await office.press(card, "Approve")
        for _ in range(5):
            await office.quiet()
            office.later(seconds=35)
        assert buttons(await office.now_shows(card, "Bought:")) == []
        await office.quiet()
        assert len(office.slack.workspace.messages(PHONES)) == 2
        await office.stands(Status.PROVISIONED, charges=1)


@pytest.mark.parametrize("trouble", [AWAY, rate_limited(30)], ids=["500", "429"])
async def test_a_private_answer_is_sent_when_slack_can(office: Office, trouble: Fault) -> None:
    async with office.open():
        office.slack.faults.queue("/response_url", trouble)
        await office.buy("limits")
        await office.quiet()
        office.later(seconds=35)
        await office.told(RILEY, "24 hours")


async def test_what_happened_while_slack_was_away_is_told_when_it_is_back(office: Office) -> None:
    async with office.open():
        await office.buy()
        card = await office.card()
        for method in ("chat.update", "chat.postMessage"):
            office.slack.faults.queue(method, AWAY, times=20)
        await office.press(card, "Approve")
        await office.quiet()
        assert "Approve" in buttons(card)
        assert len(office.sendblue.ledger) == 1  # buying does not wait for drawing
        office.slack.faults.clear()
        office.later(seconds=70)
        await office.now_shows(card, "Bought:")
        await office.report(card, "Bought:")


async def test_a_row_that_is_due_again_as_its_step_ends_is_not_left_lying(office: Office) -> None:
    """The card changes while it is being posted; the loop claims it again before the step that
    posted it is off the list."""
    async with office.open():
        store: Any = office.bot.ports.store
        posted, take = store.card_posted, store.take
        claimed_again = asyncio.Event()

        async def slowly_posted(claimed: Claimed, *args: Any) -> None:
            store.card_posted = posted
            store.take = noticed_take
            await posted(claimed, *args)
            office.bot.loop.wake()
            await claimed_again.wait()

        async def noticed_take(*args: Any, **kwargs: Any) -> Any:
            found = await take(*args, **kwargs)
            if any(each.queue is Queue.CARDS for each in found[0]):
                claimed_again.set()
            return found

        store.card_posted = slowly_posted
        held = office.slack.faults.hold("chat.postMessage", "after")
        await office.buy()
        card = await office.card()
        await office.buy(f"cancel {(await office.purchase()).code}")
        await office.reaches(Status.CANCELLED)
        held.release()
        await office.now_shows(card, "ancelled")


# ── Clicks that Slack delivers at odd moments ────────────────────────────────────────────────────
async def test_a_click_counts_before_the_answer_to_the_post_was_stored(office: Office) -> None:
    async with office.open():
        held = office.slack.faults.hold("chat.postMessage", "after")
        await office.buy()
        card = await office.card()
        await office.press(card, "Approve")
        await office.now_shows(card, "Bought:")
        held.release()
        await office.report(card, "Bought:")
        await office.quiet()
        assert len(office.slack.workspace.messages(PHONES)) == 2
        await office.stands(Status.PROVISIONED, charges=1)


@pytest.mark.parametrize("button", ["Approve", "Cancel"])
async def test_an_old_card_s_buttons_change_nothing_and_say_so(office: Office, button: str) -> None:
    async with office.open():
        await office.buy()
        old = await office.card()
        await office.press(old, "Approve")
        await office.now_shows(old, "Bought:")
        await office.press(old, button, MAX)
        await office.told(MAX, "is over")
        await office.stands(Status.PROVISIONED, charges=1)


async def test_a_card_that_somebody_deleted_comes_again_while_there_is_something_to_decide(
    office: Office,
) -> None:
    office.sendblue.provisioning_fails = True
    async with office.open():
        await office.buy()
        card = await office.card()
        delete(office, card)
        code = (await office.purchase()).code
        await office.buy(f"approve {code}", MORGAN)
        again = await office.card("Close with a note…")
        assert again.ts != card.ts
        await office.stands(Status.CHARGED, charges=1)


async def test_a_deleted_card_of_a_purchase_that_is_over_stays_away(office: Office) -> None:
    async with office.open():
        await office.buy()
        card = await office.card()
        delete(office, card)
        await office.buy(f"cancel {(await office.purchase()).code}")
        await office.card("ancelled")  # the report
        await office.quiet()
        assert len(office.slack.workspace.messages(PHONES)) == 1


def delete(office: Office, card: Message) -> None:
    found = office.slack.workspace.find(card.channel, card.ts)
    assert found
    found.deleted = True
