"""Crashes, stalls and stops: every purchase found in flight moves on, and nothing is sent twice."""

import asyncio
from pathlib import Path

import pytest

from bot.domain.purchase import Status
from bot.ports import Claimed, Move, Queue, StoreUnavailable
from bot.use_cases import moves
from bot.use_cases.advance import advance
from tests.desk import PHONES, Desk, desk_at
from tests.queues import claim_due


class Confirm:
    """A confirm that is sent and stays unanswered until it is let go."""

    def __init__(self, desk: Desk) -> None:
        self.sent = asyncio.Event()
        self.answer = asyncio.Event()
        desk.provider.on_confirm = self._wait

    async def _wait(self) -> None:
        self.sent.set()
        await self.answer.wait()

    async def under_way(self) -> None:
        await asyncio.wait_for(self.sent.wait(), 5)


@pytest.mark.parametrize("until", ["requested", "pending", "approved"])
async def test_whatever_is_written_down_is_carried_on_after_a_restart(
    tmp_path: Path, until: str
) -> None:
    async with desk_at(tmp_path) as before:
        if until == "requested":
            await before.loop.stop(0)  # it was down when the command was written
            bought = await before.buy()
        else:
            bought = await before.pending()
        if until == "approved":
            await before.loop.stop(0)
            await before.click(bought)
    async with desk_at(tmp_path) as after:
        await after.quiet()
        if until != "approved":
            bought = await after.get(bought)
            assert bought.status is Status.PENDING
            await after.click(bought)
            await after.quiet()
        assert await after.status(bought) is Status.PROVISIONED
        assert len(after.provider.confirms) == 1


async def test_found_in_confirming_after_a_crash_is_unknown_and_never_sent_again(
    tmp_path: Path,
) -> None:
    async with desk_at(tmp_path) as before:
        bought = await before.pending()
        crashed = await before.store.move(
            Move(
                purchase=bought,
                target=Status.APPROVED,
                entry=moves.entry("approve", before.clock.now()),
            )
        )
        assert crashed is not None
        await before.store.move(
            Move(
                purchase=crashed,
                target=Status.CONFIRMING,
                entry=moves.entry("confirm", before.clock.now()),
                changes={"sent_at": before.clock.now()},
                due_at=before.clock.now(),
            )
        )
    async with desk_at(tmp_path) as after:
        await after.quiet()
        assert await after.status(bought) is Status.UNKNOWN
        assert after.provider.confirms == []
        assert after.reports == [(PHONES, Status.UNKNOWN)]


async def test_stopping_waits_for_an_answer_that_comes_in_time(desk: Desk) -> None:
    confirm = Confirm(desk)
    bought = await desk.pending()
    await desk.click(bought)
    await confirm.under_way()
    stopping = asyncio.create_task(desk.loop.stop(20))
    await asyncio.sleep(0)
    confirm.answer.set()
    await stopping
    assert await desk.status(bought) is Status.PROVISIONED
    assert desk.reports == [(PHONES, Status.PROVISIONED)]


async def test_stopping_leaves_an_answer_that_does_not_come_as_unknown(desk: Desk) -> None:
    confirm = Confirm(desk)
    bought = await desk.pending()
    await desk.click(bought)
    await confirm.under_way()
    await desk.loop.stop(0.01)
    assert await desk.status(bought) is Status.UNKNOWN
    assert desk.messenger.cards[-1][2].status is Status.UNKNOWN


async def test_a_stopping_bot_writes_down_and_sends_no_new_confirm(tmp_path: Path) -> None:
    async with desk_at(tmp_path) as before:
        confirm = Confirm(before)
        first, second = await before.pending(), await before.pending()
        await before.click(first)
        await confirm.under_way()
        stopping = asyncio.create_task(before.loop.stop(20))
        await asyncio.sleep(0)
        await before.click(second)
        third = await before.buy()
        confirm.answer.set()
        await stopping
        assert len(before.provider.confirms) == 1
        assert await before.status(first) is Status.PROVISIONED
        assert await before.status(third) is Status.REQUESTED
    async with desk_at(tmp_path) as after:
        await after.quiet()
        assert await after.status(second) is Status.PROVISIONED
        assert await after.status(third) is Status.PENDING
        assert len(after.provider.confirms) == 1


async def claim(desk: Desk) -> Claimed:
    """What a replica that is about to stall has in hand."""
    from bot.use_cases.loop import LEASE  # noqa: PLC0415 used here alone

    [claimed] = await claim_due(
        desk.store, Queue.PURCHASES, 10, now=desk.clock.now(), lasting=LEASE
    )
    return claimed


async def approved_and_claimed(desk: Desk) -> Claimed:
    bought = await desk.pending()
    await desk.loop.stop(0)
    moved = await desk.store.move(
        Move(
            purchase=bought,
            target=Status.APPROVED,
            entry=moves.entry("approve", desk.clock.now()),
            due_at=desk.clock.now(),
        )
    )
    assert moved is not None
    return await claim(desk)


