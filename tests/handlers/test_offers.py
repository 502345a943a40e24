import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.agent import Agent
from bot.domain.price import Price
from bot.domain.purchase import Status
from bot.ports import Holding, Offer, Search
from bot.sandbox.slack.validate import check_blocks, is_too_long
from bot.use_cases.answers import Assigned, Content, Held, Holdings, Offers
from handlers import ids
from handlers.answers import draw
from handlers.drawing import Drawing
from tests.handlers.purchases import NOW, purchase

BY_AREA = Search(area_code="604")
TWO = Price.parse("2.00 USD")
ONE = Offer(
    number="+16045551234",
    locality="Vancouver",
    region="BC",
    price=TWO,
    capabilities=("voice", "SMS", "mms"),
)
WORST = Offer(
    number="+16045551234", locality='<&>"' * 99, region="&" * 99, capabilities=["<" * 99] * 9
)
LONG = purchase(
    Status.PROVISIONED,
    reason='<&>"' * 125,
    number="+16045551234",
    second_number="+12125551234",
    settled_at=NOW,
)
HOLDING = Holding(
    key="+16045551234",
    number="+16045551234",
    state="active",
    name="Main <Line>",
    agent_name="Frida",
    created_at=NOW - timedelta(days=3),
)
HELD = Held(replace(HOLDING, name="&" * 200, agent_name="<" * 200, state=">" * 99), LONG)


def offered(*offers: Offer, wanted: Search = BY_AREA, page: int = 0) -> Drawing:
    return draw(Offers("Magpipe", wanted, offers, page))


def buttons(drawing: Drawing) -> list[dict[str, Any]]:
    found = [
        part
        for block in drawing.blocks
        for part in (block.get("accessory"), *block.get("elements", []))
    ]
    return [part for part in found if part and part["type"] == "button"]


@pytest.mark.parametrize(
    "content",
    [
        Offers("Magpipe", BY_AREA, [], 0),
        Offers("Magpipe", Search(city="&" * 100, contains="5" * 10), [WORST] * 50, 2),
        Offers("Magpipe", Search(), [replace(ONE, number="<no number>")], 9),
        Holdings("Magpipe", [HELD] * 300, "magpipe", 1),
        Holdings("Magpipe", [HELD] * 300, "magpipe", 99),
        Assigned("Magpipe", "+16045551234", Agent("&" * 300, "<" * 300)),
    ],
)
def test_slack_takes_every_answer_however_long(content: Content) -> None:
    drawing = draw(content)

    assert check_blocks(drawing.blocks) == []
    assert not is_too_long(drawing.blocks)
    assert 0 < len(drawing.text) < 4000


def test_a_number_for_sale_says_all_that_is_known_of_it() -> None:
    drawing = offered(ONE)

    assert drawing.text.startswith("Magpipe numbers in area code 604: 1 for sale\n")
    line = "*(604) 555-1234* · Vancouver, BC · $2.00 per month · voice, SMS, MMS"
    assert line in drawing.text
    (request,) = buttons(drawing)
    assert (request["action_id"], request["value"]) == (ids.REQUEST, "+16045551234")
    assert request["accessibility_label"] == "Request (604) 555-1234"
    assert drawing.blocks[1]["accessory"] is request


def test_what_is_not_known_is_left_out() -> None:
    assert "\n*(604) 555-1234*\n" in offered(Offer(number="+16045551234")).text


def test_a_number_of_another_area_is_marked() -> None:
    near = replace(ONE, number="+17785551234", is_nearby=True)

    assert "2 for sale, 1 of them nearby" in offered(ONE, near).text
    assert "voice, SMS, MMS · _nearby_" in offered(ONE, near).text
    assert "area code 604: none there, but 2 nearby" in offered(near, near).text


def test_a_canadian_number_warns_of_the_second_one() -> None:
    american = replace(ONE, number="+12125551234")

    assert "brings a second, US, number" in offered(ONE, american).text
    assert "second" not in offered(american).text


@pytest.mark.parametrize(
    ("page", "labels", "here"),
    [(0, ["More"], "1 to 8"), (1, ["Back", "More"], "9 to 16"), (7, ["Back"], "17 to 20")],
)
def test_eight_are_on_a_page(page: int, labels: list[str], here: str) -> None:
    drawing = offered(*[ONE] * 20, page=page)

    assert f"20 for sale, here {here}" in drawing.text
    found = [each["text"]["text"] for each in buttons(drawing)]
    assert [label for label in found if label != "Request"] == labels


@pytest.mark.parametrize(
    ("wanted", "asked"),
    [
        (Search(city="<Denver>"), "No Magpipe numbers in &lt;Denver&gt;"),
        (Search(is_toll_free=True), "No Magpipe numbers that are toll-free"),
        (
            Search(area_code="604", contains="555"),
            "No Magpipe numbers in area code 604 with 555 in them",
        ),
    ],
)
def test_where_nothing_is_found_it_says_what_to_try(wanted: Search, asked: str) -> None:
    said = offered(wanted=wanted).text

    assert said.startswith(asked)
    assert ("`/number search 604`" in said) is (wanted.area_code != "604")
    assert "`/number search Denver`" in said
    assert ("`/number search toll-free`" in said) is not wanted.is_toll_free
    assert ("fewer digits after `contains`" in said) is bool(wanted.contains)


def test_what_found_nothing_is_not_suggested_again() -> None:
    assert "`/number search 415`" in offered(wanted=BY_AREA).text
    assert "`/number search Vancouver`" in offered(wanted=Search(city="denver")).text


def test_the_list_says_who_has_a_number_since_when_and_who_bought_it() -> None:
    bought = replace(LONG, reason="new desk")
    brought = Holding(key="x", number="+12125551234")
    held = [Held(HOLDING, bought), Held(brought, bought), Held(brought, None)]

    said = draw(Holdings("Magpipe", held, "magpipe")).text

    assert "*+1 604-555-1234* (active) · Main &lt;Line&gt; · agent Frida · since <!date^" in said
    assert "({ago})" in said
    assert "`K7Q2` bought for <@U0RILEY001>" in said
    assert ": new desk" in said
    assert "*+1 212-555-1234* · `K7Q2` bought together with +1 604-555-1234 for" in said
    assert "*+1 212-555-1234* · not bought here" in said


def test_nothing_is_lost_between_the_pages_of_a_list() -> None:
    names = [f"name {n}!" for n in range(40)]
    held = [Held(replace(HOLDING, name=name), None) for name in names]

    pages = [json.dumps(draw(Holdings("Magpipe", held, "magpipe", n)).blocks) for n in range(3)]

    assert [sum(name in page for page in pages) for name in names] == [1] * 40


def test_an_assignment_names_number_agent_and_that_it_cost_nothing() -> None:
    said = draw(Assigned("Magpipe", "+16045551234", Agent("a-1", "<Frida>"))).text

    assert said.startswith("Assigned: +1 604-555-1234")
    assert "the agent *&lt;Frida&gt;* (`a-1`). This cost nothing." in said
