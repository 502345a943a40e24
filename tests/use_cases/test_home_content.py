"""What somebody sees at home, and when it is shown."""

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.approval import Roster
from bot.domain.decision import Action
from bot.domain.limits import Reading, Source
from bot.domain.people import Standing
from bot.domain.purchase import Purchase, Status
from bot.ports import Freeze, LimitReading, Move, TryLater, Undeliverable, Vote
from bot.use_cases import moves
from bot.use_cases.home import Closed, Home, home
from tests.desk import MAX, MORGAN, NORA, RILEY, Desk
from tests.fakes import FakeNumberProvider


async def seen(desk: Desk, user: str, **changes: Any) -> Home:
    found = await home(replace(desk.ports, **changes), user)
    assert isinstance(found, Home)
    return found


async def test_what_is_open_waits_for_approvers_alone(desk: Desk) -> None:
    pending = await desk.pending()
    requested = await desk.buy(requester=MORGAN)

    assert [each.id for each in (await seen(desk, MORGAN)).waiting] == [pending.id]
    queue = (await seen(desk, MORGAN)).queue
    assert queue is not None
    assert {each.code for each in queue} <= {requested.code}
    nora = await seen(desk, NORA)
    assert (list(nora.waiting), list(nora.own), nora.queue) == ([], [], None)
    riley = await seen(desk, RILEY)
    assert [each.id for each in riley.own] == [pending.id]
    assert riley.queue is None


async def test_ones_own_does_not_wait_for_oneself(desk: Desk) -> None:
    await desk.buy(requester=MORGAN)
    await desk.quiet()

    assert (await seen(desk, MORGAN)).waiting == []
    assert len((await seen(desk, MAX)).waiting) == 1
    rules = replace(desk.ports.rules, self_approval=True)
    assert len((await seen(desk, MORGAN, rules=rules)).waiting) == 1


async def test_whoever_has_voted_has_done_their_part(desk: Desk) -> None:
    pending = await desk.pending()
    await desk.store.add_vote(
        Vote(
            purchase_id=pending.id,
            revision=pending.revision,
            approver_id=MORGAN,
            came_at=desk.clock.now(),
        )
    )

    assert (await seen(desk, MORGAN)).waiting == []
    assert len((await seen(desk, MAX)).waiting) == 1


async def test_what_is_in_doubt_waits_for_approvers(desk: Desk) -> None:
    desk.provider.confirm_answer = OSError("cut")
    pending = await desk.pending()
    await desk.click(pending)
    await desk.quiet()
    assert await desk.status(pending) is Status.UNKNOWN

    assert [each.id for each in (await seen(desk, MAX)).waiting] == [pending.id]
    assert (await seen(desk, NORA)).waiting == []


async def test_what_was_bought_counts_against_the_limits_and_is_listed(desk: Desk) -> None:
    desk.providers["magpipe"] = FakeNumberProvider(desk.clock)  # which has no limits
    pending = await desk.pending()
    await desk.click(pending)
    await desk.quiet()

    found = await seen(desk, NORA)

    [(name, limits)] = found.limits
    assert (name, limits.day.left, limits.month.left) == ("sendblue", 2, 9)
    [(provider, bought)] = found.lately
    assert (provider, bought.number) == ("sendblue", "+14152007986")
    assert found.can_buy
    assert not (await seen(desk, NORA, providers={})).can_buy


async def test_the_limits_are_those_that_the_provider_named_at_the_last_request(
    desk: Desk,
) -> None:
    desk.provider.reading = LimitReading(Reading(limit=13, used=9), Reading())
    pending = await desk.pending()
    await desk.click(pending)
    await desk.quiet()
    await desk.buy()  # which has no price yet, so that nothing was named

    [(_, limits)] = (await seen(desk, NORA)).limits

    assert (limits.day.left, limits.day.limit_source) == (12, Source.PROVIDER)
    assert (limits.month.left, limits.month.limit_source) == (9, Source.DEFAULT)


async def test_a_freeze_is_seen(desk: Desk) -> None:
    freeze = Freeze(by=MORGAN, at=desk.clock.now(), reason="audit")
    await desk.store.freeze(freeze, moves.entry("freeze", desk.clock.now(), actor=MORGAN))

    assert (await seen(desk, NORA)).freeze == freeze


async def test_guests_see_nothing(desk: Desk) -> None:
    desk.directory.standings[NORA] = Standing.GUEST

    assert await home(desk.ports, NORA) == Closed()


async def test_a_group_that_cannot_be_read_makes_nobody_an_approver(desk: Desk) -> None:
    await desk.pending()
    desk.directory.trouble["S1"] = Undeliverable("no_permission")
    rules = replace(desk.ports.rules, approvers=Roster(groups=frozenset({"S1"})))
    in_group = replace(desk.ports, rules=rules)
    pending = await desk.get((await desk.all())[0])
    await desk.store.move(_unnamed(desk, pending))

    found = await home(in_group, MORGAN)

    assert isinstance(found, Home)
    assert (list(found.waiting), found.queue) == ([], None)


def _unnamed(desk: Desk, pending: Purchase) -> Move:
    """The same purchase without terms, as an older version left it."""
    return Move(
        purchase=pending,
        target=Status.PENDING,
        entry=moves.entry("x", desk.clock.now()),
        changes={"details": {}, "revision": pending.revision + 1},
        due_at=pending.expires_at,
    )


async def test_a_home_is_published_and_kept_up_to_date_for_a_week(desk: Desk) -> None:
    await desk.store.home_opened(MORGAN, desk.clock.now())
    await desk.quiet()
    assert [user for user, _ in desk.messenger.homes] == [MORGAN]

    await desk.pending()
    desk.clock.advance(seconds=1)
    await desk.quiet()
    (_, before), (user, after) = desk.messenger.homes
    assert (user, len(before.waiting), len(after.waiting)) == (MORGAN, 0, 1)

    desk.clock.advance(days=8)
    await desk.quiet()
    await desk.pending()
    desk.clock.advance(seconds=1)
    await desk.quiet()
    assert len(desk.messenger.homes) == 2


@pytest.mark.parametrize(
    ("error", "published"), [(TryLater("away"), 1), (Undeliverable("user_not_found"), 0)]
)
async def test_a_home_that_slack_does_not_take_now_is_published_later(
    desk: Desk, error: Exception, published: int
) -> None:
    desk.messenger.errors["publish_home"] = [error]
    await desk.store.home_opened(MORGAN, desk.clock.now())
    await desk.quiet()
    desk.clock.advance(seconds=1)
    await desk.quiet()

    assert len(desk.messenger.homes) == published


async def test_a_reason_given_afterwards_is_told_to_the_requester(desk: Desk) -> None:
    pending = await desk.pending()
    await desk.click(pending, Action.CANCEL)
    await desk.quiet()
    await desk.click(pending, Action.REASON, note="too dear")
    await desk.click(pending, Action.REASON, actor=MAX, note="not mine")
    await desk.quiet()

    assert (await desk.get(pending)).note == "too dear"
    assert desk.replies == [(RILEY, "CancelReason"), (MAX, "NoReasonWanted")]
    rows = await desk.audit(pending)
    assert [(row.actor_id, row.outcome) for row in rows if row.action == "reason"] == [
        (MORGAN, "done"),
        (MAX, "refused"),
    ]
