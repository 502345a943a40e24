"""A lost answer is looked up and asked about; money never moves a second time."""

import asyncio
from dataclasses import replace

import pytest

from bot.domain.decision import Action
from bot.domain.errors import AnswerLost, NoneAvailable, ProviderUnreachable
from bot.domain.purchase import Order, Purchase, Receipt, Status
from bot.ports import Holding
from bot.use_cases.reconcile import SLOWEST, candidates, interval, settle
from tests.desk import MAX, MORGAN, NORA, RILEY, Desk

LOST = AnswerLost(provider="Sendblue", what="time-out")
OLD = Holding(key="+14155550001", number="+14155550001")
NEW = Holding(key="+14155550002", number="+14155550002", ids={"worker_id": "w2"})
OTHER = Holding(key="+14155550003", number="+14155550003")


async def lost(desk: Desk, *after: Holding) -> Purchase:
    """A purchase whose answer was lost; the account then holds what is given."""
    desk.provider.account = [OLD]
    desk.provider.confirm_answer = LOST
    bought = await desk.pending()
    await desk.click(bought)
    await desk.quiet()
    desk.provider.account = [OLD, *after]
    return await desk.get(bought)


async def test_one_new_line_on_the_account_settles_it(desk: Desk) -> None:
    bought = await lost(desk, NEW)
    assert bought.status is Status.UNKNOWN
    desk.clock.advance(seconds=2)
    await desk.quiet()
    done = await desk.get(bought)
    assert (done.status, done.number, dict(done.provider_ids)) == (
        Status.PROVISIONED,
        NEW.number,
        {"worker_id": "w2"},
    )
    assert [status for _, status in desk.reports] == [Status.UNKNOWN, Status.PROVISIONED]
    assert len(desk.provider.confirms) == 1


@pytest.mark.parametrize("after", [[], [NEW, OTHER], [Holding(key="w9", number=None)]])
async def test_none_or_several_or_a_numberless_one_settle_nothing(
    desk: Desk, after: list[Holding]
) -> None:
    bought = await lost(desk, *after)
    for _ in range(3):
        desk.clock.advance(seconds=10)
        await desk.quiet()
    still = await desk.get(bought)
    assert (still.status, still.look_ups) == (Status.UNKNOWN, 3)
    assert still.is_open


async def test_a_look_up_that_fails_is_tried_again(desk: Desk) -> None:
    bought = await lost(desk, NEW)
    desk.provider.holdings_error = ProviderUnreachable(provider="Sendblue")
    desk.clock.advance(seconds=2)
    await desk.quiet()
    assert await desk.status(bought) is Status.UNKNOWN
    desk.provider.holdings_error = None
    desk.clock.advance(seconds=10)
    await desk.quiet()
    assert await desk.status(bought) is Status.PROVISIONED


async def test_without_the_list_from_before_nothing_settles_by_itself(desk: Desk) -> None:
    desk.provider.holdings_error = ProviderUnreachable(provider="Sendblue")
    bought = await lost(desk, NEW)
    assert bought.baseline is None
    desk.provider.holdings_error = None
    desk.clock.advance(seconds=2)
    await desk.quiet()
    assert await desk.status(bought) is Status.UNKNOWN


async def test_two_lost_answers_at_once_settle_nothing_by_themselves(desk: Desk) -> None:
    first = await lost(desk)
    second = await lost(desk, NEW)
    for _ in range(3):
        desk.clock.advance(seconds=20)
        await desk.quiet()
    assert {await desk.status(first), await desk.status(second)} == {Status.UNKNOWN}


async def test_another_purchase_settled_since_then_leaves_it_to_people(desk: Desk) -> None:
    first = await lost(desk)
    desk.provider.confirm_answer = Receipt(number="+14155550009")
    second = await desk.pending()
    await desk.click(second)
    await desk.quiet()
    desk.provider.account = [OLD, NEW]
    desk.clock.advance(seconds=20)
    await desk.quiet()
    assert await desk.status(second) is Status.PROVISIONED
    assert await desk.status(first) is Status.UNKNOWN


async def test_looking_up_ends_after_a_day_and_the_question_stays(desk: Desk) -> None:
    bought = await lost(desk)
    desk.clock.advance(hours=24, seconds=1)
    await desk.quiet()
    still = await desk.get(bought)
    assert (still.status, still.is_open, desk.next_due) == (Status.UNKNOWN, True, None)
    await desk.click(still, Action.NOTHING_BOUGHT)
    await desk.quiet()
    assert await desk.status(bought) is Status.FAILED


