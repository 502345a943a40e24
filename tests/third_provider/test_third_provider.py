"""A third provider through the real bot: signed HTTP, a real database, and a provider of which
nothing in Dialtone knows but its row in each of three tables."""

import logging

import pytest

from bot.doctor import examine
from bot.domain.purchase import Purchase, Status
from bot.sandbox.faults import Fault
from bot.sandbox.slack.people import MORGAN, NORA, PHONES, RILEY
from bot.sandbox.slack.workspace import Message
from bot.settings import load
from tests.stories.office import Office, buttons, drawn
from tests.third_provider.imaginary_simulator import ORDERS, QUOTES, ImaginarySimulator

ALONE = {"SENDBLUE_API_KEY_ID": "", "SENDBLUE_API_SECRET_KEY": ""}  # so /line is Imaginary's
FIRST, SHOWN = "+442079460101", "+44 20 7946 0101"


async def ends(
    office: Office, simulator: ImaginarySimulator, status: Status, charges: int
) -> Purchase:
    """The only purchase, once it stands there: one order at most, and all of it audited."""
    purchase = await office.reaches(status)
    assert simulator.orders_received.total() <= 1
    assert len(simulator.ledger) == charges
    await office.verify()
    return purchase


async def test_from_the_command_to_the_number(
    office: Office, imaginary: ImaginarySimulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with office.open(**ALONE):
        answer = await office.buy("buy a desk in London")
        assert "Asking Imaginary Telephone for a line" in answer.body["text"]
        card = await office.card()
        for shown in ("an Imaginary Telephone line", "7.50 GBP", f"<@{RILEY}>", "a desk in London"):
            assert shown in drawn(card)

        await office.press(card, "Approve")
        final = await office.now_shows(card, f"Bought: {SHOWN}")
        report = await office.report(card, SHOWN)

        assert buttons(final) == []
        for shown in (f"<@{RILEY}>", f"<@{MORGAN}>", "ord_1"):
            assert shown in drawn(report)
        purchase = await ends(office, imaginary, Status.PROVISIONED, charges=1)
        assert (purchase.number, purchase.provider_ids) == (FIRST, {"order": "ord_1"})
        assert purchase.preview_token is None
    [quote] = imaginary.orders_received
    assert quote not in caplog.text
    assert imaginary.api_token not in caplog.text


async def test_the_command_s_other_words_are_about_it_too(
    office: Office, imaginary: ImaginarySimulator
) -> None:
    async with office.open(**ALONE):
        await office.buy()
        await office.press(await office.card(), "Approve")
        await ends(office, imaginary, Status.PROVISIONED, charges=1)
        for text, shown in (
            ("list", "On the Imaginary Telephone account"),
            ("limits", "1 line for 7.50 GBP per month"),
            ("history", "an Imaginary Telephone line"),
            ("help", "Lines (Sendblue or Imaginary Telephone)"),
        ):
            await office.buy(text, NORA)
            await office.told(NORA, shown)


# ── Money in doubt ───────────────────────────────────────────────────────────────────────────────
async def approved(office: Office) -> Message:
    await office.buy()
    card = await office.card()
    await office.press(card, "Approve")
    return card


async def test_a_lost_answer_is_found_on_the_account_and_charged_once(
    office: Office, imaginary: ImaginarySimulator
) -> None:
    async with office.open(**ALONE):
        imaginary.faults.queue(ORDERS, Fault(cut="after"))
        card = await approved(office)
        asked = await office.now_shows(card, "Not known")
        assert "may have cost 7.50 GBP" in drawn(asked)
        office.later(seconds=2)
        await office.now_shows(card, f"Bought: {SHOWN}")
        await ends(office, imaginary, Status.PROVISIONED, charges=1)


async def test_an_order_that_got_lost_on_its_way_is_a_person_s_to_settle(
    office: Office, imaginary: ImaginarySimulator
) -> None:
    async with office.open(**ALONE):
        imaginary.faults.queue(ORDERS, Fault(cut="before"))
        card = await approved(office)
        await office.now_shows(card, "Not known")
        for _ in range(5):
            office.later(minutes=1)
            await office.quiet()
        asked = await office.now_shows(card, "Not known")  # absent proves nothing
        await office.press(asked, "Nothing was bought")
        await office.now_shows(card, "Not bought:")
        await ends(office, imaginary, Status.FAILED, charges=0)


async def test_a_bot_that_is_restarted_in_between_buys_once(
    office: Office, imaginary: ImaginarySimulator
) -> None:
    async with office.open(**ALONE):
        await office.buy()
        card = await office.card()
    async with office.open(**ALONE):
        imaginary.faults.queue(ORDERS, Fault(cut="after"))
        await office.press(card, "Approve")
        await office.now_shows(card, "Not known")
    office.clock.advance(seconds=2)
    async with office.open(**ALONE):
        await office.now_shows(card, f"Bought: {SHOWN}")
        await ends(office, imaginary, Status.PROVISIONED, charges=1)


# ── Nothing spent ────────────────────────────────────────────────────────────────────────────────
async def test_an_order_that_is_refused_has_failed_and_costs_nothing(
    office: Office, imaginary: ImaginarySimulator
) -> None:
    async with office.open(**ALONE):
        imaginary.has_funds = False
        card = await approved(office)
        final = await office.now_shows(card, "Not bought")
        assert "Nothing was bought" in drawn(final)
        assert "Nobody pays for this account." in drawn(final)  # its own words
        await ends(office, imaginary, Status.FAILED, charges=0)


async def test_a_quote_that_is_refused_never_becomes_a_card(
    office: Office, imaginary: ImaginarySimulator
) -> None:
    imaginary.stock.clear()
    async with office.open(**ALONE):
        await office.buy()
        await office.told(RILEY, "Imaginary Telephone has none to sell right now")
        await ends(office, imaginary, Status.REFUSED, charges=0)


async def test_a_quote_in_words_of_another_version_is_not_guessed_at(
    office: Office, imaginary: ImaginarySimulator
) -> None:
    body = {"quote": "imq_x", "monthly": "7.50 GBP", "good_until": "2100-01-01T00:00:00Z"}
    imaginary.faults.queue(QUOTES, Fault(status=201, body=body))
    async with office.open(**ALONE):
        await office.buy()
        await office.told(RILEY, "an answer to the preview that I do not understand")
        await ends(office, imaginary, Status.REFUSED, charges=0)


async def test_nobody_approves_a_quote_that_has_run_out(
    office: Office, imaginary: ImaginarySimulator
) -> None:
    async with office.open(**ALONE):
        await office.buy()
        card = await office.card()
        office.later(seconds=imaginary.quote_seconds)
        await office.now_shows(card, "xpired")
        await ends(office, imaginary, Status.EXPIRED, charges=0)
    assert imaginary.orders_received.total() == 0


# ── Beside the other two ─────────────────────────────────────────────────────────────────────────
async def test_beside_sendblue_the_form_buys_there(
    office: Office, imaginary: ImaginarySimulator
) -> None:
    async with office.open():
        await office.slack.shortcut("buy_line", user=RILEY, looking_at=PHONES)
        [form] = await office.until(lambda: office.slack.workspace.modals(RILEY) or None)
        filled = {
            "buy.provider": "Imaginary Telephone: a line",
            "buy.channel": PHONES,
            "buy.reason": "by form",
        }
        assert (await office.slack.submit(form, dict(filled))).ok
        card = await office.card("by form")
        assert "an Imaginary Telephone line" in drawn(card)
        await office.press(card, "Approve")
        await ends(office, imaginary, Status.PROVISIONED, charges=1)
        assert office.sendblue.ledger == []
        await office.buy("list", NORA)
        await office.told(NORA, "On the Sendblue account")


# ── The operator ─────────────────────────────────────────────────────────────────────────────────
async def diagnosis(office: Office, **changed: str) -> list[str]:
    settings = load({**office.settings, **changed}, env_file=None)
    return [str(finding).partition("  ")[2].strip() async for finding in examine(settings)]


async def test_doctor_tells_whether_it_is_set_up(
    office: Office, imaginary: ImaginarySimulator
) -> None:
    assert imaginary.api_token
    assert (
        "Imaginary Telephone: the credentials are accepted; on the account: 0"
        in await diagnosis(office)
    )
    assert (
        "Imaginary Telephone: the credentials are refused: copy IMAGINARY_API_TOKEN again"
        in await diagnosis(office, IMAGINARY_API_TOKEN="another")
    )
    assert (
        "Imaginary Telephone: not set up; IMAGINARY_API_TOKEN would turn it on"
        in await diagnosis(office, IMAGINARY_API_TOKEN="")
    )
