"""What Slack is owed arrives, in the end, whatever Slack does meanwhile."""

import pytest

from bot.domain.decision import Action
from bot.domain.people import Standing
from bot.domain.purchase import Status
from bot.ports import CardGone, Holding, TryLater, Undeliverable
from bot.use_cases.answers import (
    Ask,
    Help,
    Holdings,
    LimitsAnswer,
    OpenPurchases,
    Story,
    ask,
)
from bot.use_cases.deliver import back_off
from bot.use_cases.history import History
from tests.desk import MORGAN, PHONES, RILEY, Desk


async def test_a_card_that_slack_cannot_take_now_is_posted_later(desk: Desk) -> None:
    desk.messenger.errors["post_card"] = [TryLater("ratelimited", retry_after=30), TryLater("500")]
    await desk.pending()
    assert desk.messenger.cards == []
    desk.clock.advance(seconds=29)
    await desk.quiet()
    assert desk.messenger.errors["post_card"] != []  # Retry-After is kept
    desk.clock.advance(seconds=5)
    await desk.quiet()
    desk.clock.advance(seconds=5)
    await desk.quiet()
    assert len(desk.messenger.cards) == 1


async def test_an_update_that_fails_is_made_up_for_and_shows_the_newest(desk: Desk) -> None:
    bought = await desk.pending()
    desk.messenger.errors["update_card"] = [TryLater("500")]
    await desk.click(bought)
    await desk.quiet()
    desk.clock.advance(seconds=5)
    await desk.quiet()
    assert desk.messenger.cards[-1][2].status is Status.PROVISIONED


async def test_where_the_card_cannot_be_posted_the_requester_is_told_what_to_do(
    desk: Desk,
) -> None:
    desk.messenger.errors["post_card"] = [Undeliverable("not_in_channel")]
    bought = await desk.pending()
    assert (bought.status, desk.replies) == (Status.REFUSED, [(RILEY, "CannotPostCard")])
    assert bought.why is not None
    assert bought.why.fields["error"] == "not_in_channel"
    assert bought.preview_token is None


async def test_a_card_that_somebody_deleted_is_posted_anew_while_it_is_needed(desk: Desk) -> None:
    bought = await desk.pending()
    desk.messenger.errors["update_card"] = [CardGone("message_not_found")]
    await desk.click(bought)
    await desk.quiet()
    await desk.quiet()
    assert len({ts for _, ts, _ in desk.messenger.cards}) in {1, 2}
    assert await desk.status(bought) is Status.PROVISIONED


async def test_a_deleted_card_of_a_finished_purchase_is_let_go(desk: Desk) -> None:
    bought = await desk.pending()
    desk.messenger.errors["update_card"] = [CardGone("message_not_found")]
    await desk.click(bought, Action.CANCEL)
    await desk.quiet()
    assert len(desk.messenger.cards) == 1
    assert desk.next_due is None


async def test_a_card_in_an_archived_channel_becomes_true_when_it_is_back(desk: Desk) -> None:
    bought = await desk.pending()
    desk.messenger.errors["update_card"] = [Undeliverable("is_archived")]
    await desk.click(bought, Action.CANCEL)
    await desk.quiet()
    desk.clock.advance(minutes=10)
    await desk.quiet()
    assert [drawn.status for _, _, drawn in desk.messenger.cards] == [
        Status.PENDING,
        Status.CANCELLED,
    ]


async def test_a_card_nobody_can_get_is_let_go_a_day_after_the_end(desk: Desk) -> None:
    bought = await desk.pending()
    desk.messenger.errors["update_card"] = [Undeliverable("is_archived")] * 200
    await desk.click(bought, Action.CANCEL)
    for _ in range(146):
        await desk.quiet()
        desk.clock.advance(minutes=10)
    assert desk.next_due is None


async def test_a_bug_in_an_answer_is_told_with_an_incident(desk: Desk) -> None:
    desk.provider.holdings_error = RuntimeError("a bug")
    answer = await question(desk, Ask.LIST)
    assert getattr(answer, "name", None) == "NotAnswered"


async def test_an_update_that_slack_refuses_for_good_does_not_undo_the_purchase(
    desk: Desk,
) -> None:
    bought = await desk.pending()
    desk.messenger.errors["update_card"] = [Undeliverable("is_archived")] * 3
    await desk.click(bought)
    await desk.quiet()
    assert await desk.status(bought) is Status.PROVISIONED
    assert desk.reports == [(PHONES, Status.PROVISIONED)]


async def test_a_report_that_cannot_be_posted_goes_to_the_requester(desk: Desk) -> None:
    bought = await desk.pending()
    desk.messenger.errors["report"] = [Undeliverable("is_archived")]
    await desk.click(bought)
    await desk.quiet()
    assert desk.reports == [(RILEY, Status.PROVISIONED)]


async def test_a_report_nobody_can_get_is_given_up_and_blocks_nothing(desk: Desk) -> None:
    bought = await desk.pending()
    desk.messenger.errors["report"] = [Undeliverable("is_archived"), Undeliverable("cannot_dm")]
    await desk.click(bought)
    await desk.quiet()
    assert desk.reports == []
    assert desk.next_due is None


