"""How much work each thing is that people do. Whoever makes one of these figures grow sees it here,
and says why."""

import pytest

from bot.sandbox.slack.people import MORGAN, PHONES, RILEY
from tests.performance.counting import Work, calls, counted
from tests.stories.office import Office

# Whom Slack is asked about is kept for a minute, and the workspace's own name for good.
_INTRODUCTIONS = ("auth.test", "users.info", "usergroups.users.list", "conversations.members")


# ── Before the ack ───────────────────────────────────────────────────────────────────────────────
async def test_a_command_is_one_transaction_before_the_ack(office: Office) -> None:
    with calls(office) as asked, counted(office, is_resting=True) as work:
        assert (await office.buy()).ok
    # Whether buying is frozen, the purchase, its audit, and that Homes have changed.
    assert work == Work(transactions=1, statements=4)
    assert not asked


async def test_a_click_is_one_transaction_before_the_ack(office: Office) -> None:
    await office.buy()
    card = await office.card()
    await office.quiet()
    with calls(office) as asked, counted(office, is_resting=True) as work:
        assert (await office.press(card, "Approve")).ok
    # The purchase's row locked, the click, and the copy that was clicked.
    assert work == Work(transactions=1, statements=3)
    assert not asked


# ── A purchase ───────────────────────────────────────────────────────────────────────────────────
async def test_from_the_command_to_the_card(office: Office) -> None:
    with counted(office) as work:
        await office.buy()
        await office.card()
        await office.quiet()
    # 18, as a rule: one before the ack; the preview, the card, and whom to ask directly.
    assert work.transactions <= 20
    assert work.statements <= 44
    assert work.looks <= 12


async def test_from_the_click_to_the_report(office: Office) -> None:
    await office.buy()
    card = await office.card()
    await office.quiet()
    with counted(office) as work:
        await office.press(card, "Approve")
        await office.report(card, "+1 415")
        await office.quiet()
    # Three moves, each with the card drawn anew; the report; and a look at the limits afterwards.
    assert work.transactions <= 29
    assert work.statements <= 90
    assert work.looks <= 22


async def test_a_purchase_asks_slack_and_the_provider_for_nothing_twice(office: Office) -> None:
    with calls(office) as first:
        await office.bought()
        await office.quiet()
    with calls(office) as second:
        await office.buy("buy another one")
        await office.press(await office.card("Approval wanted"), "Approve")
        await office.quiet()
    assert {name: first.pop(name) for name in _INTRODUCTIONS} == {
        "auth.test": 1,  # ours; none is made for a request
        "users.info": 2,  # the requester, the approver
        "usergroups.users.list": 1,
        "conversations.members": 1,
    }
    for asked in (first, second):
        # Approved, being bought, bought: less often where one comes before the other was drawn.
        assert 1 <= asked.pop("chat.update") <= 3
        assert asked == {
            "chat.postMessage": 2,  # the card, the report
            "/accounts/limits": 2,  # for the card, and once what was bought has used them
            "/accounts/lines/provision-preview": 1,
            "v2/lines/state": 1,
            "/accounts/lines/provision-confirm": 1,
        }


# ── Nothing, and questions ───────────────────────────────────────────────────────────────────────
async def test_a_loop_with_nothing_to_do_looks_once_per_sweep(office: Office) -> None:
    with calls(office) as asked, counted(office) as work:
        office.bot.loop.wake()
        await office.quiet()
    assert work == Work(looks=work.looks)
    assert work.looks <= 2  # the sweep may come just then
    assert not asked


@pytest.mark.parametrize(
    ("question", "transactions", "called"),
    [
        ("history", 4, {}),
        ("pending", 4, {}),
        ("list", 4, {"v2/lines/state": 1}),
        ("limits", 8, {"/accounts/limits": 1}),  # six months, two providers
    ],
)
async def test_a_question_is_answered_at_once(
    office: Office, question: str, transactions: int, called: dict[str, int]
) -> None:
    await office.bought()
    await office.quiet()
    with counted(office) as work, calls(office) as asked:
        await office.slack.command("/line", question, user=RILEY, channel=PHONES)
        await office.quiet()
    assert work.transactions <= transactions
    assert asked == {"/response_url": 1, **called}


async def test_a_home_is_drawn_at_once(office: Office) -> None:
    await office.bought()
    await office.quiet()
    with counted(office) as work, calls(office) as asked:
        await office.slack.open_home(MORGAN)
        await office.quiet()
    assert work.transactions <= 11  # two of them: what limit each provider named last
    assert asked == {"views.publish": 1}