async def test_an_approver_says_which_number_it_became(desk: Desk) -> None:
    bought = await lost(desk)
    await desk.click(bought, Action.BOUGHT, number=NEW.number)
    await desk.quiet()
    done = await desk.get(bought)
    assert (done.status, done.number, done.settled_by, done.why) == (
        Status.PROVISIONED,
        NEW.number,
        MORGAN,
        None,
    )
    assert (await desk.audit(bought))[-1].actor_id == MORGAN


async def test_a_person_who_says_no_too_soon_is_corrected_by_the_account(desk: Desk) -> None:
    bought = await lost(desk, NEW)
    await desk.click(bought, Action.NOTHING_BOUGHT)
    await desk.quiet()
    done = await desk.get(bought)
    assert (done.status, done.number) == (Status.PROVISIONED, NEW.number)
    assert [row.to_status for row in await desk.audit(bought)][-2:] == [
        Status.FAILED,
        Status.PROVISIONED,
    ]


async def test_the_account_is_looked_at_for_the_rest_of_the_day_after_a_person_said_no(
    desk: Desk,
) -> None:
    bought = await lost(desk)
    await desk.click(bought, Action.NOTHING_BOUGHT)
    await desk.quiet()
    assert await desk.status(bought) is Status.FAILED
    desk.provider.account = [OLD, NEW]
    desk.clock.advance(minutes=5)
    await desk.quiet()
    assert await desk.status(bought) is Status.PROVISIONED


async def test_a_number_that_another_purchase_became_is_not_taken_twice(desk: Desk) -> None:
    first, second = await lost(desk), await lost(desk)
    await desk.click(first, Action.BOUGHT, number=NEW.number)
    await desk.quiet()
    await desk.click(second, Action.BOUGHT, number=NEW.number)
    await desk.quiet()
    assert desk.replies == [(MORGAN, "NumberNamedBefore")]
    assert await desk.status(second) is Status.UNKNOWN


async def test_look_ups_wait_for_credentials_that_were_taken_away(desk: Desk) -> None:
    bought = await lost(desk, NEW)
    provider = desk.providers.pop("sendblue")
    desk.clock.advance(seconds=2)
    await desk.quiet()
    desk.providers["sendblue"] = provider
    desk.clock.advance(minutes=5)
    await desk.quiet()
    assert await desk.status(bought) is Status.PROVISIONED


async def test_who_is_no_approver_settles_nothing(desk: Desk) -> None:
    bought = await lost(desk)
    for actor in (NORA, RILEY):
        await desk.click(bought, Action.NOTHING_BOUGHT, actor=actor)
    await desk.quiet()
    assert await desk.status(bought) is Status.UNKNOWN
    assert {name for _, name in desk.replies} == {"NotAnApprover"}


async def test_an_answer_that_comes_after_a_person_said_no_corrects_the_record(
    desk: Desk,
) -> None:
    bought = await lost(desk)
    await desk.click(bought, Action.NOTHING_BOUGHT)
    await desk.quiet()
    failed = await desk.get(bought)
    assert failed.why is not None
    assert (failed.status, failed.why.name) == (Status.FAILED, "SaidNotBought")

    await settle(desk.ports, bought, Receipt(number="+14155550002"))
    await desk.quiet()
    done = await desk.get(bought)
    assert (done.status, done.number, done.why) == (Status.PROVISIONED, "+14155550002", None)
    assert desk.messenger.cards[-1][2].status is Status.PROVISIONED
    assert desk.reports[-1][1] is Status.PROVISIONED


async def test_an_answer_that_changes_nothing_is_audited_all_the_same(desk: Desk) -> None:
    bought = await lost(desk)
    await desk.click(bought, Action.BOUGHT, number=NEW.number)
    await desk.quiet()
    await settle(desk.ports, bought, Receipt(number="+14155550002"))
    await settle(desk.ports, bought, NoneAvailable(provider="Sendblue"))
    done = await desk.get(bought)
    assert (done.status, done.number) == (Status.PROVISIONED, NEW.number)
    observed = [row for row in await desk.audit(bought) if row.outcome == "observed"]
    assert [row.detail.get("number") or row.detail["error"] for row in observed] == [
        "+14155550002",
        "NoneAvailable",
    ]


