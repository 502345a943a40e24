"""/number through signed HTTP: search, request, approve; and numbers that are gone by then."""

import asyncio

import pytest

from bot.domain.purchase import Status
from bot.sandbox.faults import Fault
from bot.sandbox.magpipe import PROVISION, SEARCH
from bot.sandbox.slack.people import MAX, MORGAN, NORA, RILEY
from tests.stories.office import Office, buttons, drawn

VANCOUVER = "+16045551234"
DENVER = "+13036524418"


@pytest.mark.parametrize("shape", ["documented", "code"])
async def test_from_the_search_to_both_numbers(office: Office, shape: str) -> None:
    office.magpipe.search_shape = office.magpipe.provision_shape = shape  # type: ignore[assignment] # both are named alike
    async with office.open():
        await office.number("search 604")
        found = await office.told(RILEY, "(604) 555-1234")
        assert (await office.press(found, "Request", RILEY)).ok
        card = await office.card()
        for shown in ("+1 604-555-1234", "$4.00", "second"):
            assert shown in drawn(card)
        await office.press(card, "Approve")
        final = await office.now_shows(card, "Bought")
        report = await office.report(card, "Bought")
        second = next(each.phone_number for each in office.magpipe.ledger if each.bought_for)
        assert buttons(final) == []
        assert "+1 604-555-1234" in drawn(report)
        purchase = await office.purchase()
        assert (purchase.number, purchase.second_number) == (VANCOUVER, second)
        assert purchase.provider_ids["id"]
        assert office.magpipe.provisions_received[VANCOUVER] == 1


async def test_provision_takes_name_agent_and_reason(office: Office) -> None:
    agent = office.magpipe.agents[0]
    async with office.open():
        await office.number(
            f'provision (303) 652-4418 name "Büro 📞 “front”" agent "{agent.name}" reason it rings'
        )
        card = await office.card()
        for shown in ("+1 303-652-4418", "$2.00", agent.name, "it rings", "Büro 📞"):
            assert shown in drawn(card)
        await office.press(card, "Approve")
        await office.now_shows(card, "Bought")
        [number] = office.magpipe.numbers
        assert (number.phone_number, number.agent_id) == (DENVER, agent.agent_id)


async def test_two_people_requesting_the_same_number_at_once_make_one_purchase(
    office: Office,
) -> None:
    async with office.open():
        await asyncio.gather(
            office.number(f"provision {DENVER}", RILEY), office.number(f"provision {DENVER}", MAX)
        )
        await office.card()
        await office.until(
            lambda: next(
                (
                    m
                    for who in (RILEY, MAX)
                    for m in office.slack.workspace.ephemerals(who)
                    if "already being bought" in drawn(m)
                ),
                None,
            )
        )
        assert len(await office.purchases()) == 1


async def test_a_number_gone_between_preview_and_approval_is_not_bought(office: Office) -> None:
    async with office.open():
        await office.number(f"provision {DENVER}")
        card = await office.card()
        office.magpipe.stock = [o for o in office.magpipe.stock if o.phone_number != DENVER]
        await office.press(card, "Approve")
        final = await office.now_shows(card, "not for sale any more")
        assert "Nothing was bought" in drawn(final)
        assert "303-652-9730" in drawn(final)  # another of the same area
        assert office.magpipe.provisions_received.total() == 0


async def test_a_number_the_carrier_no_longer_sells_is_not_bought(office: Office) -> None:
    async with office.open():
        await office.number(f"provision {DENVER}")
        card = await office.card()
        office.magpipe.taken.add(DENVER)
        await office.press(card, "Approve")
        final = await office.now_shows(card, "Nothing was bought")
        assert (await office.purchase()).status is Status.FAILED
        assert "303-652-9730" in drawn(final)
        assert office.magpipe.ledger == []


async def test_an_agent_deleted_in_between_stops_the_purchase_before_the_money(
    office: Office,
) -> None:
    agent = office.magpipe.agents[0]
    async with office.open():
        await office.number(f"provision {DENVER} agent {agent.agent_id}")
        card = await office.card()
        office.magpipe.agents.remove(agent)
        await office.press(card, "Approve")
        await office.now_shows(card, "no agent called")
        assert office.magpipe.provisions_received.total() == 0


