"""Magpipe's agents and the account's numbers, over HTTP: chosen, listed, assigned."""

import asyncio

import pytest

from bot.domain import errors
from bot.domain.agent import Agent
from bot.domain.purchase import Order
from bot.providers.magpipe import Magpipe
from bot.sandbox.faults import Fault
from bot.sandbox.magpipe import AGENTS_LIST, ASSIGN, LIST
from bot.sandbox.magpipe import Magpipe as Simulator
from bot.sandbox.magpipe_answers import ErrorStyle
from bot.sandbox.magpipe_records import Agent as Person
from bot.sandbox.magpipe_records import Number
from tests.providers.magpipe_account import (
    DENVER,
    VANCOUVER,
    received,
)

ANN, BEN = Person("aaaaaaaa-0000-4000-8000-000000000001", "Ann"), Person("b-2", "Ben 🐝 “the” 'B'")
SECOND_ANN = Person("a-3", "ANN")
BROKEN = Fault(status=500, body={"error": {"code": "server_error", "message": "x"}})


@pytest.fixture
def shop() -> Simulator:
    return Simulator(agents=[ANN, BEN])


# ── Agents ───────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("order", "person"),
    [
        (Order(number=DENVER, agent_id=ANN.agent_id), ANN),
        (Order(number=DENVER, agent_name=ANN.agent_id), ANN),
        (Order(number=DENVER, agent_name="ann"), ANN),
        (Order(number=DENVER, agent_id="ANN"), ANN),
        (Order(number=DENVER, agent_name=BEN.name.upper()), BEN),
        (Order(number=DENVER, agent_id=BEN.agent_id, agent_name="renamed since"), BEN),
    ],
)
async def test_an_agent_is_found_by_id_or_by_name(
    magpipe: Magpipe, order: Order, person: Person
) -> None:
    preview = await magpipe.preview(order)

    assert preview.order == Order(number=DENVER, agent_id=person.agent_id, agent_name=person.name)


async def test_an_agent_that_is_not_there_is_refused_with_those_that_are(magpipe: Magpipe) -> None:
    with pytest.raises(errors.AgentNotFound) as caught:
        await magpipe.preview(Order(number=DENVER, agent_name="Cid"))
    assert caught.value.fields["agent"] == "Cid"
    assert ANN.name in caught.value.fields["known"]
    assert BEN.name in caught.value.fields["known"]


async def test_an_agent_deleted_since_is_not_replaced_by_a_namesake(
    magpipe: Magpipe, shop: Simulator
) -> None:
    approved = (await magpipe.preview(Order(number=DENVER, agent_name="Ann"))).order
    assert approved is not None
    shop.agents = [SECOND_ANN, BEN]

    with pytest.raises(errors.AgentNotFound):
        await magpipe.preview(approved)


async def test_several_agents_of_a_name_are_told_apart_by_id(
    magpipe: Magpipe, shop: Simulator
) -> None:
    shop.agents.append(SECOND_ANN)

    with pytest.raises(errors.SeveralAgents) as caught:
        await magpipe.preview(Order(number=DENVER, agent_name="Ann"))
    assert ANN.agent_id in caught.value.fields["known"]
    assert SECOND_ANN.agent_id in caught.value.fields["known"]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (BROKEN, errors.AgentsNotChecked),
        (Fault(body=b"<html>"), errors.AgentsNotChecked),
        (Fault(status=429), errors.Throttled),
    ],
    ids=["500", "html", "429"],
)
async def test_an_agent_that_cannot_be_checked_refuses_the_preview(
    magpipe: Magpipe, shop: Simulator, fault: Fault, expected: type[errors.NothingSpent]
) -> None:
    shop.faults.queue(AGENTS_LIST, fault)

    with pytest.raises(errors.NothingSpent) as caught:
        await magpipe.preview(Order(number=DENVER, agent_name="Ann"))
    assert type(caught.value) is expected


