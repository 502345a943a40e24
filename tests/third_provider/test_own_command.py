"""A third provider behind a command of its own, beside the other two."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.purchase import Status
from bot.sandbox.slack.people import NORA, PHONES, RILEY
from handlers import command_text, ids
from tests.stories.office import Office, drawn, office_at
from tests.third_provider.hiring import SELLER, hire
from tests.third_provider.imaginary import Imaginary
from tests.third_provider.imaginary_simulator import ImaginarySimulator

COMMAND = "/imaginary"
VERBS = {**command_text._VERBS, COMMAND: {"buy": command_text._buy, **command_text._EITHER}}


@pytest.fixture
async def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Office]:
    hire(monkeypatch, replace(SELLER, command=COMMAND))
    monkeypatch.setattr(Imaginary, "command", COMMAND)
    monkeypatch.setattr(ids, "COMMANDS", (*ids.COMMANDS, COMMAND))
    monkeypatch.setattr(command_text, "_VERBS", VERBS)
    async with office_at(tmp_path) as made:
        yield made


async def test_each_command_buys_from_its_own_provider(
    office: Office, imaginary: ImaginarySimulator
) -> None:
    async with office.open():
        await office.slack.command(COMMAND, "buy for London", user=RILEY, channel=PHONES)
        card = await office.card("for London")
        assert "7.50 GBP" in drawn(card)
        await office.press(card, "Approve")
        await office.now_shows(card, "Bought: +44 20 7946 0101")

        await office.buy("buy for Denver")
        other = await office.card("for Denver")
        await office.press(other, "Approve")
        await office.now_shows(other, "Bought: +1 415-200-7986")

        assert {each.status for each in await office.purchases()} == {Status.PROVISIONED}
        assert (len(imaginary.ledger), len(office.sendblue.ledger)) == (1, 1)


async def test_its_words_are_told_apart(office: Office, imaginary: ImaginarySimulator) -> None:
    assert imaginary.stock
    async with office.open():
        for text, shown in (
            ("list", "On the Imaginary Telephone account"),
            ("byu", "Did you mean `/imaginary buy`?"),
            ("search 604", "Did you mean `/number search"),
        ):
            await office.slack.command(COMMAND, text, user=NORA, channel=PHONES)
            await office.told(NORA, shown)
