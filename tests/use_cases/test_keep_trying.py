"""A price is kept alive, and what was approved is what is bought."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.approval import Roster
from bot.domain.errors import NoneAvailable, ProviderUnreachable
from bot.domain.policy import Terms
from bot.domain.price import Price
from bot.domain.purchase import Order, Status
from bot.ports import TryLater
from tests.desk import MAX, MORGAN, RILEY, Desk
from tests.use_cases.ruling import rule, ruled, voted

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
    made = await desk.buy(number="+16045551234", reason="")
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


async def test_what_could_not_be_looked_at_again_is_not_bought_on_a_guess(desk: Desk) -> None:
    desk.providers["magpipe"] = desk.numbers
    made = await desk.buy(number="+16045551234", reason="")
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
