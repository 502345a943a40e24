"""Where more waits than is read at once, what cards and alerts say is true all the same."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.limits import Reading
from bot.domain.purchase import Purchase
from bot.ports import MOST_WAITING, LimitReading, LimitRules
from tests.desk import Desk, desk_at

MANY = MOST_WAITING + 20


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_at(tmp_path, limits=LimitRules(channel_id="CALERTS")) as made:
        yield made


def leaves(desk: Desk, left: int) -> None:
    """Of a thousand a day."""
    desk.provider.reading = LimitReading(Reading(limit=1000, used=1000 - left), Reading(limit=9999))


async def waiting(desk: Desk) -> list[Purchase]:
    """Many that have their cards, oldest first; the first and the last for the same reason."""
    made = []
    for number in range(MANY):
        reason = "the fair" if number in {0, MANY - 1} else f"desk {number}"
        made.append(await desk.buy(requester=f"U{number}", reason=reason))
        desk.clock.advance(milliseconds=10)
        if number % 50 == 49 or number == MANY - 2:
            await desk.quiet()
    return [await desk.get(each) for each in made]


async def check(desk: Desk) -> list[Purchase]:
    """What waits after a look at the limits."""
    await desk.store.keep_checks(desk.providers, at=desk.clock.now())
    await desk.quiet()
    first = await desk.store.waiting("sendblue")
    return first + await desk.store.waiting("sendblue", first[-1])


async def test_all_are_counted_and_who_will_not_fit_is_named(desk: Desk) -> None:
    leaves(desk, 110)
    made = await waiting(desk)
    assert made[-1].details["waiting"] == MANY - 1
    assert made[-1].details["alike"] == [made[0].code]
    found = await check(desk)
    [(_, alert)] = desk.messenger.alerts
    assert alert.facts["unfit"] == [each.code for each in made[110:]]
    assert {each.details["waiting"] for each in found} == {MANY - 1}
    assert [each.details["alike"] for each in found if each.details["alike"]] == [
        [made[-1].code],
        [made[0].code],
    ]

    leaves(desk, 109)  # a warning's figures are true on every card
    assert {each.limits and each.limits.day.left for each in await check(desk)} == {109}

    leaves(desk, 900)  # and so is that there is none any more
    assert {each.limits and each.limits.day.left for each in await check(desk)} == {900}


async def test_where_all_will_fit_figures_change_on_those_that_are_next(desk: Desk) -> None:
    leaves(desk, 900)
    made = await waiting(desk)
    before = await check(desk)
    assert await check(desk) == before  # nothing new, nothing drawn
    leaves(desk, 899)
    after = await check(desk)
    left = [each.limits and each.limits.day.left for each in after]
    assert left == [899] * MOST_WAITING + [900] * (MANY - MOST_WAITING)

    assert [each.id for each in after] == [each.id for each in made]
