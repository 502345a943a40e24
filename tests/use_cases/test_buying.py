"""A request on its way to a number, and the money cases."""

import asyncio
from pathlib import Path

import pytest

from bot.domain.approval import Roster, Rules
from bot.domain.decision import Action
from bot.domain.errors import (
    AnswerLost,
    ChargedWithoutNumber,
    NoCardOnFile,
    NoneAvailable,
    NotSetUp,
    PreviewExpired,
    ProviderUnreachable,
)
from bot.domain.people import Standing
from bot.domain.purchase import Order, Status
from bot.ports import Holding, LimitReading, TryLater, Undeliverable
from bot.use_cases.request import request
from tests.desk import MAX, MORGAN, NORA, PHONES, RILEY, Desk, desk_at
from tests.fakes import START


async def test_from_the_command_to_the_number(desk: Desk) -> None:
    bought = await desk.pending()
    assert bought.status is Status.PENDING
    assert [(channel, card.status) for channel, _, card in desk.messenger.cards] == [
        (PHONES, Status.PENDING)
    ]

    await desk.click(bought)
    await desk.quiet()

    done = await desk.get(bought)
    assert (done.status, done.number, done.approver_id) == (
        Status.PROVISIONED,
        "+14152007986",
        MORGAN,
    )
    assert dict(done.provider_ids) == {"worker_id": "worker_1", "subscription_id": "sub_1"}
    assert done.preview_token is None
    assert desk.provider.confirms == ["lpv_secret"]
    assert desk.reports == [(PHONES, Status.PROVISIONED)]
    assert desk.messenger.cards[-1][2].status is Status.PROVISIONED
    assert [(row.from_status, row.to_status) for row in await desk.audit(bought)] == [
        (None, Status.REQUESTED),
        (Status.REQUESTED, Status.PENDING),
        (Status.PENDING, Status.APPROVED),
        (Status.APPROVED, Status.CONFIRMING),
        (Status.CONFIRMING, Status.PROVISIONED),
    ]


async def test_the_same_command_delivered_twice_is_one_purchase(desk: Desk) -> None:
    first = await desk.buy(trigger="t")
    second = await desk.buy(trigger="t")
    await desk.quiet()
    assert second.id == first.id
    assert len(await desk.all()) == 1
    assert len(desk.messenger.cards) == 1


async def test_two_approvals_at_once_buy_once_and_the_second_is_told_who_was_first(
    desk: Desk,
) -> None:
    bought = await desk.pending()
    await asyncio.gather(desk.click(bought, actor=MORGAN), desk.click(bought, actor=MAX))
    await desk.quiet()
    assert len(desk.provider.confirms) == 1
    done = await desk.get(bought)
    [(loser, _)] = desk.replies
    assert {done.approver_id, loser} == {MORGAN, MAX}
    assert [row.outcome for row in await desk.audit(bought)].count("refused") == 1


async def test_the_same_click_delivered_twice_is_one_decision(desk: Desk) -> None:
    bought = await desk.pending()
    await desk.click(bought, trigger="c")
    await desk.click(bought, trigger="c")
    await desk.quiet()
    assert len(desk.provider.confirms) == 1
    assert desk.replies == []


async def test_approve_and_cancel_at_once_leave_one_of_them_standing(desk: Desk) -> None:
    bought = await desk.pending()
    await asyncio.gather(
        desk.click(bought, Action.CANCEL, actor=RILEY), desk.click(bought, actor=MORGAN)
    )
    await desk.quiet()
    assert (await desk.status(bought), len(desk.provider.confirms)) in {
        (Status.CANCELLED, 0),
        (Status.PROVISIONED, 1),
    }
    assert len(desk.replies) == 1


@pytest.mark.parametrize("actor", [RILEY, MORGAN])
async def test_requester_and_approver_cancel(desk: Desk, actor: str) -> None:
    bought = await desk.pending()
    await desk.click(bought, Action.CANCEL, actor=actor, note="not needed")
    await desk.quiet()
    done = await desk.get(bought)
    assert (done.status, done.cancelled_by, done.note) == (Status.CANCELLED, actor, "not needed")
    assert desk.provider.confirms == []
    assert desk.reports == [(PHONES, Status.CANCELLED)]
    assert done.preview_token is None


async def test_a_request_is_cancelled_before_it_has_a_price(desk: Desk) -> None:
    desk.directory.trouble[RILEY] = TryLater("down")  # keeps it from being previewed
    bought = await desk.buy()
    await desk.click(bought, Action.CANCEL, actor=MORGAN)
    await desk.quiet()
    assert await desk.status(bought) is Status.CANCELLED
    assert desk.messenger.cards == []


async def test_nobody_s_click_and_the_requester_s_own_approval_are_refused_privately(
    desk: Desk,
) -> None:
    bought = await desk.buy(requester=MORGAN)
    await desk.quiet()
    for actor in (NORA, RILEY, MORGAN):
        await desk.click(bought, actor=actor)
    await desk.quiet()
    assert set(desk.replies) == {
        (NORA, "NotAnApprover"),
        (RILEY, "NotAnApprover"),
        (MORGAN, "OwnPurchase"),
    }
    assert await desk.status(bought) is Status.PENDING
    refused = [row.actor_id for row in await desk.audit(bought) if row.outcome == "refused"]
    assert sorted(refused) == sorted([NORA, RILEY, MORGAN])


