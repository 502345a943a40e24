"""Approvers who are away, and what their deputies may."""

from dataclasses import replace
from datetime import UTC, date, timedelta
from typing import Any

import pytest

from bot.domain.approval import Roster
from bot.domain.decision import Action
from bot.domain.errors import PeopleUnknown, Reason
from bot.domain.people import Standing
from bot.domain.policy import Policy, Rule
from bot.domain.purchase import Status
from bot.domain.until import Until
from bot.ports import Absence, FixedPolicy, Undeliverable
from bot.use_cases import authorise, moves
from bot.use_cases.absences import Absences, Delegated, Returned
from bot.use_cases.answers import Ask
from tests.desk import MAX, MORGAN, NORA, RILEY, Desk
from tests.fakes import START
from tests.use_cases.asking import asked, asked_in_trouble

SOON = Until(hours=3)
APPROVERS = Roster(frozenset({MORGAN, MAX}))


async def leave(desk: Desk, who: str = MORGAN, deputy: str = NORA, until: Until = SOON) -> Any:
    return await asked(desk, Ask.OOO, who, does="set", deputy=deputy, until=until.as_json())


async def logbook(desk: Desk) -> list[tuple[str, str, str]]:
    rows = await desk.store.logbook(START)
    return [(row.actor_id, row.action, row.outcome) for row in rows]


async def test_a_deputy_approves_and_is_named_with_whom_they_stand_for(desk: Desk) -> None:
    told = await leave(desk)
    until = START + timedelta(hours=3)
    assert told == Delegated(Absence(user_id=MORGAN, deputy_id=NORA, until=until), None)
    bought = await desk.pending()
    await desk.click(bought, actor=NORA)
    await desk.quiet()
    assert await desk.status(bought) is Status.PROVISIONED
    [approval] = [row for row in await desk.audit(bought) if row.action == "approve"]
    assert (approval.actor_id, approval.detail["deputy_for"]) == (NORA, MORGAN)
    assert (await desk.get(bought)).details["deputy_for"] == MORGAN
    assert await logbook(desk) == [(MORGAN, "away", "done")]


async def test_after_the_end_a_deputy_may_no_more(desk: Desk) -> None:
    await leave(desk)
    desk.clock.advance(hours=3)
    bought = await desk.pending()
    await desk.click(bought, actor=NORA)
    await desk.quiet()
    assert await desk.status(bought) is Status.PENDING
    assert desk.replies[-1] == (NORA, "NotAnApprover")


async def test_coming_back_ends_it_at_once(desk: Desk) -> None:
    await leave(desk)
    assert await asked(desk, Ask.OOO, MORGAN, does="end") == Returned()
    assert await asked(desk, Ask.OOO, RILEY) == Absences([])
    assert await asked(desk, Ask.OOO, MORGAN, does="end") == Reason("NotAway", {})
    assert await logbook(desk) == [
        (MORGAN, "away", "done"),
        (MORGAN, "back", "done"),
        (MORGAN, "back", "refused"),
    ]


async def test_everybody_may_see_who_is_away(desk: Desk) -> None:
    delegated = await leave(desk)
    assert await asked(desk, Ask.OOO, RILEY) == Absences([delegated.absence])


async def test_days_end_where_the_person_is(desk: Desk) -> None:
    desk.directory.zones[MORGAN] = "America/Denver"
    told = await leave(desk, until=Until(in_days=0))
    assert told.zone == "America/Denver"
    assert told.absence.until.astimezone(UTC).isoformat() == "2026-05-19T05:59:00+00:00"


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", ""])
async def test_where_the_time_zone_means_nothing_it_is_utc(desk: Desk, zone: str) -> None:
    desk.directory.zones[MORGAN] = zone
    told = await leave(desk, until=Until(in_days=0))
    assert told.zone is None
    assert told.absence.until.isoformat() == "2026-05-18T23:59:00+00:00"


