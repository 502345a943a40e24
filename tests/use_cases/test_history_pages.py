"""What was asked for before, a page at a time."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.decision import Action
from bot.domain.purchase import Purchase, Status
from bot.use_cases.history import PAGE, History, history
from tests.desk import NORA, RILEY, Desk
from tests.fakes import START


async def shown(desk: Desk, **wanted: Any) -> History:
    asked: Mapping[str, Any] = wanted
    return await history(desk.ports, asked)


def ids(found: History) -> set[str]:
    return {each.id for each in found.purchases}


@pytest.fixture
async def past(desk: Desk) -> list[Purchase]:
    """One of Riley's, cancelled nine days ago, and one of Nora's, waiting."""
    old = await desk.pending()
    await desk.click(old, Action.CANCEL, actor=RILEY)
    await desk.quiet()
    desk.clock.advance(days=9)
    new = await desk.buy(requester=NORA)
    await desk.quiet()
    return [await desk.get(old), await desk.get(new)]


async def test_without_filters_everything_is_shown_newest_first(
    desk: Desk, past: list[Purchase]
) -> None:
    found = await shown(desk)

    assert [each.id for each in found.purchases] == [past[1].id, past[0].id]
    assert found == History(found.purchases, None)


@pytest.mark.parametrize(
    ("wanted", "which"),
    [
        ({"of": RILEY}, 0),
        ({"of": NORA}, 1),
        ({"status": "cancelled"}, 0),
        ({"status": "pending"}, 1),
        ({"since": "7d"}, 1),
        ({"since": "2026-05-19"}, 1),
        ({"of": RILEY, "status": "cancelled", "since": "10d", "page": 0}, 0),
    ],
)
async def test_each_filter_leaves_out_the_others(
    desk: Desk, past: list[Purchase], wanted: dict[str, Any], which: int
) -> None:
    found = await shown(desk, **wanted)

    assert ids(found) == {past[which].id}
    assert found.wanted == {key: value for key, value in wanted.items() if key != "page"}


async def test_since_is_said_as_an_instant(desk: Desk) -> None:
    assert (await shown(desk, since="7d")).since == START - timedelta(days=7)
    assert (await shown(desk, since="2026-05-18")).since == datetime(2026, 5, 18, tzinfo=UTC)


async def test_pages_follow_each_other_and_beyond_the_last_is_the_first(desk: Desk) -> None:
    await desk.loop.stop(0)
    for _ in range(PAGE + 1):
        await desk.buy()
        desk.clock.advance(seconds=1)

    first, second = await shown(desk), await shown(desk, page=1)
    beyond = await shown(desk, page=7, status=Status.REQUESTED.value)

    assert (len(first.purchases), first.has_more, first.page) == (PAGE, True, 0)
    assert (len(second.purchases), second.has_more, second.page) == (1, False, 1)
    assert not ids(first) & ids(second)
    assert (ids(beyond), beyond.page) == (ids(first), 0)
