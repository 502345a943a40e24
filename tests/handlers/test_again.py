"""Request again: the button, the click, and what the two cards say of each other."""

import asyncio
from dataclasses import replace

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import CarrierRefused, NumberAlreadyOurs, NumberGone
from bot.domain.price import Price
from bot.domain.purchase import Order, Purchase, Status
from bot.ports import AuditRow
from bot.sandbox.slack import SlackSimulator
from bot.sandbox.slack.people import PHONES, RILEY
from bot.sandbox.slack.validate import check_blocks
from bot.use_cases.answers import Story
from handlers import answers, cards, ids
from handlers.drawing import Drawing
from tests.desk import Desk
from tests.handlers.front import Front
from tests.handlers.purchases import NOW, NUMBER, RULES, purchase

BUTTON = "Request again"
REPEATED = {"again_by": RILEY, "again_code": "Z2K7"}


@pytest.fixture
def front(desk: Desk, slack: SlackSimulator, client: AsyncWebClient) -> Front:
    return Front(desk, slack, client)


def labels(drawing: Drawing) -> list[str]:
    blocks = [block for block in drawing.blocks if block["type"] == "actions"]
    return [element["text"]["text"] for block in blocks for element in block["elements"]]


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("order", [Order(), NUMBER], ids=["line", "number"])
def test_what_expired_or_failed_can_be_requested_again(status: Status, order: Order) -> None:
    made = purchase(status, order=order)
    drawing = cards.card(made, RULES)

    assert (BUTTON in labels(drawing)) == (status in {Status.EXPIRED, Status.FAILED})
    assert BUTTON not in labels(cards.report(made))
    assert (BUTTON in cards.report(made).text) == (BUTTON in labels(drawing))


@pytest.mark.parametrize("error", [NumberGone, CarrierRefused, NumberAlreadyOurs])
def test_what_is_gone_or_ours_cannot(error: type[NumberGone]) -> None:
    why = error(provider="Magpipe", number="+16045551234").reason
    drawing = cards.card(purchase(Status.FAILED, order=NUMBER, why=why), RULES)

    assert labels(drawing) == []
    assert "equest again" not in drawing.text


@pytest.mark.parametrize("status", [Status.EXPIRED, Status.FAILED])
def test_once_requested_again_the_card_says_so_and_asks_no_more(status: Status) -> None:
    drawing = cards.card(purchase(status, **REPEATED), RULES)

    assert f"Requested again by <@{RILEY}>: `Z2K7`." in drawing.text
    assert labels(drawing) == []


@pytest.mark.parametrize("status", [Status.PROVISIONED, Status.CHARGED])
def test_what_was_bought_after_all_warns_of_the_second_request(status: Status) -> None:
    warning = "requested again meanwhile, as `Z2K7`"

    assert warning in cards.report(purchase(status, **REPEATED)).text
    assert warning not in cards.report(purchase(status)).text


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        ("104.00 USD", "100.00 USD", "Requested again: *$4.00 per month more* than `K7Q2`{}."),
        ("96.50 USD", "100.00 USD", "Requested again: $3.50 per month less than `K7Q2`{}."),
        ("100.00 USD", "100.00 USD", "Requested again: the same price as `K7Q2`{}."),
        ("100.00 USD", "100.00 EUR", "Requested again after `K7Q2`{}."),
        ("100.00 USD", "a lot", "Requested again after `K7Q2`{}."),
        ("100.00 USD", None, "Requested again after `K7Q2`{}."),
    ],
)
@pytest.mark.parametrize(("status", "end"), [("expired", ", which expired"), ("failed", "")])
def test_the_new_card_compares_its_price(
    now: str, before: str | None, said: str, status: str, end: str
) -> None:
    previous = {"code": "K7Q2", "status": status} | ({"price": before} if before else {})
    made = purchase(code="Z2K7", price=Price.parse(now), details={"previous": previous})
    drawing = cards.card(made, RULES)

    assert said.format(end) in drawing.text
    assert check_blocks(drawing.blocks) == []