async def test_a_charge_without_a_number_stays_open_until_an_approver_closes_it(
    desk: Desk,
) -> None:
    from bot.domain.errors import ChargedWithoutNumber  # noqa: PLC0415 used here alone

    desk.provider.confirm_answer = ChargedWithoutNumber(provider="Sendblue")
    bought = await desk.pending()
    await desk.click(bought)
    await desk.quiet()
    charged = await desk.get(bought)
    assert (charged.status, charged.is_open) == (Status.CHARGED, True)
    await desk.click(charged, Action.CLOSE, actor=RILEY, note="refunded")
    await desk.click(charged, Action.CLOSE, actor=MAX, note="refunded, ticket 4711")
    await desk.quiet()
    closed = await desk.get(bought)
    assert (closed.status, closed.is_open, closed.closed_by, closed.note) == (
        Status.CHARGED,
        False,
        MAX,
        "refunded, ticket 4711",
    )
    assert (RILEY, "NotAnApprover") in desk.replies


async def test_a_charge_without_a_number_becomes_a_number_when_somebody_says_which(
    desk: Desk,
) -> None:
    from bot.domain.errors import ChargedWithoutNumber  # noqa: PLC0415 used here alone

    desk.provider.confirm_answer = ChargedWithoutNumber(provider="Sendblue")
    bought = await desk.pending()
    await desk.click(bought)
    await desk.quiet()
    await desk.click(await desk.get(bought), Action.BOUGHT, number=NEW.number)
    await desk.quiet()
    assert await desk.status(bought) is Status.PROVISIONED


async def test_an_order_for_a_number_is_recognised_by_that_number(desk: Desk) -> None:
    ordered = replace(await desk.pending(), order=Order(number=NEW.number))
    assert candidates(ordered, [OLD, NEW, OTHER]) == [NEW.number]
    assert candidates(ordered, [OLD]) == []


async def test_a_line_that_only_got_its_number_later_is_not_the_new_one(desk: Desk) -> None:
    waiting = Holding(key="w2", number=None, ids={"worker_id": "w2"})
    desk.provider.account = [waiting]
    desk.provider.confirm_answer = LOST
    bought = await desk.pending()
    await desk.click(bought)
    await desk.quiet()
    desk.provider.account = [NEW]  # the same worker, now with a number
    desk.clock.advance(seconds=2)
    await desk.quiet()
    assert await desk.status(bought) is Status.UNKNOWN


def test_look_ups_come_quickly_at_first_and_then_slower() -> None:
    waits = [interval(count) for count in range(20)]
    assert waits == sorted(waits)
    assert waits[-1] == SLOWEST


async def test_a_click_while_the_confirm_is_out_is_answered_at_once(desk: Desk) -> None:
    answer, sent = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        sent.set()
        await answer.wait()

    desk.provider.on_confirm = wait
    bought = await desk.pending()
    await desk.click(bought)
    await asyncio.wait_for(sent.wait(), 5)
    await desk.click(bought, actor=MAX)
    await asyncio.wait_for(desk.messenger.replied.wait(), 5)
    assert desk.replies == [(MAX, "ConfirmUnderWay")]
    assert desk.messenger.cards[-1][2].status is Status.CONFIRMING
    answer.set()
    await desk.quiet()
    assert await desk.status(bought) is Status.PROVISIONED


async def test_a_number_that_came_as_another_s_second_one_is_not_taken_twice(desk: Desk) -> None:
    """As when the list could not be read at the preview: the number was ours already."""
    desk.providers["magpipe"] = desk.numbers
    number = "+12065550142"

    async def buy(wanted: str) -> Purchase:
        made = await desk.buy(number=wanted)
        await desk.quiet()
        await desk.click(await desk.get(made))
        await desk.quiet()
        return await desk.get(made)

    desk.numbers.confirm_answer = Receipt(number="+16045551234", second_number=number)
    assert (await buy("+16045551234")).second_number == number
    desk.numbers.account = [Holding(key=number, number=number)]
    desk.numbers.confirm_answer = AnswerLost(provider="Magpipe")
    doubtful = await buy(number)
    desk.clock.advance(seconds=10)
    await desk.quiet()
    assert await desk.status(doubtful) is Status.UNKNOWN