async def test_a_stalled_replica_that_wakes_up_after_its_lease_was_taken_sends_nothing(
    desk: Desk,
) -> None:
    stale = await approved_and_claimed(desk)
    desk.clock.advance(seconds=11)
    taken = await claim(desk)
    await advance(desk.ports, stale, lambda: True)
    assert desk.provider.confirms == []
    await advance(desk.ports, taken, lambda: True)
    assert len(desk.provider.confirms) == 1


async def test_a_lease_that_ran_out_during_the_look_at_the_account_sends_nothing(
    desk: Desk,
) -> None:
    claimed = await approved_and_claimed(desk)
    desk.provider.on_holdings = lambda: desk.clock.advance(seconds=11)
    await advance(desk.ports, claimed, lambda: True)
    assert desk.provider.confirms == []


async def test_a_deadline_that_passed_during_the_look_at_the_account_sends_nothing(
    desk: Desk,
) -> None:
    claimed = await approved_and_claimed(desk)
    desk.clock.advance(minutes=9, seconds=55)
    await desk.store.renew(
        [claimed.lease], now=desk.clock.now(), until=desk.clock.now()
    )  # too late already: nothing is prolonged
    fresh = await claim(desk)
    desk.provider.on_holdings = lambda: desk.clock.advance(seconds=6)
    await advance(desk.ports, fresh, lambda: True)
    assert desk.provider.confirms == []
    await advance(desk.ports, await claim(desk), lambda: True)
    [bought] = await desk.all()
    assert bought.status is Status.FAILED


async def test_told_to_stop_between_the_look_and_the_confirm_sends_nothing(desk: Desk) -> None:
    claimed = await approved_and_claimed(desk)
    await advance(desk.ports, claimed, lambda: False)
    [bought] = await desk.all()
    assert (bought.status, desk.provider.confirms) == (Status.APPROVED, [])


async def test_held_up_between_the_commit_and_the_request_sends_nothing(desk: Desk) -> None:
    claimed = await approved_and_claimed(desk)
    store_move = desk.store.move

    async def slow_commit(move: Move) -> object:
        moved = await store_move(move)
        if move.target is Status.CONFIRMING:
            desk.clock.advance(seconds=21)
        return moved

    desk.store.move = slow_commit  # type: ignore[method-assign,assignment] # a slow disk
    await advance(desk.ports, claimed, lambda: True)
    [bought] = await desk.all()
    assert bought.why is not None
    assert (bought.status, bought.why.name) == (Status.FAILED, "NotSent")
    assert desk.provider.confirms == []


async def test_an_answer_is_kept_until_the_database_is_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_move = desk.store.move
    away = [StoreUnavailable("disk full")]

    async def flaky(move: Move) -> object:
        if move.entry.action == "answer" and away:
            raise away.pop()
        return await store_move(move)

    monkeypatch.setattr(desk.store, "move", flaky)
    bought = await desk.pending()
    await desk.click(bought)
    await desk.quiet()
    assert await desk.status(bought) is Status.PROVISIONED
    assert len(desk.provider.confirms) == 1


async def test_an_answer_in_hand_is_written_down_even_when_the_grace_ends_meanwhile(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_move, writing = desk.store.move, asyncio.Event()

    async def slow(move: Move) -> object:
        if move.entry.action == "answer":
            writing.set()
            await asyncio.sleep(0.1)
        return await store_move(move)

    monkeypatch.setattr(desk.store, "move", slow)
    bought = await desk.pending()
    await desk.click(bought)
    await asyncio.wait_for(writing.wait(), 5)
    await desk.loop.stop(0)
    assert await desk.status(bought) is Status.PROVISIONED


async def test_a_bug_in_writing_an_answer_down_leaves_the_question_to_people(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_move = desk.store.move

    async def broken(move: Move) -> object:
        if move.target is Status.PROVISIONED:
            raise ValueError
        return await store_move(move)

    monkeypatch.setattr(desk.store, "move", broken)
    bought = await desk.pending()
    await desk.click(bought)
    await desk.quiet()
    desk.clock.advance(seconds=10)
    await desk.quiet()
    assert await desk.status(bought) is Status.UNKNOWN
    assert len(desk.provider.confirms) == 1


async def test_a_bug_in_a_step_costs_a_pause_and_nothing_else(desk: Desk) -> None:
    desk.provider.preview_answer = RuntimeError("a bug")
    bought = await desk.pending()
    assert bought.status is Status.REQUESTED
    desk.provider.preview_answer = None
    desk.clock.advance(seconds=10)
    await desk.quiet()
    assert await desk.status(bought) is Status.PENDING
