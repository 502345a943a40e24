"""The main job, through signed HTTP and Socket Mode, as people live it."""

import asyncio

import pytest

from bot.domain.purchase import Status
from bot.sandbox.slack.people import MAX, MORGAN, NORA, PHONES, RILEY
from tests.stories.office import Office, buttons, drawn


@pytest.mark.parametrize("mode", ["http", "socket"])
async def test_from_the_command_to_the_number(office: Office, mode: str) -> None:
    extra = {"SLACK_APP_TOKEN": office.slack.state.app_token} if mode == "socket" else {}
    async with office.open(**extra):
        if mode == "socket":
            await office.until(lambda: office.slack.socket.connections or None)
        assert (await office.buy("buy new desk &lt;in&gt; Denver")).ok
        card = await office.card()
        for shown in ("$100.00", f"<@{RILEY}>", "new desk &lt;in&gt; Denver", "<!date^"):
            assert shown in drawn(card)
        assert buttons(card) == ["Approve", "Cancel"]

        assert (await office.press(card, "Approve")).ok
        final = await office.now_shows(card, "+1 415-200-7986")
        report = await office.report(card, "+1 415-200-7986")

        assert buttons(final) == []
        assert f"<@{MORGAN}>" in drawn(report)
        assert f"<@{RILEY}>" in drawn(report)
        assert [charge.phone_number for charge in office.sendblue.ledger] == ["+14152007986"]
        assert (await office.purchase()).status is Status.PROVISIONED


@pytest.mark.parametrize("who", [RILEY, MORGAN])
async def test_requester_and_approver_cancel_by_button(office: Office, who: str) -> None:
    async with office.open():
        await office.buy()
        card = await office.card()
        await office.press(card, "Cancel", who)
        final = await office.now_shows(card, "ancelled")
        assert f"<@{who}>" in drawn(final)
        assert buttons(final) == []
        assert office.sendblue.confirms_received.total() == 0


async def test_an_approver_cancels_with_a_reason_by_text(office: Office) -> None:
    async with office.open():
        await office.buy()
        card = await office.card()
        code = (await office.purchase()).code
        await office.buy(f"cancel {code.lower()} we have *one* &lt;already&gt;", MORGAN)
        final = await office.now_shows(card, "ancelled")
        assert "&lt;already&gt;" in drawn(final)


async def test_approving_by_text_is_the_same_as_by_button(office: Office) -> None:
    async with office.open():
        await office.buy()
        await office.card()
        await office.buy(f"approve {(await office.purchase()).code}", MORGAN)
        await office.card("+1 415-200-7986")
        assert len(office.sendblue.ledger) == 1


@pytest.mark.parametrize(("who", "said"), [(NORA, "Only approvers"), (RILEY, "Only approvers")])
async def test_who_may_not_approve_is_told_so_privately(
    office: Office, who: str, said: str
) -> None:
    async with office.open():
        await office.buy()
        card = await office.card()
        assert (await office.press(card, "Approve", who)).ok
        await office.told(who, said)
        assert office.sendblue.confirms_received.total() == 0
        purchase = await office.purchase()
        rows = await office.bot.ports.store.audit(purchase.id)
        assert [(row.actor_id, row.outcome) for row in rows][-1] == (who, "refused")


async def test_an_approver_s_own_purchase_needs_somebody_else(office: Office) -> None:
    async with office.open():
        await office.buy(user=MORGAN)
        card = await office.card()
        await office.press(card, "Approve", MORGAN)
        await office.told(MORGAN, "somebody else has to approve")
        await office.press(card, "Approve", MAX)
        await office.card("+1 415-200-7986")
        assert len(office.sendblue.ledger) == 1


async def test_self_approval_where_it_is_switched_on(office: Office) -> None:
    async with office.open(SELF_APPROVAL="true"):
        await office.buy(user=MORGAN)
        await office.press(await office.card(), "Approve", MORGAN)
        await office.card("+1 415-200-7986")


async def test_two_clicks_at_once_buy_once(office: Office) -> None:
    async with office.open():
        await office.buy()
        card = await office.card()
        await asyncio.gather(
            office.press(card, "Approve", MORGAN), office.press(card, "Approve", MAX)
        )
        await office.card("+1 415-200-7986")
        await office.until(
            lambda: (
                office.slack.workspace.ephemerals(MORGAN)
                or office.slack.workspace.ephemerals(MAX)
                or None
            )
        )
        assert office.sendblue.confirms_received.total() == 1
        assert len(office.sendblue.ledger) == 1


async def test_the_same_command_and_the_same_click_delivered_twice_count_once(
    office: Office,
) -> None:
    async with office.open():
        await office.buy()
        again = await office.slack.redeliver(office.slack.deliveries[-1])
        assert again.ok
        card = await office.card()
        await office.press(card, "Approve")
        await office.slack.redeliver(office.slack.deliveries[-1])
        await office.now_shows(card, "+1 415-200-7986")
        assert len(await office.purchases()) == 1
        assert office.sendblue.confirms_received.total() == 1


async def test_it_expires_to_the_second_without_anybody_clicking(office: Office) -> None:
    async with office.open():
        await office.buy()
        card = await office.card()
        office.later(minutes=9, seconds=59)
        assert (await office.purchase()).status is Status.PENDING
        office.later(seconds=1)
        final = await office.now_shows(card, "xpired")
        assert buttons(final) == ["Request again"]
        await office.press(card, "Approve")  # the old card, still open in somebody's window
        await office.told(MORGAN, "")
        assert office.sendblue.confirms_received.total() == 0


async def test_a_click_in_time_wins_against_the_deadline(office: Office) -> None:
    async with office.open():
        await office.buy()
        card = await office.card()
        office.later(minutes=9, seconds=59, milliseconds=900)
        await office.press(card, "Approve")
        await office.card("+1 415-200-7986")
        assert len(office.sendblue.ledger) == 1


async def test_reading_commands_answer_the_asker_alone(office: Office) -> None:
    async with office.open():
        await office.bought()
        code = (await office.purchase()).code
        for text, shown in (
            ("limits", "24 hours"),
            ("list", "+1 415-200-7986"),
            ("pending", "None is open"),
            ("history", code),
            (f"show {code}", "approved"),
            ("help", "/line buy"),
            ("bye", "buy"),
        ):
            await office.buy(text, NORA)
            await office.told(NORA, shown)
        assert len(office.slack.workspace.messages(PHONES)) == 2  # card and report, nothing else


async def test_a_reason_too_long_is_refused_with_the_count(office: Office) -> None:
    async with office.open():
        await office.buy("buy " + "x" * 501)
        await office.told(RILEY, "501")
        assert await office.purchases() == []


async def test_what_has_no_credentials_says_that_it_is_not_set_up(office: Office) -> None:
    async with office.open(MAGPIPE_API_TOKEN=""):
        await office.number("provision +16045551234")
        await office.told(RILEY, "not set up")
        await office.number("search 604")
        assert await office.purchases() == []