async def test_an_approver_in_a_group_counts(tmp_path: Path) -> None:
    rules = Rules(approvers=Roster(groups=frozenset({"SBOSS", "SOTHER"})))
    async with desk_at(tmp_path, rules) as desk:
        desk.directory.groups = {"SBOSS": frozenset({MORGAN}), "SOTHER": frozenset()}
        bought = await desk.pending()
        await desk.click(bought)
        await desk.quiet()
        assert await desk.status(bought) is Status.PROVISIONED


async def test_a_group_that_cannot_be_read_means_refused_never_anyone(tmp_path: Path) -> None:
    rules = Rules(approvers=Roster(groups=frozenset({"SBOSS"})))
    async with desk_at(tmp_path, rules) as desk:
        desk.directory.trouble["SBOSS"] = Undeliverable("plan_upgrade_required")
        bought = await desk.pending()
        await desk.click(bought)
        await desk.quiet()
        assert desk.replies == [(MORGAN, "PeopleUnknown")]
        assert await desk.status(bought) is Status.PENDING


async def test_a_person_slack_does_not_know_decides_nothing(desk: Desk) -> None:
    bought = await desk.pending()
    desk.directory.trouble[MORGAN] = Undeliverable("user_not_found")
    await desk.click(bought)
    await desk.quiet()
    assert desk.replies == [(MORGAN, "PeopleUnknown")]


async def test_slack_that_cannot_say_who_clicked_is_asked_again_for_a_while(desk: Desk) -> None:
    bought = await desk.pending()
    desk.directory.trouble[MORGAN] = TryLater("down")
    await desk.click(bought)
    await desk.quiet()
    assert desk.replies == []
    desk.clock.advance(seconds=2)
    del desk.directory.trouble[MORGAN]
    await desk.quiet()
    assert await desk.status(bought) is Status.PROVISIONED


async def test_slack_that_stays_away_refuses_the_click_and_says_so(desk: Desk) -> None:
    bought = await desk.pending()
    desk.directory.trouble[MORGAN] = TryLater("down")
    await desk.click(bought)
    await desk.quiet()
    for _ in range(5):
        assert desk.replies == []
        desk.clock.advance(seconds=1)
        await desk.quiet()
    assert desk.replies == [(MORGAN, "PeopleUnknown")]
    assert await desk.status(bought) is Status.PENDING


async def test_it_expires_to_the_second_and_not_before(desk: Desk) -> None:
    bought = await desk.pending()
    desk.clock.advance(minutes=9, seconds=59.999)
    await desk.quiet()
    assert await desk.status(bought) is Status.PENDING
    assert desk.next_due == bought.expires_at
    desk.clock.advance(seconds=0.001)
    await desk.quiet()
    assert await desk.status(bought) is Status.EXPIRED
    assert desk.messenger.cards[-1][2].status is Status.EXPIRED
    assert desk.reports == [(PHONES, Status.EXPIRED)]
    assert (await desk.get(bought)).preview_token is None


async def test_a_click_in_time_goes_before_the_expiry_that_found_it_unjudged(desk: Desk) -> None:
    bought = await desk.pending()
    desk.clock.advance(minutes=9, seconds=59)
    desk.directory.trouble[MORGAN] = TryLater("down")
    await desk.click(bought)
    await desk.quiet()
    desk.clock.advance(seconds=1)  # due to expire, and the click is still unjudged
    await desk.quiet()
    assert await desk.status(bought) is Status.PENDING
    del desk.directory.trouble[MORGAN]
    desk.clock.advance(seconds=1)
    await desk.quiet()
    done = await desk.get(bought)
    # The click counted; the token had run out by then, so nothing was sent and all is said.
    assert (done.status, done.approver_id) == (Status.FAILED, MORGAN)
    assert done.why is not None
    assert done.why.name == "PreviewExpired"
    assert desk.provider.confirms == []


async def test_a_click_after_the_deadline_is_told_so(desk: Desk) -> None:
    bought = await desk.pending()
    desk.clock.advance(minutes=10)
    await desk.click(bought)
    await desk.quiet()
    assert await desk.status(bought) is Status.EXPIRED
    assert desk.replies[0][1] in {"CameTooLate", "AlreadyEnded"}
    assert desk.provider.confirms == []


@pytest.mark.parametrize("error", [NoCardOnFile, NoneAvailable, ProviderUnreachable])
async def test_a_refused_preview_is_told_to_the_requester_alone(
    desk: Desk, error: type[Exception]
) -> None:
    desk.provider.preview_answer = error()
    bought = await desk.pending()
    assert (bought.status, desk.replies) == (Status.REFUSED, [(RILEY, error.__name__)])
    assert desk.messenger.cards == []
    assert desk.reports == []


