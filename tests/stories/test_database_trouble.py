"""The database fails while the bot runs: people are told, nothing is lost, and when the cause has
gone the bot goes on without a restart."""

import asyncio

import pytest

from bot.domain.purchase import Status
from bot.storage import SqlStore
from tests.stories.office import Office


def _pragma(office: Office, text: str) -> None:
    store = office.bot.ports.store
    assert isinstance(store, SqlStore)
    with store._reading.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA {text}")


@pytest.mark.parametrize(
    ("broken", "mended"),
    [
        ("query_only = ON", "query_only = OFF"),  # as when a disk has become read-only
        ("max_page_count = 1", "max_page_count = 1000000"),  # as when it is full
    ],
)
async def test_a_disk_that_takes_nothing_any_more_is_got_over(
    office: Office, broken: str, mended: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with office.open():
        await office.buy()
        card = await office.card()
        _pragma(office, broken)
        refused = 0
        for _ in range(5):  # a full disk has room on its last page
            answer = await office.buy("buy " + "x" * 480)
            said = str(answer.body)
            assert "Traceback" not in said
            refused += "incident" in said or not answer.ok
        assert refused
        await office.press(card, "Approve")
        await asyncio.sleep(0)
        _pragma(office, mended)
        assert (await office.press(card, "Approve")).ok
        await office.now_shows(card, "Bought:")
        bought = [p for p in await office.purchases() if p.status is Status.PROVISIONED]
        assert len(bought) == len(office.sendblue.ledger) == 1
        assert office.sendblue.confirms_received.total() == 1
        await office.verify()
    assert "lpv_" not in caplog.text
