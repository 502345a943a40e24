"""At most so many confirms of a provider are out at once; nobody who waits is lost or overtaken."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from pathlib import Path

import pytest

from bot.domain.decision import Action
from bot.domain.errors import ProviderUnreachable
from bot.domain.preview import Preview
from bot.domain.purchase import Order, Purchase, Status
from bot.ports import Claimed
from bot.use_cases import slots
from bot.use_cases.slots import Slots
from tests.desk import MORGAN, RILEY, Desk, desk_at

AT_ONCE = 2


class Confirms:
    """Confirms that are sent and stay unanswered until they are let go, first come first served."""

    def __init__(self, desk: Desk) -> None:
        self.sent = 0
        self.out = 0
        self.most = 0
        self._answers: asyncio.Queue[None] = asyncio.Queue()
        desk.provider.on_confirm = self._wait

    async def _wait(self) -> None:
        self.sent += 1
        self.out += 1
        self.most = max(self.most, self.out)
        try:
            await self._answers.get()
        finally:
            self.out -= 1

    def answer(self, confirms: int = 1) -> None:
        for _ in range(confirms):
            self._answers.put_nowait(None)


@pytest.fixture
async def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    """Two confirms at once; those who wait look around often."""
    monkeypatch.setattr(slots, "LOOK_S", 0.01)
    async with desk_at(tmp_path) as made:
        made.loop._slots = Slots(AT_ONCE)
        yield made


@pytest.fixture
def confirms(desk: Desk) -> Confirms:
    return Confirms(desk)


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(10):
        while not await is_so():  # noqa: ASYNC110 - it is in the database
            await asyncio.sleep(0.005)


async def approved(desk: Desk, count: int, confirms: Confirms) -> list[Purchase]:
    """So many purchases, approved one after the other; as many as may are on their way."""
    bought = [await desk.buy() for _ in range(count)]
    await desk.quiet()
    for number, each in enumerate(bought):
        await desk.click(await desk.get(each))
        await in_order(desk, number + 1, confirms)
    return bought


async def in_order(desk: Desk, count: int, confirms: Confirms) -> None:
    async def is_so() -> bool:
        waiting = len(desk.loop._slots._waiting["sendblue"])
        return confirms.sent == min(count, AT_ONCE) and waiting == max(0, count - AT_ONCE)

    await until(is_so)


async def statuses(desk: Desk, bought: list[Purchase]) -> list[Status]:
    return [await desk.status(each) for each in bought]


CONFIRMING, APPROVED, DONE = Status.CONFIRMING, Status.APPROVED, Status.PROVISIONED


async def test_those_over_the_limit_stay_approved_and_follow_in_order(
    desk: Desk, confirms: Confirms
) -> None:
    bought = await approved(desk, 5, confirms)
    assert await statuses(desk, bought) == [CONFIRMING] * 2 + [APPROVED] * 3

    for sent in (3, 4, 5):
        confirms.answer()

        async def is_sent(wanted: int = sent) -> bool:
            return confirms.sent == wanted

        await until(is_sent)
        expected = [DONE] * (sent - 2) + [CONFIRMING] * 2 + [APPROVED] * (5 - sent)
        assert await statuses(desk, bought) == expected

    confirms.answer(2)
    await desk.quiet()
    assert await statuses(desk, bought) == [DONE] * 5
    assert (confirms.most, len(desk.provider.confirms)) == (AT_ONCE, 5)


async def test_a_place_is_free_again_however_a_confirm_ends(desk: Desk) -> None:
    for outcome in (ProviderUnreachable(provider="Sendblue"), RuntimeError("a bug"), None):
        desk.provider.confirm_answer = outcome
        bought = [await desk.pending() for _ in range(3)]
        for each in bought:
            await desk.click(each)
        await desk.quiet()
        assert APPROVED not in await statuses(desk, bought)
    assert len(desk.provider.confirms) == 9
    assert desk.loop._slots._taken["sendblue"] == 0


async def test_while_it_waits_a_purchase_can_be_cancelled(desk: Desk, confirms: Confirms) -> None:
    bought = await approved(desk, 3, confirms)
    await desk.click(await desk.get(bought[2]), Action.CANCEL, actor=RILEY)

    async def is_cancelled() -> bool:
        return await desk.status(bought[2]) is Status.CANCELLED

    await until(is_cancelled)
    confirms.answer(2)
    await desk.quiet()
    assert await statuses(desk, bought) == [DONE, DONE, Status.CANCELLED]
    assert len(desk.provider.confirms) == 2


async def test_a_purchase_whose_price_runs_out_while_it_waits_fails_unsent(
    desk: Desk, confirms: Confirms
) -> None:
    bought = await approved(desk, 3, confirms)
    desk.clock.advance(minutes=11)

    async def has_failed() -> bool:
        return await desk.status(bought[2]) is Status.FAILED

    await until(has_failed)
    failed = await desk.get(bought[2])
    assert failed.why is not None
    assert failed.why.name == "PreviewExpired"
    confirms.answer(2)
    await desk.quiet()
    assert len(desk.provider.confirms) == 2


async def test_a_bot_that_stops_leaves_those_who_wait_approved(
    desk: Desk, confirms: Confirms
) -> None:
    bought = await approved(desk, 3, confirms)
    stopping = asyncio.create_task(desk.loop.stop(20))
    await asyncio.sleep(0)
    confirms.answer(2)
    await stopping
    assert await statuses(desk, bought) == [DONE, DONE, APPROVED]
    assert len(desk.provider.confirms) == 2


async def test_where_too_many_wait_the_rest_comes_back_later(
    desk: Desk, confirms: Confirms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slots, "WAITING", 1)
    bought = await approved(desk, 3, confirms)
    late = await desk.buy()

    async def is_pending() -> bool:
        return await desk.status(late) is Status.PENDING

    await until(is_pending)
    put_off, is_put_off = desk.store.put_off, asyncio.Event()

    async def watched(claimed: Claimed, due_at: datetime | None) -> None:
        await put_off(claimed, due_at)
        if claimed.id == late.id:
            is_put_off.set()

    monkeypatch.setattr(desk.store, "put_off", watched)
    await desk.click(await desk.get(late))
    await asyncio.wait_for(is_put_off.wait(), 10)
    confirms.answer(3)
    await desk.quiet()
    assert await statuses(desk, [*bought, late]) == [DONE, DONE, DONE, APPROVED]

    desk.clock.advance(seconds=5)
    confirms.answer()
    await desk.quiet()
    assert await desk.status(late) is DONE


async def test_one_provider_does_not_wait_for_the_other(desk: Desk, confirms: Confirms) -> None:
    desk.providers["magpipe"] = desk.numbers
    lines = await approved(desk, 3, confirms)
    number = await desk.buy(number="+13036524418", reason="")

    async def is_pending() -> bool:
        return await desk.status(number) is Status.PENDING

    await until(is_pending)
    await desk.click(await desk.get(number), actor=MORGAN)

    async def is_bought() -> bool:
        return await desk.status(number) is DONE

    await until(is_bought)
    assert await statuses(desk, lines) == [CONFIRMING, CONFIRMING, APPROVED]
    confirms.answer(3)
    await desk.quiet()


async def test_previews_of_one_provider_do_not_wait_for_the_other_s(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slots, "PREVIEWS", 2)
    desk.providers["magpipe"] = desk.numbers
    preview, is_let_go, out = desk.provider.preview, asyncio.Event(), 0

    async def held(order: Order) -> Preview:
        nonlocal out
        out += 1
        await is_let_go.wait()
        return await preview(order)

    monkeypatch.setattr(desk.provider, "preview", held)
    lines = [await desk.buy() for _ in range(4)]
    number = await desk.buy(number="+13036524418", reason="")

    async def is_pending() -> bool:
        return await desk.status(number) is Status.PENDING

    await until(is_pending)
    assert out == 2
    assert await statuses(desk, lines) == [Status.REQUESTED] * 4
    is_let_go.set()
    await desk.quiet()
    assert await statuses(desk, lines) == [Status.PENDING] * 4


async def test_what_is_asked_for_a_confirm_s_sake_is_not_held_back(desk: Desk) -> None:
    bought = await desk.pending()
    assert desk.provider.insisted == 0
    await desk.click(bought)
    await desk.quiet()
    assert desk.provider.insisted == 1


async def test_whoever_gives_up_waiting_takes_no_place_with_them() -> None:
    places = Slots(1)
    assert await places.take("sendblue", lambda: True)
    gone = asyncio.create_task(places.take("sendblue", lambda: True))
    next_one = asyncio.create_task(places.take("sendblue", lambda: True))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.wait({gone})
    places.give_back("sendblue")
    assert await next_one


async def test_a_place_handed_to_somebody_who_is_just_stopped_goes_to_the_next() -> None:
    places = Slots(1)
    assert await places.take("sendblue", lambda: True)
    stopped = asyncio.create_task(places.take("sendblue", lambda: True))
    next_one = asyncio.create_task(places.take("sendblue", lambda: True))
    await asyncio.sleep(0)
    places.give_back("sendblue")
    stopped.cancel()
    assert await next_one
    assert stopped.cancelled()
    places.give_back("sendblue")
    assert await places.take("sendblue", lambda: False)
