"""`/number` through Bolt's own matching, with a provider that sells chosen numbers."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.agent import Agent
from bot.domain.errors import DialtoneError, Reason
from bot.domain.price import Price
from bot.domain.purchase import Order
from bot.ports import Holding, Kind, Message, Offer, Search
from bot.sandbox.slack import SlackSimulator
from bot.sandbox.slack.people import PHONES, RILEY
from bot.use_cases.answers import Ask, answer
from handlers import answers, forms, ids
from handlers.drawing import Drawing
from handlers.wording import say
from tests.desk import Desk
from tests.fakes import FakeNumberProvider
from tests.handlers.front import Front

NUMBER = "+16045551234"
OFFERS = [
    Offer(number=f"+1604555{n:04}", locality="Vancouver", price=Price.parse("2.00 USD"))
    for n in range(1, 21)
]


class NumberFront(Front):
    """Slack's ways in where Magpipe is set up."""

    def __init__(self, desk: Desk, slack: SlackSimulator, client: AsyncWebClient) -> None:
        super().__init__(desk, slack, client)
        self.magpipe = FakeNumberProvider(
            desk.clock, offers=OFFERS, known_agents=[Agent("a-1", "Frida")]
        )
        self.ports = replace(desk.ports, providers={"magpipe": self.magpipe})
        self.listen()

    def listen(self, **changes: Any) -> None:
        ports = getattr(self, "ports", self.desk.ports)
        super().listen(**{"providers": ports.providers, **changes})

    async def number(self, text: str, **changes: Any) -> str:
        said = await self.type(text, command="/number", **changes)
        return str(said["text"])

    async def answered(self, message: Message) -> Drawing:
        """What the loop would send for an owed message."""
        if message.kind is Kind.REPLY:
            return Drawing([], say(Reason(message.body["name"], message.body["fields"])))
        try:
            return answers.draw(await answer(self.ports, message))
        except DialtoneError as error:
            return Drawing([], say(error.reason))

    async def told(self) -> Drawing:
        """The one answer that is owed."""
        (message,) = await self.owed()
        return await self.answered(message)


@pytest.fixture
def front(desk: Desk, slack: SlackSimulator, client: AsyncWebClient) -> NumberFront:
    return NumberFront(desk, slack, client)


def button(drawing: Drawing, label: str) -> dict[str, Any]:
    """The first button of that label."""
    parts = [
        part
        for block in drawing.blocks
        for part in (block.get("accessory"), *block.get("elements", []))
    ]
    return next(
        part for part in parts if part and part["text"] == {"type": "plain_text", "text": label}
    )


async def press(front: NumberFront, drawing: Drawing, label: str, **changes: Any) -> None:
    pressed = button(drawing, label)
    assert await front.press(pressed["action_id"], pressed["value"], **changes) == {"text": ""}


async def test_a_search_is_answered_by_the_loop(front: NumberFront) -> None:
    assert await front.number("search 604 contains 555") == ""

    drawing = await front.told()
    assert front.magpipe.searches == [Search(area_code="604", contains="555")]
    assert "20 for sale, here 1 to 8" in drawing.text


async def test_more_and_back_ask_the_same_question_again(front: NumberFront) -> None:
    await front.number("search Denver toll-free")
    first = await front.told()

    await press(front, first, "More")
    second = await front.told()
    await press(front, second, "Back")
    third = await front.told()

    assert "here 9 to 16" in second.text
    assert third.blocks == first.blocks
    assert set(front.magpipe.searches) == {Search(city="Denver", is_toll_free=True)}
    assert len(front.magpipe.searches) == 3


async def test_request_asks_for_the_number_and_says_so_privately(front: NumberFront) -> None:
    await front.number("search 604")

    await press(front, await front.told(), "Request")

    (stored,) = await front.desk.all()
    assert (stored.provider, stored.order) == ("magpipe", Order(number="+16045550001"))
    assert (stored.requester_id, stored.channel_id, stored.reason) == (RILEY, PHONES, "")
    assert stored.response_url == "https://hooks.slack.com/actions/1"
    told = (
        f"Asking Magpipe for +1 604-555-0001. The card `{stored.code}` comes here in a moment, or"
        " I tell you why not."
    )
    assert (await front.told()).text == told


async def test_a_click_that_comes_twice_requests_once_and_is_answered_once(
    front: NumberFront,
) -> None:
    for _ in range(2):
        await front.press(ids.REQUEST, NUMBER, trigger_id="the same")

    assert len(await front.desk.all()) == 1
    assert len(await front.owed()) == 1


async def test_two_people_cannot_request_one_number(front: NumberFront) -> None:
    await front.number(f"provision {NUMBER}")
    (first,) = await front.desk.all()

    typed = await front.number(f"provision {NUMBER}", user_id="U0NORA0001")
    await front.press(ids.request_id(2), NUMBER)

    assert f"+1 604-555-1234 is already being bought: `{first.code}`" in typed
    assert (await front.told()).text == typed
    assert len(await front.desk.all()) == 1


