"""Request again, by real clicks; and clicks that reach a Dialtone which does not know the card."""

from typing import Any

import pytest

from bot.domain.purchase import Purchase
from bot.sandbox.slack.people import GUS, MAX, MORGAN, NORA, PHONES, RILEY
from bot.sandbox.slack.workspace import Message
from tests.stories.office import Office, buttons, drawn

AGAIN = "Request again"


async def expired(office: Office) -> Message:
    """A card that nobody decided on in time."""
    await office.buy()
    card = await office.card()
    office.later(minutes=11)
    return await office.now_shows(card, "Expired")


async def by_code(office: Office) -> dict[str, Purchase]:
    return {each.code: each for each in await office.purchases()}


async def test_an_expired_request_is_made_again_at_a_press_and_bought_once(office: Office) -> None:
    async with office.open():
        old = await expired(office)
        assert buttons(old) == [AGAIN]
        await office.press(old, AGAIN, NORA)
        await office.told(NORA, "comes here in a moment")
        new = await office.card("the same price as")
        [new_code] = [c for c, each in (await by_code(office)).items() if each.previous_id]
        assert f"<@{NORA}>" in drawn(new)
        assert "new desk in Denver" in drawn(new)
        await office.now_shows(old, f"Requested again by <@{NORA}>: `{new_code}`.")
        assert buttons(old) == []
        await office.press(new, "Approve")
        await office.now_shows(new, "Bought:")
        await office.report(new, f"<@{NORA}>, news of")
        await office.quiet()
        assert len(office.sendblue.ledger) == 1
        assert "Expired" in drawn(old)
        await office.verify()


async def test_the_new_card_says_how_much_the_price_has_changed(office: Office) -> None:
    async with office.open():
        old = await expired(office)
    async with office.open(SENDBLUE_LINE_PRICE="104.00 USD"):
        await office.press(old, AGAIN)
        new = await office.card("$4.00 per month more")
        assert ", which expired" in drawn(new)


async def test_what_failed_is_requested_again(office: Office) -> None:
    async with office.open():
        await office.buy()
        card = await office.card()
        await office.provider_goes()
        await office.press(card, "Approve")
        failed = await office.now_shows(card, "Not bought")
        assert buttons(failed) == [AGAIN]
        await office.provider_comes_back()
        office.later(minutes=2)  # what does not answer is left alone for a while
        await office.press(failed, AGAIN)
        await office.card("the same price as")
        await office.now_shows(failed, "Requested again by")


async def test_two_people_press_at_once_and_one_request_is_made(office: Office) -> None:
    async with office.open():
        old = await expired(office)
        as_both_saw_it = old.blocks
        await office.press(old, AGAIN, NORA)
        await office.now_shows(old, "Requested again by")
        old.blocks = as_both_saw_it
        await office.press(old, AGAIN, MAX)
        told = drawn(await office.told(MAX, "has already requested"))
        assert f"<@{NORA}>" in told
        assert "Nothing more was requested" in told
        assert len(await office.purchases()) == 2


async def test_a_click_that_slack_delivers_twice_makes_one_request(office: Office) -> None:
    async with office.open():
        old = await expired(office)
        await office.press(old, AGAIN)
        await office.card("the same price as")
        again = await office.slack.redeliver(office.slack.deliveries[-1])
        assert again.ok
        await office.quiet()
        assert len(await office.purchases()) == 2


async def test_a_guest_who_presses_is_told_no_and_the_button_comes_back(office: Office) -> None:
    async with office.open():
        old = await expired(office)
        await office.press(old, AGAIN, GUS)
        await office.told(GUS, "Only full members")
        await office.quiet()
        assert buttons(await office.now_shows(old, "Expired")) == [AGAIN]
        await office.press(old, AGAIN)
        await office.card("the same price as")


async def test_only_those_who_may_ask_may_ask_again(office: Office) -> None:
    async with office.open(REQUESTERS=RILEY):
        old = await expired(office)
        await office.press(old, AGAIN, NORA)
        await office.told(NORA, "not among the people who may request")
        await office.now_shows(old, AGAIN)
        await office.press(old, AGAIN, RILEY)
        await office.card("the same price as")


async def test_show_offers_it_too_where_the_card_is_lost(office: Office) -> None:
    async with office.open():
        await expired(office)
        await office.buy(f"show {(await office.purchase()).code}", NORA)
        shown = await office.told(NORA, "Expired")
        await office.press(shown, AGAIN, NORA)
        await office.card("the same price as")


# ── Several deployments on one app, or a database that is new ────────────────────────────────────
@pytest.mark.parametrize("name", ["", "staging <1>"])
async def test_a_click_on_another_one_s_card_is_answered_politely(
    office: Office, name: str
) -> None:
    async with office.open():
        old = await expired(office)
        await office.buy()
        card = await office.card()
        code = (await office.purchases())[0].code
    elsewhere: dict[str, Any] = {"DATABASE_URL": f"sqlite:///{office.folder / 'other.db'}"}
    async with office.open(INSTANCE_NAME=name, **elsewhere):
        me = "I am Dialtone “staging &lt;1&gt;” and know" if name else "I know"
        for pressed, button in ((card, "Approve"), (card, "Cancel"), (old, AGAIN)):
            await office.press(pressed, button)
            told = await office.told(MORGAN, f"{me} no purchase behind that button.")
            assert "Nothing was changed." in drawn(told)
            told.deleted = True
        answer = await office.buy(f"approve {code}", MORGAN)
        assert answer.body is not None
        assert f"{me} no purchase `{code}`" in str(answer.body)
        await office.buy(f"show {code}", MORGAN)
        await office.told(MORGAN, f"{me} no purchase `{code}`")
        assert await office.purchases() == []
        assert buttons(card) == ["Approve", "Cancel"]
        assert office.slack.messages(PHONES)
