"""Rules at work: whose approval counts, how many it takes, and what needs nobody."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.domain.approval import Roster
from bot.domain.decision import Action
from bot.domain.errors import NoneAvailable, ProviderUnreachable
from bot.domain.people import Standing
from bot.domain.policy import AutoApproval, Escalation, Policy, Rule, Terms
from bot.domain.price import Price
from bot.domain.purchase import Order, Purchase, Status
from bot.ports import Absence, Entry, FixedPolicy, Freeze, TryLater, Undeliverable, Vote
from bot.use_cases.decide import decide
from bot.use_cases.request import request
from bot.use_cases.votes import given
from tests.desk import MAX, MORGAN, NORA, PHONES, RILEY, Desk

BOTH = Roster(frozenset({MORGAN, MAX}))
ZOE = "UZOE"


def ruled(desk: Desk, *rules: Rule) -> None:
    """From now on these rules count."""
    desk.ports = replace(desk.ports, policy=FixedPolicy(Policy(rules)))
    desk.loop._ports = desk.ports


def rule(**says: Any) -> Rule:
    usual: dict[str, Any] = {"name": "usual", "approvers": BOTH}
    return Rule(**usual | says)


async def voted(desk: Desk, purchase: Purchase) -> list[str]:
    votes = await desk.store.votes(purchase.id, purchase.revision)
    return [vote.approver_id for vote in votes]


# ── Which rule ───────────────────────────────────────────────────────────────────────────────────
async def test_the_rule_s_approvers_decide_and_others_do_not(desk: Desk) -> None:
    ruled(desk, rule(approvers=Roster(frozenset({NORA}))))
    purchase = await desk.pending()
    await desk.click(purchase, actor=MORGAN)
    await desk.quiet()
    assert desk.replies == [(MORGAN, "NotAnApprover")]
    await desk.click(purchase, actor=NORA)
    await desk.quiet()
    assert await desk.status(purchase) is Status.PROVISIONED


async def test_approvers_in_general_may_cancel_what_a_rule_gave_to_others(desk: Desk) -> None:
    ruled(desk, rule(approvers=Roster(frozenset({NORA}))))
    purchase = await desk.pending()
    await desk.click(purchase, Action.CANCEL, actor=MORGAN)
    await desk.quiet()
    assert await desk.status(purchase) is Status.CANCELLED


async def test_the_price_chooses_the_rule_and_a_reload_leaves_what_waits_alone(desk: Desk) -> None:
    dear = rule(name="dear", price_over=Price.parse("50.00 USD"), quorum=2)
    ruled(desk, dear, rule())
    purchase = await desk.pending()
    terms = Terms.of(purchase.details)
    assert terms is not None
    assert (terms.rule, terms.quorum) == ("dear", 2)
    ruled(desk, rule())
    await desk.click(purchase, actor=MORGAN)
    await desk.quiet()
    assert await desk.status(purchase) is Status.PENDING


async def test_where_no_rule_matches_the_request_is_refused(desk: Desk) -> None:
    ruled(desk, rule(channels=frozenset({"COTHER"})))
    purchase = await desk.pending()
    assert purchase.status is Status.REFUSED
    assert desk.replies == [(RILEY, "NoRule")]


async def test_a_reason_that_only_the_price_makes_necessary_is_asked_for(desk: Desk) -> None:
    ruled(desk, rule(price_over=Price.parse("50.00 USD"), is_reason_required=True))
    made = await request(
        desk.ports,
        provider="sendblue",
        order=Order(),
        requester_id=RILEY,
        channel_id=PHONES,
        reason="",
        trigger_id=desk.trigger(),
        response_url=None,
    )
    await desk.quiet()
    assert await desk.status(made) is Status.REFUSED
    assert desk.replies == [(RILEY, "ReasonWanted")]
    assert (await desk.pending()).status is Status.PENDING


async def test_a_rule_for_a_group_asks_slack_who_is_in_it(desk: Desk) -> None:
    sales = rule(requesters=Roster(frozenset(), frozenset({"SSALES"})), quorum=2)
    ruled(desk, sales, rule(name="rest"))
    desk.directory.groups["SSALES"] = frozenset({RILEY})
    first = Terms.of((await desk.pending()).details)
    desk.directory.groups["SSALES"] = frozenset()
    second = Terms.of((await desk.pending()).details)
    assert [each and each.rule for each in (first, second)] == ["usual", "rest"]
    desk.directory.trouble["SSALES"] = Undeliverable("no_such_subteam")
    assert (await desk.pending()).status is Status.REFUSED
    assert desk.replies == [(RILEY, "PeopleUnknown")]


# ── Several approvals ────────────────────────────────────────────────────────────────────────────
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


# ── Within a budget nobody is asked ──────────────────────────────────────────────────────────────
BUDGET = AutoApproval(per="requester", day=Price.parse("200.00 USD"))


async def test_within_its_budget_a_purchase_approves_itself(desk: Desk) -> None:
    ruled(desk, rule(auto=BUDGET))
    made = [await desk.pending() for _ in range(3)]
    assert [each.status for each in made] == [
        Status.PROVISIONED,
        Status.PROVISIONED,
        Status.PENDING,
    ]
    terms = Terms.of(made[2].details)
    assert terms is not None
    assert terms.auto is None
    approved = [row for row in await desk.audit(made[0]) if row.action == "approve"]
    assert [row.actor_id for row in approved] == ["dialtone"]
    assert approved[0].detail["rule"] == "usual"
    await desk.click(made[2])
    await desk.quiet()
    assert await desk.status(made[2]) is Status.PROVISIONED


async def test_a_price_that_could_not_be_checked_is_never_approved_by_itself(desk: Desk) -> None:
    cheap = rule(name="cheap", price_up_to=Price.parse("200.00 USD"), auto=BUDGET)
    ruled(desk, cheap, rule(name="rest", auto=BUDGET))
    quoted = await desk.provider.preview(Order())
    desk.provider.preview_answer = replace(quoted, details={"offered": "not checked"})
    purchase = await desk.pending()
    terms = Terms.of(purchase.details)
    assert terms is not None
    assert (purchase.status, terms.rule, terms.auto) == (Status.PENDING, "rest", None)


async def test_requests_at_the_same_moment_never_exceed_a_budget(desk: Desk) -> None:
    ruled(desk, rule(auto=AutoApproval(per="channel", month=Price.parse("300.00 USD"))))
    made = [await desk.buy() for _ in range(8)]
    await desk.quiet()
    found = [(await desk.get(each)).status for each in made]
    assert found.count(Status.PROVISIONED) == 3
    assert found.count(Status.PENDING) == 5


async def test_a_budget_that_was_taken_out_of_the_policy_meanwhile_asks_people(desk: Desk) -> None:
    ruled(desk, rule(auto=BUDGET))
    await desk.buy()
    desk.messenger.errors["post_card"] = []
    desk.ports = replace(desk.ports)
    purchase = (await desk.all())[0]
    assert purchase.status is Status.REQUESTED
    real = desk.store.move

    async def then_reload(move: Any) -> Any:
        moved = await real(move)
        ruled(desk, rule())
        return moved

    desk.store.move = then_reload  # type: ignore[method-assign] # the policy changes in between
    await desk.quiet()
    assert await desk.status(purchase) is Status.PENDING


async def test_a_freeze_does_not_use_a_budget_up(desk: Desk) -> None:
    ruled(desk, rule(auto=BUDGET))
    real = desk.store.move

    async def then_freeze(move: Any) -> Any:
        moved = await real(move)
        desk.store.move = real  # type: ignore[method-assign] # as it was
        await desk.store.freeze(
            Freeze(by=MORGAN, at=desk.clock.now(), reason="audit"),
            Entry(actor_id=MORGAN, action="freeze", outcome="done", at=desk.clock.now()),
        )
        return moved

    desk.store.move = then_freeze  # type: ignore[method-assign] # frozen right after the preview
    purchase = await desk.pending()
    assert purchase.status is Status.PENDING
    await desk.store.thaw(
        Entry(actor_id=MORGAN, action="thaw", outcome="done", at=desk.clock.now())
    )
    desk.clock.advance(seconds=6)
    await desk.quiet()
    assert await desk.status(purchase) is Status.PROVISIONED


# ── The clock ────────────────────────────────────────────────────────────────────────────────────
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


# ── A price kept alive ───────────────────────────────────────────────────────────────────────────
KEEP = rule(keep_trying=timedelta(hours=1), quorum=2)


async def test_the_price_is_renewed_and_votes_stay(desk: Desk) -> None:
    ruled(desk, KEEP)
    purchase = await desk.pending()
    await desk.click(purchase, actor=MORGAN)
    await desk.quiet()
    for _ in range(4):
        desk.clock.advance(minutes=9, seconds=45)
        await desk.quiet()
    renewed = await desk.get(purchase)
    assert renewed.status is Status.PENDING
    assert renewed.revision == purchase.revision
    assert renewed.expires_at is not None
    assert renewed.expires_at > desk.clock.now()
    await desk.click(purchase, actor=MAX)
    await desk.quiet()
    assert await desk.status(purchase) is Status.PROVISIONED


async def test_another_price_is_a_new_revision_under_the_rule_for_it(desk: Desk) -> None:
    dear = rule(name="dear", price_over=Price.parse("100.00 USD"), quorum=1)
    ruled(desk, dear, KEEP)
    purchase = await desk.pending()
    before = Terms.of(purchase.details)
    await desk.click(purchase, actor=MORGAN)
    await desk.quiet()
    quoted = await desk.provider.preview(purchase.order)
    desk.clock.advance(minutes=9, seconds=45)
    desk.provider.preview_answer = replace(
        quoted,
        price=Price.parse("120.00 USD"),
        expires_at=desk.clock.now() + timedelta(minutes=10),
    )
    await desk.quiet()
    anew = await desk.get(purchase)
    terms = Terms.of(anew.details)
    assert before is not None
    assert terms is not None
    assert (terms.rule, terms.keep_until) == ("dear", before.keep_until)
    assert (anew.status, anew.revision) == (Status.PENDING, purchase.revision + 1)
    assert anew.details["price_was"] == "100.00 USD"
    await desk.click(purchase, actor=MAX)  # on the old drawing
    await desk.quiet()
    assert desk.replies == [(MAX, "StaleRevision")]
    assert await voted(desk, anew) == []


async def test_a_guess_at_a_price_is_no_new_price(desk: Desk) -> None:
    ruled(desk, KEEP)
    purchase = await desk.pending()
    quoted = await desk.provider.preview(purchase.order)
    desk.provider.preview_answer = replace(
        quoted,
        price=Price.parse("2.00 USD"),
        expires_at=quoted.expires_at + timedelta(hours=1),
        details={"offered": "not checked"},
    )
    desk.clock.advance(minutes=9, seconds=45)
    await desk.quiet()
    still = await desk.get(purchase)
    assert (still.revision, still.price) == (purchase.revision, purchase.price)


async def test_a_quote_of_seconds_is_not_renewed_without_a_pause(desk: Desk) -> None:
    ruled(desk, KEEP)
    purchase = await desk.pending()
    quoted = await desk.provider.preview(purchase.order)
    asked = []
    real = desk.provider.preview

    async def seconds(order: Order) -> Any:
        asked.append(order)
        await real(order)
        return replace(quoted, expires_at=desk.clock.now() + timedelta(seconds=2))

    desk.provider.preview = seconds  # type: ignore[method-assign] # shorter than it takes
    desk.clock.advance(minutes=9, seconds=45)
    for _ in range(4):
        await desk.quiet()
        desk.clock.advance(seconds=5)
    assert len(asked) == 4


async def test_it_ends_when_it_was_tried_for_long_enough(desk: Desk) -> None:
    ruled(desk, KEEP)
    purchase = await desk.pending()
    for _ in range(8):
        desk.clock.advance(minutes=9, seconds=45)
        await desk.quiet()
    assert await desk.status(purchase) is Status.EXPIRED


@pytest.mark.parametrize("what", ["away", "refused"])
async def test_no_new_price_is_tried_again_and_buttons_do_not_count_meanwhile(
    desk: Desk, what: str
) -> None:
    ruled(desk, KEEP)
    purchase = await desk.pending()
    error = ProviderUnreachable if what == "away" else NoneAvailable
    desk.provider.preview_answer = error(provider="Sendblue")
    desk.clock.advance(minutes=11)
    await desk.quiet()
    await desk.click(purchase, actor=MORGAN)
    await desk.quiet()
    assert desk.replies == [(MORGAN, "CameTooLate")]
    desk.provider.preview_answer = None
    desk.clock.advance(minutes=1)
    await desk.quiet()
    renewed = await desk.get(purchase)
    assert renewed.expires_at is not None
    assert renewed.expires_at > desk.clock.now()


async def test_a_click_that_came_in_time_goes_before_the_new_price(desk: Desk) -> None:
    ruled(desk, rule(keep_trying=timedelta(hours=1)))
    purchase = await desk.pending()
    desk.directory.trouble[MORGAN] = TryLater("down")
    await desk.click(purchase, actor=MORGAN)
    desk.clock.advance(minutes=9, seconds=45)
    await desk.quiet()
    del desk.directory.trouble[MORGAN]
    desk.clock.advance(seconds=2)
    await desk.quiet()
    assert await desk.status(purchase) is Status.PROVISIONED


async def test_who_the_groups_are_is_asked_again_when_slack_cannot_say(desk: Desk) -> None:
    sales = rule(
        requesters=Roster(frozenset(), frozenset({"SSALES"})), keep_trying=timedelta(hours=1)
    )
    desk.directory.groups["SSALES"] = frozenset({RILEY})
    ruled(desk, sales)
    purchase = await desk.pending()
    quoted = await desk.provider.preview(purchase.order)
    desk.provider.preview_answer = replace(
        quoted, price=Price.parse("120.00 USD"), expires_at=quoted.expires_at + timedelta(hours=1)
    )
    desk.directory.trouble["SSALES"] = TryLater("down")
    desk.clock.advance(minutes=9, seconds=45)
    await desk.quiet()
    assert (await desk.get(purchase)).revision == purchase.revision
    del desk.directory.trouble["SSALES"]
    desk.clock.advance(seconds=6)
    await desk.quiet()
    assert (await desk.get(purchase)).revision == purchase.revision + 1


async def test_without_its_provider_a_price_cannot_be_renewed(desk: Desk) -> None:
    ruled(desk, KEEP)
    purchase = await desk.pending()
    del desk.providers["sendblue"]
    desk.clock.advance(minutes=30)
    await desk.quiet()
    assert await desk.status(purchase) is Status.PENDING
    desk.clock.advance(hours=1)
    await desk.quiet()
    assert await desk.status(purchase) is Status.EXPIRED


async def test_a_price_that_changed_at_the_last_look_waits_for_its_rule(desk: Desk) -> None:
    group = Roster(frozenset(), frozenset({"SSALES"}))
    desk.directory.groups["SSALES"] = frozenset({RILEY})
    ruled(desk, rule(requesters=group))
    desk.providers["magpipe"] = desk.numbers
    made = await request(
        desk.ports,
        provider="magpipe",
        order=Order(number="+16045551234"),
        requester_id=RILEY,
        channel_id=PHONES,
        reason="",
        trigger_id=desk.trigger(),
        response_url=None,
    )
    await desk.quiet()
    pending = await desk.get(made)
    quoted = await desk.numbers.preview(pending.order)
    desk.numbers.preview_answer = replace(quoted, price=Price.parse("3.00 USD"))
    desk.directory.trouble["SSALES"] = TryLater("down")
    await desk.click(pending)
    await desk.quiet()
    assert await desk.status(made) is Status.APPROVED
    del desk.directory.trouble["SSALES"]
    desk.clock.advance(seconds=1)
    await desk.quiet()
    anew = await desk.get(made)
    assert (anew.status, anew.revision) == (Status.PENDING, pending.revision + 1)
    assert desk.numbers.confirms == []


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


async def test_what_could_not_be_looked_at_again_is_not_bought_on_a_guess(desk: Desk) -> None:
    desk.providers["magpipe"] = desk.numbers
    made = await request(
        desk.ports,
        provider="magpipe",
        order=Order(number="+16045551234"),
        requester_id=RILEY,
        channel_id=PHONES,
        reason="",
        trigger_id=desk.trigger(),
        response_url=None,
    )
    await desk.quiet()
    pending = await desk.get(made)
    quoted = await desk.numbers.preview(pending.order)
    desk.numbers.preview_answer = replace(quoted, details={"offered": "not checked"})
    await desk.click(pending)
    await desk.quiet()
    assert await desk.status(made) is Status.APPROVED
    assert desk.numbers.confirms == []
    desk.numbers.preview_answer = quoted
    desk.clock.advance(seconds=1)
    await desk.quiet()
    assert await desk.status(made) is Status.PROVISIONED


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
