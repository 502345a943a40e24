"""What the use cases tell operators of, each once."""

from datetime import timedelta

from bot.domain.decision import Action
from bot.domain.errors import AnswerLost
from bot.domain.purchase import Status
from bot.ports import TryLater
from tests.desk import Desk


async def test_a_purchase_is_told_of_step_by_step(desk: Desk) -> None:
    purchase = await desk.pending()
    await desk.click(purchase)
    await desk.quiet()
    told = desk.meter.told

    assert [what for name, what in told if name == "moved"] == [
        (Status.REQUESTED, Status.PENDING),
        (Status.PENDING, Status.APPROVED),
        (Status.APPROVED, Status.CONFIRMING),
        (Status.CONFIRMING, Status.PROVISIONED),
    ]
    assert [each for each in told if each[0] != "moved"] == [
        ("limits_read", "sendblue"),
        ("card_posted", timedelta(0)),
        ("decided", (Status.PENDING, Action.APPROVE)),
        ("confirm_sent", "sendblue"),
        ("reported", Status.PROVISIONED),
    ]


async def test_a_lost_answer_is_a_confirm_that_was_sent(desk: Desk) -> None:
    desk.provider.confirm_answer = AnswerLost(provider="Sendblue")
    await desk.click(await desk.pending())
    await desk.quiet()
    assert desk.meter.told.count(("confirm_sent", "sendblue")) == 1
    assert ("moved", (Status.CONFIRMING, Status.UNKNOWN)) in desk.meter.told


async def test_a_second_click_and_a_refused_one_are_no_decisions(desk: Desk) -> None:
    purchase = await desk.pending()
    await desk.click(purchase)
    await desk.click(purchase)
    await desk.click(purchase, actor="USTRANGER")
    await desk.quiet()
    assert [name for name, _ in desk.meter.told].count("decided") == 1


async def test_what_slack_did_not_take_is_told_when_it_has_it(desk: Desk) -> None:
    desk.messenger.errors["post_card"] = [TryLater("down")]
    await desk.buy()
    await desk.quiet()
    assert "card_posted" not in dict(desk.meter.told)
    desk.clock.advance(seconds=30)
    await desk.quiet()
    assert ("card_posted", timedelta(seconds=30)) in desk.meter.told
