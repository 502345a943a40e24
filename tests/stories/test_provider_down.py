"""Sendblue does not answer any more: said at once to whoever asks, and no obstacle to a purchase
that is approved already."""

import asyncio

from bot.domain.purchase import Status
from bot.providers.sendblue import Sendblue
from bot.sandbox.sendblue import PREVIEW
from bot.sandbox.slack.people import RILEY
from tests.stories.office import Office, drawn


def hold_to_be_down(office: Office) -> None:
    """As after some seconds of calls without an answer, which a test need not wait for."""
    sendblue = office.bot.ports.providers["sendblue"]
    assert isinstance(sendblue, Sendblue)
    now = asyncio.get_running_loop().time()
    for ago in (9, 6, 3, 0):
        sendblue._client._breaker.failed(now - ago)
    office.sendblue.requests.clear()


async def test_a_request_is_refused_at_once_and_the_provider_not_asked(office: Office) -> None:
    async with office.open():
        hold_to_be_down(office)
        await office.buy()
        told = await office.told(RILEY, "did not answer my last calls")
        assert "Nothing was bought" in drawn(told)
        await office.stands(Status.REFUSED)
        assert office.sendblue.requests == []


async def test_what_is_approved_is_bought_all_the_same_and_ends_it(office: Office) -> None:
    async with office.open():
        await office.buy()
        card = await office.card()
        hold_to_be_down(office)
        await office.press(card, "Approve")
        await office.stands(Status.PROVISIONED, charges=1)
        await office.buy("buy for Boston")
        await office.card("for Boston")
        assert PREVIEW in [request.path for request in office.sendblue.requests]
