"""What hardly ever happens: a clock put back, credentials taken away, a step that outlives its
lease, a database that is away for a moment, rows that are gone."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.approval import Roster, Rules
from bot.domain.decision import Action
from bot.domain.errors import NoneAvailable
from bot.domain.purchase import Purchase, Receipt, Status
from bot.ports import Claimed, Lease, Move, Queue, TryLater
from bot.use_cases import loop, moves
from bot.use_cases.advance import advance
from bot.use_cases.answers import Ask, OpenPurchases, ask
from bot.use_cases.decide import judge_decision
from bot.use_cases.deliver import deliver_card, deliver_message
from bot.use_cases.reconcile import settle
from tests.desk import MAX, MORGAN, NORA, PHONES, Desk, desk_at
from tests.fakes import START
from tests.queues import claim_due, next_due


async def claim(desk: Desk, queue: Queue = Queue.PURCHASES) -> Claimed:
    [claimed] = await claim_due(desk.store, queue, 10, now=desk.clock.now(), lasting=loop.LEASE)
    return claimed


async def move(desk: Desk, purchase: Purchase, target: Status) -> Purchase:
    """A move that another process makes."""
    now = desk.clock.now()
    moved = await desk.store.move(
        Move(purchase=purchase, target=target, entry=moves.entry("x", now), due_at=now)
    )
    assert moved is not None
    return moved


def failing_once(method: Callable[..., Any]) -> Callable[..., Any]:
    """The method of a database that is away for the first call."""
    errors = [OSError("away")]

    async def call(*args: Any, **more: Any) -> Any:
        if errors:
            raise errors.pop()
        return await method(*args, **more)

    return call


class HeldConfirm:
    """A confirm that is sent, and answered when the test says so."""

    def __init__(self, desk: Desk) -> None:
        self.sent, self.answer = asyncio.Event(), asyncio.Event()
        desk.provider.on_confirm = self._wait

    async def _wait(self) -> None:
        self.sent.set()
        await self.answer.wait()


async def turned(desk: Desk) -> None:
    """Let the loop look for work at the present instant, whatever is still running. The first of
    the two turns may have begun before."""
    async with asyncio.timeout(10):
        for _ in range(2):
            desk.loop.turned_s = 0.0
            desk.loop.wake()
            while not desk.loop.turned_s:  # noqa: ASYNC110 nothing tells us
                await asyncio.sleep(0.001)


async def test_a_request_that_was_found_after_half_an_hour_is_refused(desk: Desk) -> None:
    await desk.loop.stop(0)
    bought = await desk.buy()
    desk.clock.advance(minutes=30)
    await advance(desk.ports, await claim(desk), lambda: True)
    refused = await desk.get(bought)
    assert refused.why is not None
    assert (refused.status, refused.why.name) == (Status.REFUSED, "TookTooLong")


async def test_a_clock_that_was_put_back_expires_nothing_early(desk: Desk) -> None:
    bought = await desk.pending()
    await desk.loop.stop(0)
    desk.clock.advance(minutes=10)
    due = await claim(desk)
    desk.clock.advance(minutes=-9)
    await advance(desk.ports, due, lambda: True)
    assert await desk.status(bought) is Status.PENDING
    assert bought.expires_at is not None
    next_at = await next_due(desk.store, [Queue.PURCHASES])
    assert next_at == bought.expires_at - timedelta(minutes=5)  # a reminder, which is told then


async def test_credentials_taken_away_before_the_preview_refuse_the_request(desk: Desk) -> None:
    await desk.loop.stop(0)
    bought = await desk.buy()
    await advance(replace(desk.ports, providers={}), await claim(desk), lambda: True)
    refused = await desk.get(bought)
    assert refused.why is not None
    assert (refused.status, refused.why.name) == (Status.REFUSED, "NotSetUp")


async def test_credentials_taken_away_after_the_approval_are_waited_for(desk: Desk) -> None:
    bought = await desk.pending()
    await desk.loop.stop(0)
    await move(desk, bought, Status.APPROVED)
    await advance(replace(desk.ports, providers={}), await claim(desk), lambda: True)
    assert await desk.status(bought) is Status.APPROVED
    desk.clock.advance(seconds=1)
    await advance(desk.ports, await claim(desk), lambda: True)
    assert await desk.status(bought) is Status.PROVISIONED


async def test_a_purchase_that_is_over_takes_no_further_step(desk: Desk) -> None:
    bought = await desk.pending()
    await desk.loop.stop(0)
    await move(desk, bought, Status.CANCELLED)
    await advance(desk.ports, await claim(desk), lambda: True)
    assert await desk.status(bought) is Status.CANCELLED
    desk.clock.advance(days=1)
    assert (
        await claim_due(desk.store, Queue.PURCHASES, 1, now=desk.clock.now(), lasting=loop.LEASE)
        == []
    )


@pytest.mark.parametrize(
    ("actor", "status"), [(MORGAN, Status.PROVISIONED), (NORA, Status.PENDING)]
)
async def test_every_group_of_approvers_is_looked_at(
    tmp_path: Path, actor: str, status: Status
) -> None:
    rules = Rules(approvers=Roster(groups=frozenset({"SA", "SB"})))
    async with desk_at(tmp_path, rules) as desk:
        desk.directory.groups = {"SA": frozenset({MAX}), "SB": frozenset({MORGAN})}
        bought = await desk.pending()
        await desk.click(bought, actor=actor)
        await desk.quiet()
        assert await desk.status(bought) is status


async def test_a_provider_without_limits_has_none_on_its_card(desk: Desk) -> None:
    desk.provider.default_limits = None
    assert (await desk.pending()).limits is None


async def test_a_click_that_another_replica_has_judged_is_not_judged_again(desk: Desk) -> None:
    bought = await desk.pending()
    await desk.loop.stop(0)
    await desk.click(bought, Action.CANCEL)
    stale = await claim(desk, Queue.DECISIONS)
    desk.clock.advance(seconds=11)
    await judge_decision(desk.ports, await claim(desk, Queue.DECISIONS))
    await judge_decision(desk.ports, stale)
    assert [row.action for row in await desk.audit(bought)].count("cancel") == 1
    assert desk.replies == []


async def test_a_card_that_another_replica_has_drawn_is_not_drawn_again(desk: Desk) -> None:
    bought = await desk.pending()
    await desk.loop.stop(0)
    await move(desk, bought, Status.CANCELLED)
    stale = await claim(desk, Queue.CARDS)
    desk.clock.advance(seconds=11)
    await deliver_card(desk.ports, await claim(desk, Queue.CARDS))
    drawn = list(desk.messenger.cards)
    await deliver_card(desk.ports, stale)
    assert desk.messenger.cards == drawn
    assert drawn[-1][2].status is Status.CANCELLED


async def test_a_claim_on_what_does_not_exist_is_a_bug_that_is_raised(desk: Desk) -> None:
    lease = Lease("token", START + timedelta(seconds=10))
    with pytest.raises(LookupError, match="nobody"):
        await advance(desk.ports, Claimed(Queue.PURCHASES, "nobody", lease, 0), lambda: True)
    with pytest.raises(LookupError, match="nobody"):
        await deliver_message(desk.ports, Claimed(Queue.OWED, "nobody", lease, 0))


async def test_a_copy_that_was_merged_with_another_is_passed_over(desk: Desk) -> None:
    lease = Lease("token", START + timedelta(seconds=10))
    await deliver_card(desk.ports, Claimed(Queue.CARDS, "merged", lease, 0))
    assert desk.messenger.cards == []


@pytest.mark.parametrize("outcome", [Receipt(number="+14155550002"), NoneAvailable()])
async def test_an_answer_for_a_purchase_that_is_gone_ends_quietly(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, outcome: Receipt | NoneAvailable
) -> None:
    bought = await desk.pending()
    await move(desk, bought, Status.APPROVED)
    confirming = replace(bought, status=Status.CONFIRMING)  # which it is not, so nothing moves

    async def gone(_purchase_id: str) -> None:
        return None

    monkeypatch.setattr(desk.store, "purchase", gone)
    await settle(desk.ports, confirming, outcome)
    monkeypatch.undo()
    assert (await desk.get(bought)).number is None


async def test_a_database_that_is_away_is_waited_for(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "STORE_AWAY_S", 0)
    monkeypatch.setattr(desk.store, "take", failing_once(desk.store.take))
    assert (await desk.pending()).status is Status.PENDING


async def test_a_bug_while_the_database_is_away_leaves_the_step_to_the_end_of_its_lease(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.provider.preview_answer = RuntimeError("a bug")
    monkeypatch.setattr(desk.store, "put_off", failing_once(desk.store.put_off))
    bought = await desk.pending()
    assert bought.status is Status.REQUESTED
    desk.provider.preview_answer = None
    desk.clock.advance(seconds=10)
    await desk.quiet()
    assert await desk.status(bought) is Status.PENDING


async def test_no_more_steps_run_at_once_than_allowed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "AT_ONCE", {**loop.AT_ONCE, Queue.PURCHASES: 1})
    first, second = await desk.pending(), await desk.pending()
    held = HeldConfirm(desk)
    await desk.click(first)
    await asyncio.wait_for(held.sent.wait(), 10)
    await desk.click(second)
    desk.clock.advance(seconds=1)
    await turned(desk)
    assert len(desk.provider.confirms) == 1
    held.answer.set()
    await desk.quiet()
    assert len(desk.provider.confirms) == 2


async def test_a_step_that_outlives_its_lease_is_not_started_a_second_time(desk: Desk) -> None:
    bought = await desk.pending()
    held = HeldConfirm(desk)
    await desk.click(bought)
    await asyncio.wait_for(held.sent.wait(), 10)
    desk.clock.advance(seconds=21)
    await turned(desk)
    assert await desk.status(bought) is Status.CONFIRMING
    held.answer.set()
    await desk.quiet()
    assert await desk.status(bought) is Status.PROVISIONED
    assert len(desk.provider.confirms) == 1
    assert await next_due(desk.store, list(Queue)) is None


async def test_leases_are_kept_while_steps_run_also_after_a_try_that_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "RENEW_S", 0.01)
    async with desk_at(tmp_path) as desk:
        bought = await desk.pending()
        held = HeldConfirm(desk)
        await desk.click(bought)
        await asyncio.wait_for(held.sent.wait(), 10)
        renewed = asyncio.Event()
        renew = failing_once(desk.store.renew)

        async def watched(*args: Any, **more: Any) -> None:
            await renew(*args, **more)
            renewed.set()

        desk.clock.advance(seconds=9)  # the confirm left under a lease of 10
        monkeypatch.setattr(desk.store, "renew", watched)
        await asyncio.wait_for(renewed.wait(), 10)
        desk.clock.advance(seconds=9)
        free = await claim_due(
            desk.store, Queue.PURCHASES, 1, now=desk.clock.now(), lasting=loop.LEASE
        )
        assert free == []
        held.answer.set()
        await desk.quiet()
        assert await desk.status(bought) is Status.PROVISIONED


async def test_a_question_is_answered_when_slack_can_say_again_who_asks(desk: Desk) -> None:
    desk.directory.trouble[NORA] = TryLater("down")
    await ask(
        desk.ports,
        ask=Ask.PENDING,
        provider="sendblue",
        user_id=NORA,
        channel_id=PHONES,
        response_url=None,
        trigger_id=desk.trigger(),
    )
    await desk.quiet()
    assert desk.messenger.replies == []
    del desk.directory.trouble[NORA]
    desk.clock.advance(seconds=1)
    await desk.quiet()
    [(message, content)] = desk.messenger.replies
    assert message.user_id == NORA
    assert isinstance(content, OpenPurchases)
