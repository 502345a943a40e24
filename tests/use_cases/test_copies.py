"""Copies of cards by direct message, ends of stories, and those who want neither."""

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from bot.domain.approval import Roster, Rules
from bot.domain.decision import Action
from bot.domain.people import Standing
from bot.domain.policy import Escalation, Policy, Rule
from bot.domain.purchase import Purchase, Status
from bot.domain.until import Until
from bot.ports import FixedPolicy, TryLater, Undeliverable
from bot.use_cases import copies, moves
from bot.use_cases.answers import Ask
from bot.use_cases.notify import Notified
from tests.desk import MAX, MORGAN, NORA, PHONES, RILEY, Desk, desk_at
from tests.fakes import START
from tests.use_cases.asking import asked, asked_in_trouble

GROUP = "SMANAGERS"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_at(tmp_path) as made:
        made.directory.channels[PHONES] = frozenset({RILEY})
        yield made


def places(desk: Desk) -> dict[str, Status]:
    """What each copy shows last."""
    return {channel: drawn.status for channel, _, drawn in desk.messenger.cards}


async def test_approvers_elsewhere_get_copies_that_change_together(desk: Desk) -> None:
    bought = await desk.pending()
    assert places(desk) == dict.fromkeys((PHONES, "DMORGAN", "DMAX"), Status.PENDING)
    await desk.click(bought, Action.CANCEL)
    await desk.quiet()
    assert places(desk) == dict.fromkeys((PHONES, "DMORGAN", "DMAX"), Status.CANCELLED)
    assert [name for name, _ in desk.meter.told].count("card_posted") == 1


async def test_those_who_see_the_card_get_none(desk: Desk) -> None:
    desk.directory.channels[PHONES] = frozenset({RILEY, MORGAN})
    await desk.pending()
    assert set(places(desk)) == {PHONES, "DMAX"}


async def test_where_slack_does_not_tell_who_is_there_nobody_gets_one(desk: Desk) -> None:
    del desk.directory.channels[PHONES]
    await desk.pending()
    assert set(places(desk)) == {PHONES}


async def test_a_slack_in_trouble_is_asked_again(desk: Desk) -> None:
    desk.directory.trouble[PHONES] = TryLater("down", 1)
    await desk.pending()
    assert set(places(desk)) == {PHONES}
    del desk.directory.trouble[PHONES]
    desk.clock.advance(seconds=2)
    await desk.quiet()
    assert set(places(desk)) == {PHONES, "DMORGAN", "DMAX"}


async def test_whoever_muted_them_guests_and_people_slack_does_not_know_get_none(
    desk: Desk,
) -> None:
    assert await asked(desk, Ask.NOTIFY, MAX, to="off") == Notified(is_muted=True, is_new=True)
    desk.directory.standings[MORGAN] = Standing.GUEST
    desk.directory.trouble[NORA] = Undeliverable("user_not_found")
    desk.ports = desk.loop._ports = replace(
        desk.ports, rules=Rules(approvers=Roster(frozenset({MAX, MORGAN, NORA})))
    )
    await desk.pending()
    assert set(places(desk)) == {PHONES}


async def test_a_direct_message_that_cannot_be_opened_is_left_out(desk: Desk) -> None:
    desk.messenger.errors["direct"] = [Undeliverable("user_disabled")]
    await desk.pending()
    assert set(places(desk)) == {PHONES, "DMORGAN"}


async def test_a_copy_that_slack_refuses_costs_the_purchase_nothing(desk: Desk) -> None:
    desk.messenger.errors["post_card"] = []
    bought = await desk.buy()
    posted = desk.messenger.post_card

    async def refuse(channel_id: str, purchase: Purchase) -> str:
        if channel_id == "DMAX":
            raise Undeliverable("channel_not_found")
        return await posted(channel_id, purchase)

    desk.messenger.post_card = refuse  # type: ignore[method-assign]  # for this channel alone
    await desk.quiet()
    assert set(places(desk)) == {PHONES, "DMORGAN"}
    assert await desk.status(bought) is Status.PENDING
    assert {card.channel_id for card in await desk.store.cards(bought.id)} == set(places(desk))


async def test_whoever_is_away_is_represented(desk: Desk) -> None:
    away = {"does": "set", "deputy": NORA, "until": Until(hours=1).as_json()}
    await asked(desk, Ask.OOO, MORGAN, **away)
    await desk.pending()
    assert set(places(desk)) == {PHONES, "DNORA", "DMAX"}


async def test_a_requester_gets_no_copy_of_what_they_cannot_approve(desk: Desk) -> None:
    desk.directory.channels[PHONES] = frozenset()
    await desk.buy(requester=MORGAN)
    await desk.quiet()
    assert set(places(desk)) == {PHONES, "DMAX"}


