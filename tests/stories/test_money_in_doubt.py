"""Confirms whose answer was lost, or that charged and gave no line: asked about at once, settled by
the account or by a person, never sent again."""

import pytest

from bot.domain.purchase import Status
from bot.sandbox.faults import Fault
from bot.sandbox.sendblue import CONFIRM, LINES_STATE
from bot.sandbox.slack.people import MORGAN, NORA
from bot.sandbox.slack.workspace import Message, View
from tests.stories.garbled import GARBLED, HTML
from tests.stories.office import Office, buttons, drawn


@pytest.mark.parametrize("fault", GARBLED.values(), ids=GARBLED)
async def test_a_confirm_without_a_readable_answer_is_asked_about_at_once(
    office: Office, fault: Fault
) -> None:
    async with office.open():
        office.sendblue.faults.queue(CONFIRM, fault)
        card = await office.approved()
        asked = await office.now_shows(card, "Not known")
        assert buttons(asked) == ["It was bought…", "Nothing was bought"]
        assert "may have cost $100.00" in drawn(asked)
        await office.report(card, "Not known")
        await office.stands(Status.UNKNOWN)
        for _ in range(6):
            office.later(minutes=1)
        assert office.sendblue.confirms_received.total() == 1


LOST_AFTER_THE_WORK = {
    "cut": Fault(cut="after"),
    "reset": Fault(cut="after", reset=True),
    "HTML": Fault(status=502, body=HTML, after=True),
    "truncated": Fault(body=b'{"status": "OK"', announced_length=400, after=True),
}


@pytest.mark.parametrize("fault", LOST_AFTER_THE_WORK.values(), ids=LOST_AFTER_THE_WORK)
async def test_a_lost_answer_is_found_on_the_account(office: Office, fault: Fault) -> None:
    async with office.open():
        office.sendblue.faults.queue(CONFIRM, fault)
        card = await office.approved()
        await office.now_shows(card, "Not known")
        office.later(seconds=2)
        final = await office.now_shows(card, "Bought: +1 415-200-7986")
        assert buttons(final) == []
        await office.report(card, "Bought: +1 415-200-7986")
        purchase = await office.stands(Status.PROVISIONED, charges=1)
        assert purchase.provider_ids["worker_id"] == office.sendblue.ledger[0].worker_id


async def test_an_account_without_line_states_is_looked_through_by_numbers(office: Office) -> None:
    office.sendblue.lines_state_status = 404
    async with office.open():
        office.sendblue.faults.queue(CONFIRM, Fault(cut="after"))
        card = await office.approved()
        await office.now_shows(card, "Not known")
        office.later(seconds=2)
        await office.now_shows(card, "Bought: +1 415-200-7986")


async def in_doubt(office: Office, fault: Fault) -> Message:
    """A card with its question, which no look-up answers."""
    office.sendblue.faults.queue(LINES_STATE, GARBLED["HTML"], times=3)  # no list from before
    office.sendblue.faults.queue(CONFIRM, fault)
    card = await office.approved()
    return await office.now_shows(card, "Not known")


async def form(office: Office, card: Message, button: str) -> View:
    """The form that Morgan gets at this button."""
    assert (await office.press(card, button)).ok
    [view] = await office.until(lambda: office.slack.workspace.modals(MORGAN) or None)
    return view


async def test_an_approver_says_that_nothing_was_bought(office: Office) -> None:
    async with office.open():
        card = await in_doubt(office, Fault(cut="before"))
        await office.press(card, "Nothing was bought", NORA)
        await office.told(NORA, "Only approvers")
        await office.press(card, "Nothing was bought", MORGAN)
        final = await office.now_shows(card, "Not bought:")
        assert f"<@{MORGAN}> looked there and says that nothing was bought" in drawn(final)
        assert buttons(final) == ["Request again"]
        await office.report(card, "Not bought:")
        purchase = await office.stands(Status.FAILED)
        rows = await office.bot.ports.store.audit(purchase.id)
        assert [(row.actor_id, row.to_status) for row in rows][-1] == (MORGAN, Status.FAILED)


async def test_an_approver_says_which_number_it_was(office: Office) -> None:
    async with office.open():
        card = await in_doubt(office, Fault(cut="after"))
        view = await form(office, card, "It was bought…")
        assert (await office.slack.submit(view, {"answer": "one of ours"})).ok
        assert "answer" in view.errors
        assert view.is_open
        assert (await office.purchase()).status is Status.UNKNOWN

        assert (await office.slack.submit(view, {"answer": "(415) 200-7986"})).ok
        assert office.slack.workspace.modals(MORGAN) == []
        final = await office.now_shows(card, "Bought: +1 415-200-7986")
        assert f"<@{MORGAN}> looked" in drawn(final)
        await office.report(card, "Bought: +1 415-200-7986")
        purchase = await office.stands(Status.PROVISIONED, charges=1)
        assert purchase.settled_by == MORGAN


async def test_two_lost_answers_at_once_are_left_to_people(office: Office) -> None:
    async with office.open():
        office.sendblue.faults.queue(CONFIRM, Fault(cut="after"), times=2)
        await office.buy("buy first")
        first = await office.card("first")
        await office.buy("buy second")
        second = await office.card("second")
        await office.press(first, "Approve")
        await office.now_shows(first, "Not known")
        await office.press(second, "Approve")
        await office.now_shows(second, "Not known")
        office.later(minutes=1)
        await office.quiet()
        assert {p.status for p in await office.purchases()} == {Status.UNKNOWN}
        assert len(office.sendblue.ledger) == 2


# ── At the confirm: charged, and no line ─────────────────────────────────────────────────────────
async def charged(office: Office, *, as_200: bool = False) -> Message:
    office.sendblue.provisioning_fails = True
    office.sendblue.errors_as_200 = as_200
    card = await office.approved()
    shown = await office.now_shows(card, "Charged, but without a number")
    assert buttons(shown) == ["It became a number…", "Close with a note…"]
    await office.report(card, "Charged, but without a number")
    return shown


@pytest.mark.parametrize("as_200", [False, True], ids=["", "200"])
async def test_a_charge_without_a_line_stays_open_until_it_is_closed_with_a_note(
    office: Office, as_200: bool
) -> None:
    async with office.open():
        card = await charged(office, as_200=as_200)
        purchase = await office.stands(Status.CHARGED, charges=1)
        await office.buy("pending", NORA)
        await office.told(NORA, purchase.code)

        view = await form(office, card, "Close with a note…")
        await office.slack.submit(view, {"answer": "   "})
        assert "answer" in view.errors
        await office.slack.submit(view, {"answer": "refunded, ticket <42>"})
        final = await office.now_shows(card, "and closed")
        assert f"Closed by <@{MORGAN}>" in drawn(final)
        assert "refunded, ticket &lt;42&gt;" in drawn(final)
        assert buttons(final) == []
        await office.buy("pending", NORA)
        await office.told(NORA, "None is open")


async def test_a_charge_without_a_line_became_a_number_after_all(office: Office) -> None:
    async with office.open():
        card = await charged(office)
        view = await form(office, card, "It became a number…")
        await office.slack.submit(view, {"answer": "+1 415 200 7986"})
        await office.now_shows(card, "Bought: +1 415-200-7986")
        await office.stands(Status.PROVISIONED, charges=1)