@pytest.mark.parametrize(
    ("who", "deputy", "until", "refused"),
    [
        (RILEY, NORA, SOON, "MayNotDelegate"),
        (MORGAN, MORGAN, SOON, "DeputyIsYou"),
        (MORGAN, "UGUEST", SOON, "DeputyNotMember"),
        (MORGAN, NORA, Until(day=date(2026, 5, 17)), "UntilPast"),
        (MORGAN, NORA, Until(day=date(2027, 5, 20)), "UntilTooFar"),
        (MORGAN, MAX, SOON, "DeputyAway"),
    ],
)
async def test_what_cannot_be_is_refused_and_in_the_logbook(
    desk: Desk, who: str, deputy: str, until: Until, refused: str
) -> None:
    desk.directory.standings["UGUEST"] = Standing.GUEST
    await leave(desk, NORA if who is RILEY else MAX, MORGAN)
    told = await leave(desk, who, deputy, until)
    assert told.name == refused
    assert (await logbook(desk))[-1] == (who, "away", "refused")
    assert all(each.user_id != who for each in await desk.store.absences(START))


async def test_a_deputy_may_be_away_to_somebody_else(desk: Desk) -> None:
    await leave(desk, MAX, NORA)
    assert isinstance(await leave(desk, MORGAN, MAX), Delegated)


async def test_approvers_of_a_rule_may_delegate_too(desk: Desk) -> None:
    desk.loop._ports = desk.ports = replace(
        desk.ports,
        policy=FixedPolicy(Policy((Rule(name="all", approvers=Roster(frozenset({RILEY}))),))),
    )
    assert isinstance(await leave(desk, RILEY), Delegated)


async def test_a_deputys_deputy_may_nothing(desk: Desk) -> None:
    await leave(desk, MORGAN, MAX)
    await desk.store.set_absence(
        Absence(user_id=NORA, deputy_id=RILEY, until=START + timedelta(hours=1)),
        moves.entry("away", START, actor=NORA),
    )
    assert not await authorise.is_approver(desk.ports, APPROVERS, RILEY)
    assert await authorise.represented(desk.ports, APPROVERS, MAX) is None  # in their own right
    assert await authorise.is_approver(desk.ports, APPROVERS, MAX)


async def test_whoever_is_deactivated_lends_nobody_a_right(desk: Desk) -> None:
    await leave(desk)
    desk.directory.standings[MORGAN] = Standing.DEACTIVATED
    assert not await authorise.is_approver(desk.ports, APPROVERS, NORA)


async def test_nobodys_deputy_approves_what_that_person_requested(desk: Desk) -> None:
    await leave(desk)
    bought = await desk.buy(requester=MORGAN)
    await desk.quiet()
    await desk.click(await desk.get(bought), actor=NORA)
    await desk.quiet()
    assert desk.replies[-1] == (NORA, "NotAnApprover")
    alone = replace(desk.ports, rules=replace(desk.ports.rules, self_approval=True))
    assert await authorise.is_approver(alone, APPROVERS, NORA, requester_id=MORGAN)


async def test_a_requester_who_is_a_deputy_cancels_in_their_own_right(desk: Desk) -> None:
    await leave(desk, MORGAN, RILEY)
    bought = await desk.pending()
    await desk.click(bought, Action.CANCEL, actor=RILEY)
    await desk.quiet()
    [cancelled] = [row for row in await desk.audit(bought) if row.action == "cancel"]
    assert "deputy_for" not in cancelled.detail


async def test_a_group_that_cannot_be_read_hides_no_deputy(desk: Desk) -> None:
    await leave(desk)
    desk.directory.trouble["SGROUP"] = Undeliverable("missing_scope")
    roster = Roster(frozenset({MORGAN}), frozenset({"SGROUP"}))
    assert await authorise.is_approver(desk.ports, roster, NORA)
    with pytest.raises(PeopleUnknown):
        await authorise.is_approver(desk.ports, roster, RILEY)


async def test_what_was_done_before_slack_took_the_answer_is_done_once(desk: Desk) -> None:
    details = {"does": "set", "deputy": NORA, "until": SOON.as_json()}
    assert isinstance(await asked_in_trouble(desk, Ask.OOO, MORGAN, **details), Delegated)
    assert await asked_in_trouble(desk, Ask.OOO, MORGAN, does="end") == Returned()
    assert await logbook(desk) == [(MORGAN, "away", "done"), (MORGAN, "back", "done")]


async def test_a_refusal_is_written_down_once_however_often_it_is_told(desk: Desk) -> None:
    told = await asked_in_trouble(desk, Ask.OOO, MORGAN, does="end")
    assert told.name == "NotAway"
    assert await logbook(desk) == [(MORGAN, "back", "refused")]