async def test_of_two_hundred_in_a_group_ten_get_one(desk: Desk) -> None:
    desk.directory.groups[GROUP] = frozenset(f"U{number:03}" for number in range(200))
    desk.directory.trouble["SOTHER"] = Undeliverable("no_such_subteam")
    groups = Roster(frozenset({MAX}), frozenset({GROUP, "SOTHER"}))
    desk.ports = desk.loop._ports = replace(desk.ports, rules=Rules(approvers=groups))
    await desk.pending()
    direct = set(places(desk)) - {PHONES}
    assert len(direct) == copies.MOST
    assert "DMAX" in direct  # who is named comes first


async def test_others_may_be_asked_later(desk: Desk) -> None:
    bought = await desk.pending()
    await desk.store.add_message(moves.copies(bought, desk.clock.now(), to=[NORA]))
    await desk.quiet()
    assert set(places(desk)) == {PHONES, "DMORGAN", "DMAX", "DNORA"}


async def test_whoever_is_asked_by_the_clock_gets_one_then(desk: Desk) -> None:
    first = Roster(frozenset({MORGAN}))
    rule = Rule(
        name="all",
        approvers=Roster(frozenset({MORGAN, MAX})),
        ping=first,
        escalations=(Escalation(Decimal("0.5"), Roster(frozenset({MAX}))),),
    )
    desk.ports = desk.loop._ports = replace(desk.ports, policy=FixedPolicy(Policy((rule,))))
    await desk.pending()
    assert set(places(desk)) == {PHONES, "DMORGAN"}
    desk.clock.advance(minutes=5)
    await desk.quiet()
    assert set(places(desk)) == {PHONES, "DMORGAN", "DMAX"}


async def test_what_is_over_is_sent_to_nobody_more(desk: Desk) -> None:
    desk.directory.trouble[PHONES] = TryLater("down", 1)
    bought = await desk.pending()
    await desk.click(bought, Action.CANCEL)
    await desk.quiet()
    del desk.directory.trouble[PHONES]
    desk.clock.advance(seconds=2)
    await desk.quiet()
    assert set(places(desk)) == {PHONES}
    await copies.send(desk.ports, moves.copies(bought, START), None)


async def ended(desk: Desk) -> set[str]:
    bought = await desk.pending()
    await desk.click(bought, Action.CANCEL)
    await desk.quiet()
    return {channel for channel, _ in desk.reports}


async def test_a_requester_who_is_not_there_is_told_directly_too(desk: Desk) -> None:
    assert await ended(desk) == {PHONES}
    desk.directory.channels[PHONES] = frozenset()
    assert await ended(desk) == {PHONES, RILEY}
    assert [name for name, _ in desk.meter.told].count("reported") == 2  # not the direct one


@pytest.mark.parametrize("trouble", [TryLater("down"), Undeliverable("missing_scope")])
async def test_where_slack_does_not_tell_the_report_goes_to_its_channel_alone(
    desk: Desk, trouble: Exception
) -> None:
    desk.directory.trouble[PHONES] = trouble
    assert await ended(desk) == {PHONES}


async def test_a_requester_who_wants_none_is_not_told_directly(desk: Desk) -> None:
    desk.directory.channels[PHONES] = frozenset()
    await asked(desk, Ask.NOTIFY, RILEY, to="off")
    assert await ended(desk) == {PHONES}


async def test_a_report_that_the_channel_refuses_comes_directly_once(desk: Desk) -> None:
    desk.directory.channels[PHONES] = frozenset()
    desk.messenger.errors["report"] = [Undeliverable("is_archived")]
    await ended(desk)
    assert [channel for channel, _ in desk.reports] == [RILEY]


async def test_in_a_direct_message_of_theirs_nobody_has_to_be_told_twice(desk: Desk) -> None:
    assert not await copies.cannot_see(desk.ports, await desk.pending(), "DRILEY")


async def test_muting_is_shown_and_ended_and_written_down_once(desk: Desk) -> None:
    assert await asked(desk, Ask.NOTIFY, RILEY) == Notified(is_muted=False, is_new=False)
    told = await asked_in_trouble(desk, Ask.NOTIFY, RILEY, to="off")
    assert told == Notified(is_muted=True, is_new=True)
    assert await asked(desk, Ask.NOTIFY, RILEY) == Notified(is_muted=True, is_new=False)
    assert await asked(desk, Ask.NOTIFY, RILEY, to="on") == Notified(is_muted=False, is_new=True)
    rows = [row.detail["to"] for row in await desk.store.logbook(START)]
    assert rows == ["off", "on"]