async def test_a_price_that_changed_is_asked_anew(office: Office) -> None:
    async with office.open():
        await office.number(f"provision {DENVER}")
        card = await office.card()
        office.magpipe.monthly_cost = 3.50
        await office.press(card, "Approve")
        asked = await office.now_shows(card, "$3.50")
        assert "$2.00" in drawn(asked)
        assert buttons(asked) == ["Approve", "Cancel"]
        await office.press(card, "Approve")  # the card as it was before
        await office.told(MORGAN, "has changed since")
        assert office.magpipe.provisions_received.total() == 0
        await office.press(asked, "Approve")
        await office.now_shows(card, "Bought")
        assert office.magpipe.provisions_received.total() == 1


@pytest.mark.parametrize("cut", ["before", "after"])
async def test_a_connection_cut_around_the_purchase_is_looked_up_in_the_list(
    office: Office, cut: str
) -> None:
    async with office.open():
        await office.number(f"provision {DENVER}")
        card = await office.card()
        office.magpipe.faults.queue(PROVISION, Fault(cut=cut))  # type: ignore[arg-type] # "before" or "after"
        await office.press(card, "Approve")
        asked = await office.now_shows(card, "Nothing was bought")
        if cut == "before":
            assert buttons(asked) == ["It was bought…", "Nothing was bought"]
            await office.press(asked, "Nothing was bought")
            await office.now_shows(card, "Not bought")
        else:
            office.later(seconds=3)
            await office.now_shows(card, "Bought")
        assert office.magpipe.provisions_received.total() == 1
        assert len(office.magpipe.ledger) == (1 if cut == "after" else 0)


async def test_money_taken_and_no_number_in_the_account_stays_open_for_people(
    office: Office,
) -> None:
    office.magpipe.save_fails = True
    async with office.open():
        await office.number(f"provision {DENVER}")
        card = await office.card()
        await office.press(card, "Approve")
        asked = await office.now_shows(card, "harged")
        assert "Close with a note…" in buttons(asked)
        assert len(office.magpipe.ledger) == 1


async def test_a_canadian_number_whose_second_purchase_failed_names_one_number(
    office: Office,
) -> None:
    office.magpipe.us_purchase_fails = True
    async with office.open():
        await office.number(f"provision {VANCOUVER}")
        await office.press(await office.card(), "Approve")
        await office.card("Bought")
        purchase = await office.purchase()
        assert (purchase.number, purchase.second_number) == (VANCOUVER, None)


async def test_what_could_not_be_checked_is_said_on_the_card(office: Office) -> None:
    async with office.open():
        office.magpipe.faults.queue(SEARCH, Fault(status=500, body=b"{}"), times=9)
        await office.number(f"provision {DENVER}")
        assert "not check" in drawn(await office.card()).lower()


async def test_lists_assignments_and_codes(office: Office) -> None:
    agent = office.magpipe.agents[-1]
    async with office.open():
        await office.number(f"provision {DENVER}")
        await office.press(await office.card(), "Approve")
        await office.card("Bought")
        code = (await office.purchase()).code
        await office.number(f'assign {DENVER} "{agent.name}"', NORA)
        await office.told(NORA, "Only approvers")
        await office.number(f'assign {DENVER} "{agent.name}"', MORGAN)
        await office.told(MORGAN, agent.name)
        assert office.magpipe.numbers[0].agent_id == agent.agent_id
        await office.number(f'assign +13036529730 "{agent.name}"', MORGAN)
        await office.told(MORGAN, "not on the Magpipe account")
        for text, shown in (("list", agent.name), ("history", code), ("pending", "None is open")):
            await office.number(text, NORA)
            await office.told(NORA, shown)
        await office.buy(f"show {code}", NORA)  # a code works with either command
        await office.told(NORA, "+1 303-652-4418")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("provision 555", "short"),
        ("provision +1604555123456789", "long"),
        ("provision +1604CALLME", "letters"),
        ("provision +19005551234", "premium"),
        (f'provision {DENVER} name "Main', "quote"),
        (f"provision {DENVER} colour red", "colour"),
        (f"provision {DENVER} name {'x' * 201}", "201"),
        ("search", "area code"),
        ("search 999", "No Magpipe numbers"),
        ("serch 604", "search"),
    ],
)
async def test_bad_input_gets_one_sentence_and_buys_nothing(
    office: Office, typed: str, said: str
) -> None:
    async with office.open():
        assert (await office.number(typed)).ok
        await office.told(RILEY, said)
        assert await office.purchases() == []
        assert office.magpipe.provisions_received.total() == 0
