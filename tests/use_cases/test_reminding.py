"""The clock: who is asked and reminded, and when."""

from datetime import timedelta
from decimal import Decimal

from bot.domain.approval import Roster
from bot.domain.policy import Escalation
from bot.domain.purchase import Purchase, Status
from bot.ports import Absence, Entry, TryLater
from tests.desk import MAX, MORGAN, NORA, PHONES, RILEY, Desk
from tests.use_cases.ruling import ZOE, rule, ruled

STEPS = (
    Escalation(Decimal("0.3"), Roster(frozenset({NORA}))),
    Escalation(Decimal("0.8"), Roster(frozenset({ZOE}))),
)


def threads(desk: Desk) -> list[tuple[str, list[str]]]:
    return [(each.name, each.fields["approvers"]) for _, _, each in desk.messenger.threads]


async def at(desk: Desk, purchase: Purchase, minutes: float) -> None:
    assert purchase.expires_at is not None
    desk.clock.at = purchase.expires_at - timedelta(minutes=10 - minutes)
    await desk.quiet()


async def test_the_next_ones_are_asked_to_the_second(desk: Desk) -> None:
    ruled(desk, rule(escalations=STEPS))
    purchase = await desk.pending()
    await at(desk, purchase, 2.999)
    assert threads(desk) == []
    await at(desk, purchase, 3)
    assert threads(desk) == [("AskedNext", [NORA])]
    await at(desk, purchase, 5)
    assert threads(desk)[1:] == [("StillWaiting", [MAX, MORGAN])]
    await at(desk, purchase, 8)
    assert threads(desk)[2:] == [("AskedNext", [ZOE])]
    assert desk.replies == []
    await at(desk, purchase, 9)
    assert desk.replies == [(RILEY, "LastMinute")]
    assert (await desk.get(purchase)).details["escalated"] == [NORA, ZOE]
    await at(desk, purchase, 10)
    assert await desk.status(purchase) is Status.EXPIRED
    assert len(threads(desk)) == 3


async def test_whom_the_clock_asked_may_approve_from_then_on(desk: Desk) -> None:
    ruled(desk, rule(escalations=STEPS))
    purchase = await desk.pending()
    await desk.click(purchase, actor=NORA)
    await desk.quiet()
    assert desk.replies == [(NORA, "NotAnApprover")]
    await at(desk, purchase, 3)
    await desk.click(purchase, actor=NORA)
    await desk.quiet()
    assert await desk.status(purchase) is Status.PROVISIONED


async def test_deputies_are_asked_in_the_place_of_those_who_are_away(desk: Desk) -> None:
    await desk.store.set_absence(
        Absence(user_id=MAX, deputy_id=ZOE, until=desk.clock.now() + timedelta(days=1)),
        Entry(actor_id=MAX, action="ooo", outcome="done", at=desk.clock.now()),
    )
    ruled(desk, rule())
    purchase = await desk.pending()
    assert desk.messenger.cards[-1][2].details["deputies"] == [ZOE]
    await at(desk, purchase, 5)
    assert threads(desk) == [("StillWaiting", [MAX, MORGAN, ZOE])]
    await desk.click(purchase, actor=ZOE)
    await desk.quiet()
    assert await desk.status(purchase) is Status.PROVISIONED


async def test_what_was_missed_is_said_once_and_what_is_decided_not_at_all(desk: Desk) -> None:
    ruled(desk, rule(escalations=STEPS))
    purchase = await desk.pending()
    await at(desk, purchase, 8.5)
    assert threads(desk) == [("AskedNext", [NORA, MAX, MORGAN, ZOE])]
    await desk.click(purchase)
    await desk.quiet()
    await at(desk, purchase, 9.5)
    assert len(threads(desk)) == 1
    assert desk.replies == []


async def test_a_reminder_waits_for_the_card_and_is_dropped_when_decided(desk: Desk) -> None:
    desk.messenger.errors["post_card"] = [TryLater("down")] * 9
    ruled(desk, rule(escalations=STEPS))
    purchase = await desk.pending()
    await at(desk, purchase, 3)
    assert threads(desk) == []
    await desk.click(purchase)
    await desk.quiet()
    desk.clock.advance(minutes=20)
    await desk.quiet()
    assert threads(desk) == []


async def test_without_a_policy_there_are_reminders_too(desk: Desk) -> None:
    purchase = await desk.pending()
    await at(desk, purchase, 5)
    assert threads(desk) == [("StillWaiting", [MAX, MORGAN])]
    assert desk.messenger.threads[0][0] == PHONES


async def test_while_a_price_is_kept_alive_its_hours_count_and_nobody_is_nagged(desk: Desk) -> None:
    ruled(desk, rule(escalations=STEPS, keep_trying=timedelta(hours=1)))
    purchase = await desk.pending()
    asked_at = desk.clock.now()
    told: dict[int, list[str]] = {}
    for minute in range(1, 65):
        desk.clock.at = asked_at + timedelta(minutes=minute)
        before = len(threads(desk)) + len(desk.replies)
        await desk.quiet()
        names = [name for name, _ in threads(desk)] + [name for _, name in desk.replies]
        if len(names) > before:
            told[minute] = names[before:]
    assert told == {
        18: ["AskedNext"],  # 0.3 of the hour
        31: ["StillWaiting"],  # half of it, and just after a renewal
        48: ["AskedNext"],
        59: ["LastMinute"],  # of the last price, which is renewed no more
    }
    assert (await desk.get(purchase)).details["escalated"] == [NORA, ZOE]
    assert await desk.status(purchase) is Status.EXPIRED
