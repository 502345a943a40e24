"""Within a budget nobody is asked."""

from dataclasses import replace
from typing import Any

from bot.domain.policy import AutoApproval, Terms
from bot.domain.price import Price
from bot.domain.purchase import Order, Status
from bot.ports import Entry, Freeze
from tests.desk import MORGAN, Desk
from tests.use_cases.ruling import rule, ruled

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
