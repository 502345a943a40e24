"""Several approvals: how many it takes, and whose count."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.approval import Roster
from bot.domain.decision import Action
from bot.domain.people import Standing
from bot.domain.purchase import Status
from bot.ports import Absence, Entry, TryLater, Undeliverable, Vote
from bot.use_cases.decide import decide
from bot.use_cases.votes import given
from tests.desk import MAX, MORGAN, NORA, RILEY, Desk
from tests.use_cases.ruling import ZOE, rule, ruled, voted


async def test_it_takes_two_different_people(desk: Desk) -> None:
    ruled(desk, rule(quorum=2))
    purchase = await desk.pending()
    drawn = len(desk.messenger.cards)
    await desk.click(purchase, actor=MORGAN)
    await desk.quiet()
    assert await desk.status(purchase) is Status.PENDING
    assert desk.messenger.cards[-1][2].details["votes"] == [MORGAN]
    assert len(desk.messenger.cards) == drawn + 1
    desk.clock.advance(seconds=1)
    await desk.click(purchase, actor=MORGAN)
    await desk.quiet()
    assert desk.replies == [(MORGAN, "VotedAlready")]
    await desk.click(purchase, actor=MAX)
    await desk.quiet()
    bought = await desk.get(purchase)
    assert bought.status is Status.PROVISIONED
    assert bought.details["approved_by"] == [MORGAN, MAX]
    assert len(desk.provider.confirms) == 1
    outcomes = [(row.actor_id, row.outcome) for row in await desk.audit(purchase)]
    assert (MORGAN, "counted") in outcomes
    assert (MAX, "done") in outcomes


async def test_two_at_the_same_moment_are_two(desk: Desk) -> None:
    ruled(desk, rule(quorum=2))
    purchase = await desk.pending()
    await desk.click(purchase, actor=MORGAN)
    await desk.click(purchase, actor=MAX)
    await desk.quiet()
    assert await desk.status(purchase) is Status.PROVISIONED
    assert len(desk.provider.confirms) == 1


@pytest.mark.parametrize("how", ["left the group", "became a guest"])
async def test_who_is_no_approver_any_more_at_the_last_vote_does_not_count(
    desk: Desk, how: str
) -> None:
    managers = Roster(frozenset({NORA}), frozenset({"SMANAGERS"}))
    desk.directory.groups["SMANAGERS"] = frozenset({MORGAN, MAX})
    ruled(desk, rule(quorum=2, approvers=managers))
    purchase = await desk.pending()
    await desk.click(purchase, actor=MORGAN)
    await desk.quiet()
    if how == "left the group":
        desk.directory.groups["SMANAGERS"] = frozenset({MAX})
    else:
        desk.directory.standings[MORGAN] = Standing.GUEST
    desk.clock.advance(seconds=1)
    await desk.click(purchase, actor=MAX)
    await desk.quiet()
    assert await desk.status(purchase) is Status.PENDING
    assert await voted(desk, purchase) == [MORGAN, MAX]
    desk.clock.advance(seconds=1)
    await desk.click(purchase, actor=NORA)
    await desk.quiet()
    assert await desk.status(purchase) is Status.PROVISIONED
    assert (await desk.get(purchase)).details["approved_by"] == [MAX, NORA]


async def test_a_vote_is_judged_once_more_when_slack_did_not_answer(desk: Desk) -> None:
    ruled(desk, rule(quorum=2))
    purchase = await desk.pending()
    await desk.click(purchase, actor=MORGAN)
    await desk.quiet()
    desk.directory.trouble[MORGAN] = TryLater("down")
    desk.clock.advance(seconds=1)
    await desk.click(purchase, actor=MAX)
    await desk.quiet()
    assert await voted(desk, purchase) == [MORGAN]
    del desk.directory.trouble[MORGAN]
    desk.clock.advance(seconds=1)
    await desk.quiet()
    assert await desk.status(purchase) is Status.PROVISIONED


async def test_the_card_counts_those_who_may_still_approve(desk: Desk) -> None:
    ruled(desk, rule(quorum=3, approvers=Roster(frozenset({MORGAN, MAX, NORA}))))
    purchase = await desk.pending()
    await desk.click(purchase, actor=MORGAN)
    desk.clock.advance(seconds=1)
    await desk.click(purchase, actor=NORA)
    await desk.quiet()
    desk.directory.standings[MORGAN] = Standing.GUEST
    desk.directory.trouble[NORA] = TryLater("down")  # not known: it counts until it is
    assert await given(desk.ports, purchase) == [NORA]


async def test_a_vote_refused_because_slack_was_away_blocks_nothing(desk: Desk) -> None:
    ruled(desk, rule(quorum=2))
    purchase = await desk.pending()
    await desk.click(purchase, actor=MORGAN)
    await desk.quiet()
    desk.directory.trouble[MORGAN] = Undeliverable("user_not_found")
    desk.clock.advance(seconds=1)
    await desk.click(purchase, actor=MAX)
    await desk.quiet()
    assert desk.replies == [(MAX, "PeopleUnknown")]
    assert await voted(desk, purchase) == [MORGAN]
    del desk.directory.trouble[MORGAN]
    desk.clock.advance(seconds=1)
    await desk.click(purchase, actor=MAX)
    await desk.quiet()
    assert await desk.status(purchase) is Status.PROVISIONED


async def test_who_becomes_an_approver_again_completes_it_by_another_click(desk: Desk) -> None:
    managers = Roster(frozenset(), frozenset({"SMANAGERS"}))
    desk.directory.groups["SMANAGERS"] = frozenset({MORGAN, MAX})
    ruled(desk, rule(quorum=2, approvers=managers))
    purchase = await desk.pending()
    await desk.click(purchase, actor=MORGAN)
    await desk.quiet()
    desk.directory.groups["SMANAGERS"] = frozenset({MAX})
    desk.clock.advance(seconds=1)
    await desk.click(purchase, actor=MAX)
    await desk.quiet()
    desk.directory.groups["SMANAGERS"] = frozenset({MORGAN, MAX})
    desk.clock.advance(seconds=1)
    await desk.click(purchase, actor=MORGAN)
    await desk.quiet()
    assert await desk.status(purchase) is Status.PROVISIONED
    assert len(desk.provider.confirms) == 1


@pytest.mark.parametrize("order", [(MORGAN, ZOE), (ZOE, MORGAN)])
async def test_somebody_and_their_deputy_are_one(desk: Desk, order: tuple[str, str]) -> None:
    await desk.store.set_absence(
        Absence(user_id=MORGAN, deputy_id=ZOE, until=desk.clock.now() + timedelta(days=1)),
        Entry(actor_id=MORGAN, action="ooo", outcome="done", at=desk.clock.now()),
    )
    ruled(desk, rule(quorum=2))
    purchase = await desk.pending()
    for actor in order:
        desk.clock.advance(seconds=1)
        await desk.click(purchase, actor=actor)
        await desk.quiet()
    assert await desk.status(purchase) is Status.PENDING
    desk.clock.advance(seconds=1)
    await desk.click(purchase, actor=MAX)
    await desk.quiet()
    assert (await desk.get(purchase)).details["approved_by"] == [MORGAN, MAX]


async def test_the_requester_s_own_vote_is_refused(desk: Desk) -> None:
    ruled(desk, rule(quorum=2, approvers=Roster(frozenset({RILEY, MORGAN, MAX}))))
    purchase = await desk.pending()
    await desk.click(purchase, actor=RILEY)
    await desk.quiet()
    assert desk.replies == [(RILEY, "OwnPurchase")]
    assert await voted(desk, purchase) == []


async def test_approved_by_its_code_counts_as_the_button_does(desk: Desk) -> None:
    """For a click that was lost: the same checks, the same effects."""
    ruled(desk, rule(quorum=2))
    purchase = await desk.pending()
    for number, actor in enumerate((NORA, MORGAN, MAX)):
        await decide(
            desk.ports,
            action=Action.APPROVE,
            actor_id=actor,
            trigger_id=f"typed-{number}",
            code=purchase.code.lower(),
        )
        await desk.quiet()
    assert desk.replies == [(NORA, "NotAnApprover")]
    assert await desk.status(purchase) is Status.PROVISIONED


async def test_a_vote_that_comes_in_between_is_counted_too(desk: Desk) -> None:
    ruled(desk, rule(quorum=2))
    purchase = await desk.pending()
    real = desk.store.add_vote

    async def with_another(vote: Vote) -> None:
        desk.store.add_vote = real  # type: ignore[method-assign] # as it was
        await real(replace(vote, approver_id=MORGAN))
        await real(vote)

    desk.store.add_vote = with_another  # type: ignore[method-assign] # at the same moment
    await desk.click(purchase, actor=MAX)
    await desk.quiet()
    assert (await desk.get(purchase)).details["approved_by"] == [MAX, MORGAN]


async def test_a_vote_that_counted_is_not_told_that_it_came_too_late(desk: Desk) -> None:
    """Somebody else's was judged at the same moment, and both counted there."""
    ruled(desk, rule(quorum=2))
    purchase = await desk.pending()
    for actor in (MORGAN, MAX):
        desk.clock.advance(seconds=1)
        await desk.click(purchase, actor=actor)
        await desk.quiet()
    assert await desk.status(purchase) is Status.PROVISIONED
    now = desk.clock.now()
    desk.clock.at = (await desk.store.votes(purchase.id, purchase.revision))[0].came_at
    await desk.click(purchase, actor=MORGAN)
    desk.clock.at = now
    await desk.quiet()
    assert desk.replies == []
    desk.clock.advance(seconds=1)
    await desk.click(purchase, actor=MORGAN)  # another click, on an old card
    await desk.click(purchase, actor=NORA)
    await desk.quiet()
    assert sorted(desk.replies) == [(MORGAN, "AlreadyEnded"), (NORA, "NotAnApprover")]
