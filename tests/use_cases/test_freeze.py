"""Nothing is bought while it is frozen; what is approved waits."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.approval import Roster, Rules
from bot.domain.decision import Action
from bot.domain.errors import Frozen
from bot.domain.purchase import Status
from bot.domain.until import Until
from bot.ports import Freeze, LimitRules, TryLater
from bot.use_cases import moves
from bot.use_cases.answers import Ask
from bot.use_cases.freeze import IsFrozen, Thawed
from tests.desk import MAX, MORGAN, NORA, RILEY, Desk, desk_at
from tests.fakes import START
from tests.use_cases.asking import asked, asked_in_trouble

ALERTS = "CALERTS"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    rules = Rules(approvers=Roster(frozenset({MORGAN, MAX})))
    async with desk_at(tmp_path, rules, LimitRules(channel_id=ALERTS)) as made:
        yield made


async def freeze(desk: Desk, who: str = MORGAN) -> IsFrozen:
    told = await asked(desk, Ask.FREEZE, who, why="the bill is wrong")
    assert isinstance(told, IsFrozen)
    return told


async def test_new_requests_are_refused_with_the_reason(desk: Desk) -> None:
    assert (await freeze(desk)).freeze == Freeze(by=MORGAN, at=START, reason="the bill is wrong")
    with pytest.raises(Frozen) as refused:
        await desk.buy()
    assert refused.value.fields == {
        "by": MORGAN,
        "at": START.isoformat(),
        "why": "the bill is wrong",
    }


@pytest.mark.parametrize("trouble", [{}, {RILEY: TryLater("slow")}])
async def test_a_request_that_was_stored_before_is_refused_at_its_preview(
    desk: Desk, trouble: dict[str, Exception]
) -> None:
    desk.directory.trouble = trouble  # nobody needs to know who asked
    bought = await desk.buy()
    await desk.store.freeze(
        Freeze(by=MORGAN, at=START, reason="stop"), moves.entry("freeze", START, actor=MORGAN)
    )
    await desk.quiet()
    refused = await desk.get(bought)
    assert (refused.status, refused.why and refused.why.name) == (Status.REFUSED, "Frozen")


async def test_an_approval_is_refused_and_a_cancel_works(desk: Desk) -> None:
    bought, other = await desk.pending(), await desk.pending()
    await freeze(desk)
    await desk.click(bought, actor=MAX)
    await desk.click(other, Action.CANCEL, actor=MAX)
    await desk.quiet()
    assert desk.replies[-1] == (MAX, "Frozen")
    assert await desk.status(bought) is Status.PENDING
    assert await desk.status(other) is Status.CANCELLED


async def test_cards_that_wait_say_so_until_it_is_thawed(desk: Desk) -> None:
    bought = await desk.pending()
    await freeze(desk)
    _, _, drawn = desk.messenger.cards[-1]
    assert drawn.details["frozen"]["why"] == "the bill is wrong"
    assert "frozen" not in (await desk.get(bought)).details
    assert await asked(desk, Ask.THAW, MAX) == Thawed()
    _, _, drawn = desk.messenger.cards[-1]
    assert "frozen" not in drawn.details


async def approved_but_frozen(desk: Desk) -> None:
    """Approve, with a freeze that comes between the approval and the sending."""
    bought = await desk.pending()
    desk.providers.clear()  # so that it cannot be sent yet
    await desk.click(bought)
    await desk.quiet()
    assert await desk.status(bought) is Status.APPROVED
    await freeze(desk)
    desk.providers["sendblue"] = desk.provider
    desk.clock.advance(minutes=5)
    await desk.quiet()
    assert await desk.status(bought) is Status.APPROVED


async def test_what_is_approved_waits_and_goes_on_when_it_is_thawed(desk: Desk) -> None:
    await approved_but_frozen(desk)
    assert desk.provider.confirms == []
    await asked(desk, Ask.THAW, MAX)
    [bought] = await desk.all()
    assert bought.status is Status.PROVISIONED


async def test_what_is_approved_runs_out_while_it_is_frozen(desk: Desk) -> None:
    await approved_but_frozen(desk)
    desk.clock.advance(minutes=5)
    await desk.quiet()
    [failed] = await desk.all()
    assert (failed.status, failed.why and failed.why.name) == (Status.FAILED, "PreviewExpired")
    assert desk.provider.confirms == []


async def test_a_freeze_in_the_last_moment_is_seen_inside_the_move(desk: Desk) -> None:
    bought = await desk.pending()

    async def stop() -> None:
        if await desk.store.frozen() is None:
            entry = moves.entry("freeze", START, actor=MORGAN)
            await desk.store.freeze(Freeze(by=MORGAN, at=START, reason="stop"), entry)

    desk.provider.on_holdings = stop  # asked for after the first look, before the move
    await desk.click(bought)
    await desk.quiet()
    assert await desk.status(bought) is Status.APPROVED
    assert desk.provider.confirms == []


async def test_both_are_announced_once_and_in_the_logbook(desk: Desk) -> None:
    await asked_in_trouble(desk, Ask.FREEZE, MORGAN, why="the bill is wrong")
    await asked_in_trouble(desk, Ask.THAW, MAX)
    assert [(channel, reason.name) for channel, reason in desk.messenger.news] == [
        (ALERTS, "FreezeAnnounced"),
        (ALERTS, "ThawAnnounced"),
    ]
    rows = [(row.actor_id, row.action, row.outcome) for row in await desk.store.logbook(START)]
    assert rows == [(MORGAN, "freeze", "done"), (MAX, "thaw", "done")]


async def test_only_approvers_and_their_deputies_may(desk: Desk) -> None:
    for what in (Ask.FREEZE, Ask.THAW):
        assert (await asked(desk, what, RILEY, why="no")).name == "MayNotFreeze"
    away = {"does": "set", "deputy": NORA, "until": Until(hours=1).as_json()}
    await asked(desk, Ask.OOO, MORGAN, **away)
    await freeze(desk, NORA)
    assert await asked(desk, Ask.THAW, NORA) == Thawed()


async def test_what_is_frozen_or_not_already_stays_so(desk: Desk) -> None:
    assert (await asked(desk, Ask.THAW, MORGAN)).name == "NotFrozen"
    await freeze(desk)
    again = await asked(desk, Ask.FREEZE, MAX, why="another reason")
    assert (again.name, again.fields["why"]) == ("FrozenAlready", "the bill is wrong")


async def test_without_a_channel_for_alerts_the_cards_alone_say_it(tmp_path: Path) -> None:
    async with desk_at(tmp_path) as desk:
        await freeze(desk)
        assert desk.messenger.news == []