async def test_a_report_that_is_out_of_date_is_left_out(desk: Desk) -> None:
    from bot.domain.errors import AnswerLost  # noqa: PLC0415 used here alone

    desk.provider.confirm_answer = AnswerLost(provider="Sendblue", what="cut")
    desk.messenger.errors["report"] = [TryLater("500")]
    bought = await desk.pending()
    await desk.click(bought)
    await desk.quiet()
    await desk.click(await desk.get(bought), Action.NOTHING_BOUGHT)
    await desk.quiet()
    desk.clock.advance(seconds=5)
    await desk.quiet()
    assert [status for _, status in desk.reports] == [Status.FAILED]


async def test_a_message_nobody_could_send_for_a_day_is_given_up(desk: Desk) -> None:
    desk.messenger.errors["reply"] = [TryLater("down")]
    bought = await desk.pending()
    await desk.click(bought, actor="UNORA")
    await desk.quiet()
    desk.clock.advance(hours=25)
    await desk.quiet()
    assert desk.messenger.replies == []


def test_waiting_grows_to_a_minute_and_never_beats_retry_after() -> None:
    assert back_off(0, 30).total_seconds() >= 30
    assert 30 <= back_off(50, None).total_seconds() <= 60
    assert back_off(0, None).total_seconds() <= 0.5


async def question(
    desk: Desk, what: Ask, *, user: str = RILEY, provider: str = "sendblue", **more: str
) -> object:
    await ask(
        desk.ports,
        ask=what,
        provider=provider,
        user_id=user,
        channel_id=PHONES,
        response_url=None,
        trigger_id=desk.trigger(),
        **more,
    )
    await desk.quiet()
    return desk.messenger.replies[-1][1]


async def test_pending_lists_what_is_not_over(desk: Desk) -> None:
    waiting = await desk.pending()
    gone = await desk.pending()
    await desk.click(gone, Action.CANCEL)
    await desk.quiet()
    answer = await question(desk, Ask.PENDING)
    assert isinstance(answer, OpenPurchases)
    assert [each.id for each in answer.purchases] == [waiting.id]


async def test_history_lists_one_person_s_or_everybody_s(desk: Desk) -> None:
    await desk.pending()
    mine, others = (
        await question(desk, Ask.HISTORY, of=RILEY),
        await question(desk, Ask.HISTORY, of=MORGAN),
    )
    assert isinstance(mine, History)
    assert isinstance(others, History)
    assert (len(mine.purchases), len(others.purchases)) == (1, 0)


async def test_show_tells_the_whole_story_by_code_in_any_case(desk: Desk) -> None:
    bought = await desk.pending()
    answer = await question(desk, Ask.SHOW, code=bought.code.lower())
    assert isinstance(answer, Story)
    assert (answer.purchase.id, len(answer.rows)) == (bought.id, 2)


async def test_an_unknown_code_is_said_to_be_unknown(desk: Desk) -> None:
    answer = await question(desk, Ask.SHOW, code="ZZZZ")
    assert getattr(answer, "name", None) == "PurchaseNotFound"


async def test_list_names_who_bought_what(desk: Desk) -> None:
    bought = await desk.pending()
    await desk.click(bought)
    await desk.quiet()
    desk.provider.account = [
        Holding(key="a", number="+14152007986"),
        Holding(key="b", number="+14155550100"),
        Holding(key="c", number=None),
    ]
    answer = await question(desk, Ask.LIST)
    assert isinstance(answer, Holdings)
    assert [held.purchase and held.purchase.id for held in answer.held] == [bought.id, None, None]


async def test_limits_are_answered(desk: Desk) -> None:
    answer = await question(desk, Ask.LIMITS)
    assert isinstance(answer, LimitsAnswer)
    assert answer.limits is not None
    assert answer.limits.day.left == 3


@pytest.mark.parametrize("what", [Ask.LIST, Ask.LIMITS])
async def test_what_is_not_set_up_says_so(desk: Desk, what: Ask) -> None:
    answer = await question(desk, what, provider="magpipe")
    assert getattr(answer, "name", None) == "NotSetUp"


@pytest.mark.parametrize("what", Ask)
async def test_guests_get_the_help_and_nothing_else(desk: Desk, what: Ask) -> None:
    bought = await desk.pending()
    desk.directory.standings["UGUS"] = Standing.GUEST
    answer = await question(desk, what, user="UGUS", code=bought.code)
    assert isinstance(answer, Help)


async def test_whom_slack_does_not_know_gets_the_help_too(desk: Desk) -> None:
    desk.directory.trouble["UGUS"] = Undeliverable("user_not_found")
    assert isinstance(await question(desk, Ask.PENDING, user="UGUS"), Help)


async def test_a_question_is_answered_later_when_slack_cannot_say_who_asks(desk: Desk) -> None:
    desk.directory.trouble[RILEY] = TryLater("down")
    await ask(
        desk.ports,
        ask=Ask.PENDING,
        provider="sendblue",
        user_id=RILEY,
        channel_id=PHONES,
        response_url=None,
        trigger_id="t",
    )
    await desk.quiet()
    assert desk.messenger.replies == []
    del desk.directory.trouble[RILEY]
    desk.clock.advance(seconds=2)
    await desk.quiet()
    assert isinstance(desk.messenger.replies[-1][1], OpenPurchases)