async def test_agents_are_not_asked_for_when_none_is_wanted(
    magpipe: Magpipe, shop: Simulator
) -> None:
    await magpipe.preview(Order(number=DENVER))

    assert received(shop, AGENTS_LIST) == 0


async def test_all_pages_of_agents_are_read(magpipe: Magpipe, shop: Simulator) -> None:
    shop.agents = [Person(f"id-{n}", f"Agent {n}") for n in range(250)]

    assert await magpipe.agents() == [Agent(f"id-{n}", f"Agent {n}") for n in range(250)]
    assert received(shop, AGENTS_LIST) == 3


# ── The account ──────────────────────────────────────────────────────────────────────────────────
async def test_all_pages_of_numbers_are_read_each_number_once(
    magpipe: Magpipe, shop: Simulator
) -> None:
    shop.numbers = [
        Number(f"n{n}", f"+1303652{n:04}", None, None, shop.now()) for n in range(4000, 4230)
    ]
    hold = shop.faults.hold(LIST, "after")
    listing = asyncio.create_task(magpipe.holdings())
    await hold.reached()
    shop.numbers.append(Number("new", DENVER, "Bought meanwhile", None, shop.now()))
    hold.release()

    held = await listing

    assert [one.number for one in held] == [f"+1303652{n:04}" for n in range(4229, 3999, -1)]
    assert len({one.key for one in held}) == 230
    assert received(shop, LIST) == 3


async def test_a_list_that_never_ends_is_an_error(magpipe: Magpipe, shop: Simulator) -> None:
    rows = [{"id": f"n{n}"} for n in range(1000)]
    shop.faults.queue(LIST, Fault(body={"numbers": rows, "total": 10**9}), times=9)

    with pytest.raises(errors.ProviderError):
        await magpipe.holdings()
    assert received(shop, LIST) == 5


async def test_a_number_says_whose_it_is_and_since_when(magpipe: Magpipe, shop: Simulator) -> None:
    name = "“Main” 'Line' \\ 🐝 " + "x" * 200
    shop.numbers = [Number("n1", DENVER, name, ANN.agent_id, shop.now(), is_active=False)]

    (held,) = await magpipe.holdings()

    assert (held.key, held.number, held.ids) == (DENVER, DENVER, {"id": "n1"})
    assert (held.agent_name, held.state) == ("Ann", "inactive")
    assert held.created_at == shop.numbers[0].created_at.replace(microsecond=0)
    assert held.name is not None
    assert held.name.startswith("“Main” 'Line' \\ 🐝 xxx")


@pytest.mark.parametrize("style", ["published", "text", "object", "object_and_data"])
async def test_a_number_is_assigned_or_it_is_said_why_not(
    magpipe: Magpipe, shop: Simulator, style: ErrorStyle
) -> None:
    shop.error_style = style
    await magpipe.confirm(Order(number=DENVER), None)

    await magpipe.assign(DENVER, ANN.agent_id)
    assert [number.agent_id for number in shop.numbers] == [ANN.agent_id]
    with pytest.raises(errors.NumberNotOurs) as caught:
        await magpipe.assign(VANCOUVER, ANN.agent_id)
    assert caught.value.fields["number"] == VANCOUVER
    with pytest.raises(errors.AgentNotFound) as missing:
        await magpipe.assign(DENVER, "nobody")
    assert "Ann" in missing.value.fields["known"]


async def test_an_assignment_without_an_answer_is_unclear(
    magpipe: Magpipe, shop: Simulator
) -> None:
    await magpipe.confirm(Order(number=DENVER), None)
    shop.faults.queue(ASSIGN, Fault(cut="after"), times=3)

    with pytest.raises(errors.AssignmentUnclear):
        await magpipe.assign(DENVER, ANN.agent_id)


async def test_an_agent_that_is_missing_and_there_is_unclear(
    magpipe: Magpipe, shop: Simulator
) -> None:
    shop.faults.queue(ASSIGN, Fault(status=404, body={"error": "Agent not found"}))

    with pytest.raises(errors.AssignmentUnclear):
        await magpipe.assign(DENVER, ANN.agent_id)