async def test_guests_are_refused(desk: Desk) -> None:
    desk.directory.standings[RILEY] = Standing.GUEST
    bought = await desk.pending()
    assert (bought.status, desk.replies) == (Status.REFUSED, [(RILEY, "NotAFullMember")])


async def test_only_requesters_may_ask_where_they_are_named(tmp_path: Path) -> None:
    rules = Rules(approvers=Roster(frozenset({MORGAN})), requesters=Roster(frozenset({NORA})))
    async with desk_at(tmp_path, rules) as desk:
        bought = await desk.pending()
        assert (bought.status, desk.replies) == (Status.REFUSED, [(RILEY, "NotARequester")])
        allowed = await desk.buy(requester=NORA)
        await desk.quiet()
        assert await desk.status(allowed) is Status.PENDING


async def test_a_requester_whom_slack_cannot_name_is_refused_after_a_while(desk: Desk) -> None:
    desk.directory.trouble[RILEY] = TryLater("down")
    bought = await desk.pending()
    assert bought.status is Status.REQUESTED
    for _ in range(10):
        assert desk.replies == []
        desk.clock.advance(seconds=1)
        await desk.quiet()
    assert (await desk.status(bought), desk.replies) == (
        Status.REFUSED,
        [(RILEY, "PeopleUnknown")],
    )


async def test_a_request_found_half_an_hour_later_is_refused_not_sprung_on_people(
    desk: Desk,
) -> None:
    bought = await desk.buy()
    desk.clock.advance(minutes=30)
    await desk.quiet()
    assert (await desk.status(bought), desk.replies) == (Status.REFUSED, [(RILEY, "TookTooLong")])


async def test_without_credentials_a_request_is_refused_at_the_command(desk: Desk) -> None:
    with pytest.raises(NotSetUp):
        await request(
            desk.ports,
            provider="magpipe",
            order=Order(),
            requester_id=RILEY,
            channel_id=PHONES,
            reason="",
            trigger_id="t",
            response_url=None,
        )
    assert await desk.all() == []


async def test_cards_go_to_the_approval_channel_and_reports_to_the_command_s(
    tmp_path: Path,
) -> None:
    rules = Rules(approvers=Roster(frozenset({MORGAN})), approval_channel="CAPPROVE")
    async with desk_at(tmp_path, rules) as desk:
        bought = await desk.pending()
        await desk.click(bought)
        await desk.quiet()
        assert {channel for channel, _, _ in desk.messenger.cards} == {"CAPPROVE"}
        assert desk.reports == [(PHONES, Status.PROVISIONED)]


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (NoneAvailable(provider="Sendblue"), Status.FAILED),
        (PreviewExpired(provider="Sendblue", code="X"), Status.FAILED),
        (ProviderUnreachable(provider="Sendblue"), Status.FAILED),
        (ChargedWithoutNumber(provider="Sendblue"), Status.CHARGED),
        (AnswerLost(provider="Sendblue", what="time-out"), Status.UNKNOWN),
        (RuntimeError("from outside any family"), Status.UNKNOWN),
    ],
)
async def test_every_answer_to_a_confirm_has_its_status(
    desk: Desk, answer: Exception, status: Status
) -> None:
    desk.provider.confirm_answer = answer
    bought = await desk.pending()
    await desk.click(bought)
    await desk.quiet()
    assert await desk.status(bought) is status
    assert desk.reports == [(PHONES, status)]
    assert len(desk.provider.confirms) == 1
    assert (await desk.get(bought)).preview_token is None


async def test_limits_on_the_card_are_the_provider_s_or_the_bot_s_own(desk: Desk) -> None:
    first = await desk.pending()
    assert first.limits is not None
    assert (first.limits.day.used, first.limits.month.limit) == (0, 10)
    await desk.click(first)
    await desk.quiet()
    desk.provider.reading = ProviderUnreachable(provider="Sendblue")
    second = await desk.pending()
    assert second.limits is not None
    assert (second.limits.day.used, second.limits.month.used) == (1, 1)
    desk.clock.advance(hours=24)
    desk.provider.reading = LimitReading()
    third = await desk.pending()
    assert third.limits is not None
    assert (third.limits.day.used, third.limits.month.used) == (0, 1)


async def test_what_was_on_the_account_before_is_stored_with_the_confirm(desk: Desk) -> None:
    desk.provider.account = [Holding(key="+12", number="+12"), Holding(key="+11", number="+11")]
    bought = await desk.pending()
    desk.clock.advance(seconds=5)
    await desk.click(bought)
    await desk.quiet()
    done = await desk.get(bought)
    assert done.baseline == ("+11", "+12")
    assert done.baseline_at is not None
    assert done.baseline_at > START


async def test_credentials_taken_away_between_approval_and_confirm_are_waited_for(
    tmp_path: Path,
) -> None:
    async with desk_at(tmp_path) as desk:
        bought = await desk.pending()
        del desk.providers["sendblue"]
        await desk.click(bought)
        await desk.quiet()
        assert await desk.status(bought) is Status.APPROVED
        desk.clock.advance(minutes=10)
        await desk.quiet()
        assert await desk.status(bought) is Status.FAILED
        assert desk.provider.confirms == []
