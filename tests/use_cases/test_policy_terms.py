"""Rules at work: which one counts, and whose approval."""

from bot.domain.approval import Roster
from bot.domain.decision import Action
from bot.domain.policy import Terms
from bot.domain.price import Price
from bot.domain.purchase import Status
from bot.ports import Undeliverable
from tests.desk import MORGAN, NORA, RILEY, Desk
from tests.use_cases.ruling import rule, ruled


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
    made = await desk.buy(reason="")
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
