"""Everything Sendblue can answer, or not answer: people are told what is true about the money.

What the account's state can bring about is brought about by it; faults are for what only broken
networks and servers say.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.domain.purchase import Purchase, Status
from bot.sandbox.faults import Fault
from bot.sandbox.sendblue import CONFIRM, LIMITS, LINES, LINES_STATE, PREVIEW, Sendblue
from bot.sandbox.slack.people import MORGAN, NORA, PHONES, RILEY
from bot.sandbox.slack.workspace import Message, View
from tests.stories.office import Office, buttons, drawn

Spoil = Callable[[Sendblue], None]
NOTHING = "othing was bought"


def no_card(account: Sendblue) -> None:
    account.card_on_file = False


def other_plan(account: Sendblue) -> None:
    account.plan = "basic"


def other_keys(account: Sendblue) -> None:
    account.api_secret_key = "rotated"


def no_more_today(account: Sendblue) -> None:
    account.daily_limit = 0


def no_more_this_month(account: Sendblue) -> None:
    account.monthly_limit = 0


def sold_out(account: Sendblue) -> None:
    account.stock = []


def other_account(account: Sendblue) -> None:
    account.account_id = "somebody else's"


def clock_ahead(account: Sendblue) -> None:
    ours = account.now
    account.now = lambda: ours() + timedelta(minutes=11)


CODED: list[tuple[Spoil, str]] = [
    (no_card, "no card on file"),
    (no_more_today, "limit of lines per 24 hours"),
    (no_more_this_month, "limit of lines per 30 days"),
    (sold_out, "none to sell"),
]
# Recognised by their words alone, which count for nothing beside a status of 200.
UNCODED: list[tuple[Spoil, str]] = [
    (other_plan, "may not buy lines this way"),
    (other_keys, "API keys"),
]
ONLY_AT_CONFIRM: list[tuple[Spoil, str]] = [(clock_ahead, "expired before the purchase reached")]
ONLY_AT_CONFIRM_UNCODED: list[tuple[Spoil, str]] = [(other_account, "belongs to another account")]
HTML = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
# No answer that could be read; none of them says whether the work was done.
GARBLED = {
    "HTML": Fault(status=502, body=HTML, content_type="text/html"),
    "HTML and 200": Fault(status=200, body=HTML, content_type="text/html"),
    "empty": Fault(status=200, body=b""),
    "truncated": Fault(body=b'{"status": "OK", "phone_nu', announced_length=400),
    "huge": Fault(body=b'{"status": "OK", "x": "' + b"x" * 3_000_000 + b'"}'),
    "wrongly typed": Fault(body={"status": "OK", "phone_number": 14152007986, "worker_id": []}),
    "uncoded 500": Fault(status=500, body={"status": "ERROR", "message": "Internal"}),
    "throttled": Fault(status=429, body={"message": "Too many requests"}),
    "redirect": Fault(status=302, headers={"Location": "/elsewhere"}),
    "cut": Fault(cut="before"),
}
# Sendblue's client is tested byte for byte elsewhere; here it is what people are told.
GARBLED_PREVIEWS = {
    name: GARBLED[name] for name in ("HTML", "empty", "truncated", "huge", "throttled")
}


async def approved(office: Office) -> Message:
    """A card, just approved by Morgan."""
    await office.buy()
    card = await office.card()
    assert (await office.press(card, "Approve")).ok
    return card


async def is_at_rest(office: Office, status: Status, *, charges: int) -> Purchase:
    """How it stands, with one confirm at most."""
    purchase = await office.reaches(status)
    assert max(office.sendblue.confirms_received.values(), default=0) <= 1
    assert len(office.sendblue.ledger) == charges
    await office.verify()
    return purchase


# ── At the preview ───────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("spoil", "said", "as_200"),
    [(*each, False) for each in CODED + UNCODED] + [(*each, True) for each in CODED],
)
async def test_a_refused_preview_is_told_to_the_requester_alone(
    office: Office, spoil: Spoil, said: str, as_200: bool
) -> None:
    async with office.open():
        spoil(office.sendblue)
        office.sendblue.errors_as_200 = as_200
        await office.buy()
        told = await office.told(RILEY, said)
        assert NOTHING in drawn(told)
        await is_at_rest(office, Status.REFUSED, charges=0)
        assert office.slack.workspace.messages(PHONES) == []


@pytest.mark.parametrize("fault", GARBLED_PREVIEWS.values(), ids=GARBLED_PREVIEWS)
async def test_a_preview_that_cannot_be_read_spends_nothing_and_says_so(
    office: Office, fault: Fault
) -> None:
    async with office.open():
        office.sendblue.faults.queue(PREVIEW, fault, times=3)
        await office.buy()
        await office.told(RILEY, NOTHING)
        await is_at_rest(office, Status.REFUSED, charges=0)


async def test_a_preview_that_claims_to_have_charged_is_not_believed(office: Office) -> None:
    async with office.open():
        body = {"status": "ERROR", "error": "provisioning_failed", "message": "?"}
        office.sendblue.faults.queue(PREVIEW, Fault(status=500, body=body))
        await office.buy()
        await office.told(RILEY, "A preview spends nothing")
        await is_at_rest(office, Status.REFUSED, charges=0)


async def test_a_preview_is_asked_for_again_when_the_connection_breaks(office: Office) -> None:
    async with office.open():
        office.sendblue.faults.queue(PREVIEW, Fault(cut="before"))
        await office.bought()
        await is_at_rest(office, Status.PROVISIONED, charges=1)


async def test_a_provider_that_is_down_is_said_to_be_unreachable(office: Office) -> None:
    async with office.open():
        await office.provider_goes()
        await office.buy()
        assert NOTHING in drawn(await office.told(RILEY, "could not reach Sendblue"))
        await office.provider_comes_back()
        await office.buy()
        await office.card()


async def test_limits_and_lines_that_cannot_be_had_stop_no_purchase(office: Office) -> None:
    async with office.open():
        for endpoint in (LIMITS, LINES_STATE, LINES):
            office.sendblue.faults.queue(endpoint, GARBLED["HTML"], times=9)
        await office.bought()
        await is_at_rest(office, Status.PROVISIONED, charges=1)


# ── At the confirm: refused ──────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("spoil", "said", "as_200"),
    [
        *((*each, False) for each in CODED + UNCODED + ONLY_AT_CONFIRM + ONLY_AT_CONFIRM_UNCODED),
        *((*each, True) for each in CODED + ONLY_AT_CONFIRM),
    ],
)
async def test_a_refused_confirm_is_told_to_the_channel(
    office: Office, spoil: Spoil, said: str, as_200: bool
) -> None:
    async with office.open():
        await office.buy()
        card = await office.card()
        spoil(office.sendblue)
        office.sendblue.errors_as_200 = as_200
        await office.press(card, "Approve")
        final = await office.now_shows(card, said)
        report = await office.report(card, said)
        for shown in (final, report):
            assert "Not bought:" in drawn(shown)
            assert NOTHING in drawn(shown)
            assert buttons(shown) == []
        await is_at_rest(office, Status.FAILED, charges=0)
        assert office.sendblue.confirms_received.total() == 1


@pytest.mark.parametrize(("spoil", "said"), UNCODED + ONLY_AT_CONFIRM_UNCODED)
async def test_a_confirm_refused_in_words_only_and_with_200_is_asked_about(
    office: Office, spoil: Spoil, said: str
) -> None:
    del said
    async with office.open():
        await office.buy()
        card = await office.card()
        spoil(office.sendblue)
        office.sendblue.errors_as_200 = True
        await office.press(card, "Approve")
        await office.now_shows(card, "Not known")
        await is_at_rest(office, Status.UNKNOWN, charges=0)


async def test_a_confirm_that_was_never_sent_failed_and_nothing_was_bought(office: Office) -> None:
    async with office.open():
        await office.buy()
        card = await office.card()
        await office.provider_goes()
        await office.press(card, "Approve")
        final = await office.now_shows(card, "could not reach Sendblue")
        assert "Not bought:" in drawn(final)
        assert NOTHING in drawn(final)
        await office.provider_comes_back()
        await is_at_rest(office, Status.FAILED, charges=0)
        assert office.sendblue.confirms_received.total() == 0


# ── At the confirm: nobody knows ─────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("fault", GARBLED.values(), ids=GARBLED)
async def test_a_confirm_without_a_readable_answer_is_asked_about_at_once(
    office: Office, fault: Fault
) -> None:
    async with office.open():
        office.sendblue.faults.queue(CONFIRM, fault)
        card = await approved(office)
        asked = await office.now_shows(card, "Not known")
        assert buttons(asked) == ["It was bought…", "Nothing was bought"]
        assert "may have cost $100.00" in drawn(asked)
        await office.report(card, "Not known")
        await is_at_rest(office, Status.UNKNOWN, charges=0)
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
        card = await approved(office)
        await office.now_shows(card, "Not known")
        office.later(seconds=2)
        final = await office.now_shows(card, "Bought: +1 415-200-7986")
        assert buttons(final) == []
        await office.report(card, "Bought: +1 415-200-7986")
        purchase = await is_at_rest(office, Status.PROVISIONED, charges=1)
        assert purchase.provider_ids["worker_id"] == office.sendblue.ledger[0].worker_id


async def test_an_account_without_line_states_is_looked_through_by_numbers(office: Office) -> None:
    office.sendblue.lines_state_status = 404
    async with office.open():
        office.sendblue.faults.queue(CONFIRM, Fault(cut="after"))
        card = await approved(office)
        await office.now_shows(card, "Not known")
        office.later(seconds=2)
        await office.now_shows(card, "Bought: +1 415-200-7986")


async def in_doubt(office: Office, fault: Fault) -> Message:
    """A card with its question, which no look-up answers."""
    office.sendblue.faults.queue(LINES_STATE, GARBLED["HTML"], times=3)  # no list from before
    office.sendblue.faults.queue(CONFIRM, fault)
    card = await approved(office)
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
        assert buttons(final) == []
        await office.report(card, "Not bought:")
        purchase = await is_at_rest(office, Status.FAILED, charges=0)
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
        purchase = await is_at_rest(office, Status.PROVISIONED, charges=1)
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
    card = await approved(office)
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
        purchase = await is_at_rest(office, Status.CHARGED, charges=1)
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
        await is_at_rest(office, Status.PROVISIONED, charges=1)