async def test_a_request_by_button_in_a_direct_message_asks_for_a_channel(
    front: NumberFront,
) -> None:
    in_dm = {"container": {"type": "message", "message_ts": "1.0", "channel_id": "D0RILEY"}}

    await front.press(ids.REQUEST, NUMBER, **in_dm)

    (view,) = await front.slack.wait_for(lambda: front.slack.workspace.modals(RILEY))
    assert view.state[forms.NUMBER][forms.NUMBER]["value"] == NUMBER
    assert view.state[forms.CHANNEL][forms.CHANNEL]["selected_conversation"] is None
    assert await front.desk.all() == []


async def test_a_request_by_command_in_a_direct_message_reaches_nobody(front: NumberFront) -> None:
    typed = await front.number(f"provision {NUMBER}", channel_id="D0RILEY")

    assert "nothing was requested" in typed
    assert await front.desk.all() == []


async def test_a_request_says_where_its_card_goes(front: NumberFront) -> None:
    front.listen(rules=replace(front.desk.ports.rules, approval_channel="C0APPROVE"))

    assert "comes to <#C0APPROVE> in a moment" in await front.number(f"provision {NUMBER}")


async def test_a_request_by_command_names_the_number_as_it_was_understood(
    front: NumberFront,
) -> None:
    said = await front.number(
        'provision <tel:6045551234|604 555 1234> name "Main &amp; Co" agent Frida reason front desk'
    )

    (stored,) = await front.desk.all()
    assert said.startswith("Asking Magpipe for +1 604-555-1234. The card ")
    assert stored.order == Order(number=NUMBER, name="Main & Co", agent_id="Frida")
    assert stored.reason == "front desk"


async def test_what_cannot_be_understood_is_said_with_the_ack(front: NumberFront) -> None:
    assert "no letters" in await front.number("provision 604-555-CALL")
    assert "`/number search 604`" in await front.number("search")
    assert "Did you mean `/number provision`?" in await front.number("provsion +16045551234")
    assert await front.desk.all() == []
    assert await front.owed() == []


@pytest.mark.parametrize("value", ["", "604", "+0", "+16045551234x"])
async def test_a_button_with_an_odd_number_requests_nothing(front: NumberFront, value: str) -> None:
    await front.press(ids.REQUEST, value)

    assert await front.desk.all() == []
    assert "not one of mine" in (await front.told()).text


@pytest.mark.parametrize("value", ["", "{", '{"ask":"assign","provider":"magpipe","page":0}'])
async def test_a_page_that_makes_no_sense_is_not_asked_for(front: NumberFront, value: str) -> None:
    await front.press(ids.MORE, value)

    assert "not one of mine" in (await front.told()).text


async def test_an_approver_assigns_a_number(front: NumberFront) -> None:
    assert await front.number(f'assign {NUMBER} "frida"', user_id="UMORGAN") == ""

    assert "+1 604-555-1234" in (said := (await front.told()).text)
    assert "*Frida* (`a-1`)" in said
    assert front.magpipe.assigned == [(NUMBER, "a-1")]


async def test_others_do_not_assign(front: NumberFront) -> None:
    await front.number(f"assign {NUMBER} Frida")

    assert "Only approvers may do that" in (await front.told()).text
    assert front.magpipe.assigned == []


async def test_the_list_turns_its_pages(front: NumberFront) -> None:
    front.magpipe.account = [
        Holding(key=str(n), number=f"+1604555{n:04}", agent_name="Frida") for n in range(1, 41)
    ]
    await front.number("list 2")

    second = await front.told()
    await press(front, second, "More")
    third = await front.told()

    assert "40, here 16 to 30" in second.text
    assert "here 31 to 40" in third.text
    assert json.loads(button(third, "Back")["value"]) == {
        "ask": Ask.LIST,
        "provider": "magpipe",
        "page": 1,
    }


@pytest.mark.parametrize("text", ["search 604", "list", f"assign {NUMBER} Frida", "limits"])
async def test_without_credentials_the_answer_says_so(front: NumberFront, text: str) -> None:
    front.ports = replace(front.ports, providers={})

    await front.number(text, user_id="UMORGAN")

    assert "Magpipe is not set up here" in (await front.told()).text


async def test_a_request_by_button_without_credentials_is_refused(front: NumberFront) -> None:
    front.listen(providers={})

    await front.press(ids.REQUEST, NUMBER)

    assert "Magpipe is not set up here" in (await front.told()).text


async def test_an_answer_that_cannot_be_stored_is_given_at_once(front: NumberFront) -> None:
    await front.desk.store.close()

    await front.press(ids.REQUEST, NUMBER)
    await asyncio.wait_for(front.desk.messenger.replied.wait(), 5)

    ((_, reason),) = front.desk.messenger.replies
    assert reason.name == "NotStored"
