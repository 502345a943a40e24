"""Everything Sendblue can answer, or not answer: people are told what is true about the money.

What the account's state can bring about is brought about by it; faults are for what only broken
networks and servers say.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.domain.purchase import Status
from bot.sandbox.faults import Fault
from bot.sandbox.sendblue import LIMITS, LINES, LINES_STATE, PREVIEW, Sendblue
from bot.sandbox.slack.people import PHONES, RILEY
from tests.stories.garbled import GARBLED
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
# Sendblue's client is tested byte for byte elsewhere; here it is what people are told.
GARBLED_PREVIEWS = {
    name: GARBLED[name] for name in ("HTML", "empty", "truncated", "huge", "throttled")
}


# ── At the preview ───────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("spoil", "said", "as_200"),
    [(*each, False) for each in CODED + UNCODED] + [(*each, True) for each in CODED[:1]],
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
        await office.stands(Status.REFUSED)
        assert office.slack.workspace.messages(PHONES) == []


@pytest.mark.parametrize("fault", GARBLED_PREVIEWS.values(), ids=GARBLED_PREVIEWS)
async def test_a_preview_that_cannot_be_read_spends_nothing_and_says_so(
    office: Office, fault: Fault
) -> None:
    async with office.open():
        office.sendblue.faults.queue(PREVIEW, fault, times=3)
        await office.buy()
        await office.told(RILEY, NOTHING)
        await office.stands(Status.REFUSED)


async def test_a_preview_that_claims_to_have_charged_is_not_believed(office: Office) -> None:
    async with office.open():
        body = {"status": "ERROR", "error": "provisioning_failed", "message": "?"}
        office.sendblue.faults.queue(PREVIEW, Fault(status=500, body=body))
        await office.buy()
        await office.told(RILEY, "A preview spends nothing")
        await office.stands(Status.REFUSED)


async def test_a_preview_is_asked_for_again_when_the_connection_breaks(office: Office) -> None:
    async with office.open():
        office.sendblue.faults.queue(PREVIEW, Fault(cut="before"))
        await office.bought()
        await office.stands(Status.PROVISIONED, charges=1)


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
        await office.stands(Status.PROVISIONED, charges=1)


# ── At the confirm: refused ──────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("spoil", "said", "as_200"),
    [
        *((*each, False) for each in CODED + UNCODED + ONLY_AT_CONFIRM + ONLY_AT_CONFIRM_UNCODED),
        *((*each, True) for each in CODED[:1] + ONLY_AT_CONFIRM),
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
        assert (buttons(final), buttons(report)) == (["Request again"], [])
        await office.stands(Status.FAILED)
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
        await office.stands(Status.UNKNOWN)


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
        await office.stands(Status.FAILED)
        assert office.sendblue.confirms_received.total() == 0
