"""Request again: a new request like any other, that knows the one it repeats."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.decision import Action
from bot.domain.errors import (
    NoneAvailable,
    NotSetUp,
    PurchaseNotFound,
    RequestedAgainAlready,
    UnknownCard,
)
from bot.domain.people import Standing
from bot.domain.preview import Preview
from bot.domain.price import Price
from bot.domain.purchase import Order, Purchase, Status
from bot.use_cases.decide import decide
from bot.use_cases.request import find, request
from tests.desk import MAX, MORGAN, NORA, PHONES, RILEY, Desk


async def expired(desk: Desk) -> Purchase:
    asked = await desk.pending()
    desk.clock.advance(minutes=11)
    await desk.quiet()
    return await desk.get(asked)


async def again(
    desk: Desk, previous: Purchase, *, by: str = NORA, trigger: str | None = None
) -> Purchase:
    """As the button does it."""
    return await request(
        desk.ports,
        provider=previous.provider,
        order=previous.order,
        requester_id=by,
        channel_id=previous.channel_id,
        reason=previous.reason,
        trigger_id=trigger or desk.trigger(),
        response_url=None,
        previous=await find(desk.ports, previous.id),
    )


async def test_the_new_one_is_previewed_anew_and_compared_with_the_old(desk: Desk) -> None:
    previous = await expired(desk)
    made = await again(desk, previous)
    await desk.quiet()
    new = await desk.get(made)
    assert (new.status, new.requester_id, new.previous_id) == (Status.PENDING, NORA, previous.id)
    assert new.expires_at is not None
    assert new.expires_at > desk.clock.now()
    assert new.details["previous"] == {
        "code": previous.code,
        "status": "expired",
        "price": "100.00 USD",
    }


async def test_both_cards_are_drawn(desk: Desk) -> None:
    previous = await expired(desk)
    made = await again(desk, previous)
    await desk.quiet()
    shown = {purchase.id: purchase for _, _, purchase in desk.messenger.cards}
    assert shown[previous.id].again_code == made.code
    assert shown[made.id].status is Status.PENDING


async def test_it_is_bought_once_and_only_it(desk: Desk) -> None:
    previous = await expired(desk)
    made = await again(desk, previous)
    await desk.quiet()
    await desk.click(await desk.get(made))
    await desk.click(previous, actor=MAX)
    await desk.quiet()
    assert await desk.status(made) is Status.PROVISIONED
    assert await desk.status(previous) is Status.EXPIRED
    assert len(desk.provider.confirms) == 1
    assert desk.replies == [(MAX, "AlreadyEnded")]


async def test_what_failed_can_be_requested_again(desk: Desk) -> None:
    desk.provider.confirm_answer = NoneAvailable(provider="Sendblue")
    bought = await desk.pending()
    await desk.click(bought)
    await desk.quiet()
    previous = await desk.get(bought)
    assert previous.status is Status.FAILED
    made = await again(desk, previous, by=RILEY)
    await desk.quiet()
    assert await desk.status(made) is Status.PENDING


async def test_one_asked_anew_for_a_new_price_is_still_compared_with_the_old(desk: Desk) -> None:
    """A number's price is looked at again right before it is bought, and may have changed."""
    desk.providers["magpipe"] = desk.numbers
    number = Order(number="+16045551234")
    asked = await request(
        desk.ports,
        provider="magpipe",
        order=number,
        requester_id=RILEY,
        channel_id=PHONES,
        reason="",
        trigger_id=desk.trigger(),
        response_url=None,
    )
    await desk.quiet()
    desk.clock.advance(minutes=11)
    await desk.quiet()
    made = await again(desk, asked)
    await desk.quiet()
    desk.numbers.preview_answer = Preview(
        price=Price.parse("3.00 USD"),
        expires_at=desk.clock.now() + timedelta(minutes=10),
        order=number,
        details={"region": "BC"},
    )
    await desk.click(await desk.get(made))
    await desk.quiet()
    details = (await desk.get(made)).details
    assert (details["region"], details["price_was"]) == ("BC", "2.00 USD")
    assert details["previous"] == {"code": asked.code, "status": "expired", "price": "2.00 USD"}


async def test_two_people_pressing_at_once_make_one_request(desk: Desk) -> None:
    previous = await expired(desk)
    made = await again(desk, previous)
    with pytest.raises(RequestedAgainAlready) as refused:
        await again(desk, previous, by=RILEY)
    assert refused.value.fields == {
        "code": previous.code,
        "again": made.code,
        "status": "requested",
        "requester": NORA,
    }
    assert len(await desk.all()) == 2


async def test_a_redelivered_click_makes_one_request(desk: Desk) -> None:
    previous = await expired(desk)
    made = [await again(desk, previous, trigger="click") for _ in range(2)]
    assert made[0].id == made[1].id
    assert len(await desk.all()) == 2


async def test_a_guest_s_click_is_refused_and_the_card_offers_it_once_more(desk: Desk) -> None:
    previous = await expired(desk)
    desk.directory.standings["UGUS"] = Standing.GUEST
    made = await again(desk, previous, by="UGUS")
    await desk.quiet()
    assert await desk.status(made) is Status.REFUSED
    assert desk.replies == [("UGUS", "NotAFullMember")]
    shown = [purchase for _, _, purchase in desk.messenger.cards if purchase.id == previous.id]
    assert shown[-1].again_code is None
    rows = await desk.audit(previous)
    assert [(row.action, row.actor_id) for row in rows[-2:]] == [
        ("request_again", "UGUS"),
        ("again_ended", "dialtone"),
    ]


async def test_one_that_was_cancelled_leaves_the_old_card_as_it_was(desk: Desk) -> None:
    previous = await expired(desk)
    made = await again(desk, previous)
    await desk.quiet()
    await desk.click(await desk.get(made), Action.CANCEL, actor=NORA)
    await desk.quiet()
    assert (await desk.get(previous)).again_by is None
    second = await again(desk, previous, by=RILEY)
    assert (await desk.get(previous)).again_code == second.code


async def test_what_is_not_set_up_any_more_says_so(desk: Desk) -> None:
    previous = await expired(desk)
    desk.providers.clear()
    with pytest.raises(NotSetUp):
        await again(desk, previous)
    assert (await desk.get(previous)).again_code is None


async def test_what_is_unknown_is_told_with_the_instance_s_name(desk: Desk) -> None:
    ports = replace(desk.ports, instance="staging")
    with pytest.raises(UnknownCard) as unknown:
        await find(ports, "nosuch")
    assert unknown.value.fields == {"instance": "staging"}
    with pytest.raises(UnknownCard):
        await decide(
            ports,
            action=Action.APPROVE,
            actor_id=MORGAN,
            trigger_id="t",
            purchase_id="nosuch",
            revision=1,
        )
    with pytest.raises(PurchaseNotFound) as not_found:
        await decide(ports, action=Action.APPROVE, actor_id=MORGAN, trigger_id="t", code="ZZZZ")
    assert not_found.value.fields == {"code": "ZZZZ", "instance": "staging"}