@pytest.mark.parametrize(
    "made", [purchase(), purchase(details={"previous": "K7Q2"}), purchase(price=None)]
)
def test_what_is_compared_with_nothing_says_nothing_of_it(made: Purchase) -> None:
    assert "Requested again" not in cards.card(made, RULES).text


@pytest.mark.parametrize(
    ("action", "detail", "said"),
    [
        ("request_again", {"again": "Z2K7"}, "requested the same again. The new request: `Z2K7`."),
        ("again_ended", {"again": "Z2K7", "status": "refused"}, "request: `Z2K7`, refused."),
    ],
)
def test_the_story_tells_of_the_new_request(action: str, detail: dict[str, str], said: str) -> None:
    row = AuditRow(
        purchase_id="x",
        seq=1,
        at=NOW,
        actor_id=RILEY,
        action=action,
        from_status=Status.EXPIRED,
        to_status=None,
        outcome="done",
        detail=detail,
        hash="",
    )

    assert said in answers.draw(Story(purchase(Status.EXPIRED), [row])).text


# ── The click ────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("value", ["", "x", ":1", "x:y"])
async def test_a_button_of_no_purchase_is_answered_privately(front: Front, value: str) -> None:
    await front.press(ids.AGAIN, value)

    (message,) = await front.owed()
    assert message.body["name"] == "Unreadable"


async def test_a_click_on_an_unknown_card_is_answered_by_name(front: Front) -> None:
    front.listen(instance="staging")
    await front.press(ids.AGAIN, "nosuch:1")
    await front.press(ids.APPROVE, "nosuch:1")

    owed = await front.owed()
    assert [message.body for message in owed] == [
        {"name": "UnknownCard", "fields": {"instance": "staging"}}
    ] * 2
    assert await front.desk.all() == []


async def test_what_is_not_over_is_not_requested_again(front: Front) -> None:
    bought = await front.desk.buy()
    await front.press(ids.AGAIN, ids.join(bought.id, 1))

    (message,) = await front.owed()
    assert message.body["name"] == "NotToBeRepeated"


async def expired(front: Front, channel_id: str) -> Purchase:
    """A request of that channel that nobody decided, with the loop standing still again."""
    turning = asyncio.create_task(front.desk.loop.run())
    await front.type("buy new desk in Denver", channel_id=channel_id)
    await front.desk.quiet()
    front.desk.clock.advance(minutes=11)
    await front.desk.quiet()
    await front.desk.loop.stop(0)
    await turning
    (made,) = await front.desk.all()
    assert made.status is Status.EXPIRED
    return made


async def test_the_same_request_is_made_again_for_the_same_channel(front: Front) -> None:
    made = await expired(front, "C0OTHER")
    await front.press(ids.AGAIN, ids.join(made.id, made.revision), user={"id": "UNORA"})

    again = next(each for each in await front.desk.all() if each.id != made.id)
    (message,) = await front.owed()
    assert message.user_id == "UNORA"
    assert message.body["name"] == "AskedLineElsewhere"
    assert message.body["fields"]["channel"] == "C0OTHER"
    assert again == replace(
        again,
        provider=made.provider,
        order=made.order,
        reason=made.reason,
        channel_id="C0OTHER",
        requester_id="UNORA",
        previous_id=made.id,
        status=Status.REQUESTED,
        price=None,
    )


async def test_what_was_asked_in_a_direct_message_is_reported_where_it_was_pressed(
    front: Front,
) -> None:
    front.desk.ports = replace(
        front.desk.ports, rules=replace(front.desk.ports.rules, approval_channel=PHONES)
    )
    front.listen()
    made = await expired(front, "D0RILEY")
    await front.press(ids.AGAIN, ids.join(made.id, made.revision), user={"id": "UNORA"})

    again = next(each for each in await front.desk.all() if each.id != made.id)
    assert again.channel_id == PHONES
