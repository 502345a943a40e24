"""Deputies, freezes and direct messages, from the typed command to the last card."""

import pytest

from bot.domain.purchase import Status
from bot.sandbox.magpipe import SEARCH
from bot.sandbox.slack.people import (
    MAX,
    MORGAN,
    NORA,
    PHONE_MANAGERS,
    PHONES,
    RILEY,
    TEAM_ID,
    User,
)
from bot.sandbox.slack.workspace import Message
from tests.stories.office import Office, buttons, drawn

DENVER = "+13036524418"


def mention(user: str) -> str:
    return f"<@{user}|somebody>"


def direct(office: Office, user: str) -> str:
    return office.slack.workspace.im_of(user).id


def leaves(office: Office, *users: str) -> None:
    office.slack.workspace.channels[PHONES].members -= {*users}


async def test_a_deputy_approves_and_the_card_names_for_whom(office: Office) -> None:
    async with office.open():
        await office.buy(f"ooo until tomorrow {mention(NORA)}", user=MORGAN)
        await office.told(MORGAN, "reckoned in America/Denver")
        await office.buy("ooo")
        await office.told(RILEY, f"<@{MORGAN}> until")
        await office.buy()
        card = await office.card()
        await office.press(card, "Approve", NORA)
        await office.now_shows(card, f"Approved by <@{NORA}> for <@{MORGAN}>, who is away")
        bought = await office.stands(Status.PROVISIONED, charges=1)
        await office.buy(f"show {bought.code}")
        await office.told(RILEY, f"In place of <@{MORGAN}>")


async def test_a_deputy_is_none_any_more_when_the_time_is_over_or_ended(office: Office) -> None:
    async with office.open():
        await office.buy(f"ooo for 1 hour {mention(NORA)}", user=MORGAN)
        await office.told(MORGAN, "Until")
        office.later(hours=1)
        await office.buy()
        card = await office.card()
        await office.press(card, "Approve", NORA)
        await office.told(NORA, "Only approvers")
        await office.buy(f"ooo for 1 hour {mention(NORA)}", user=MORGAN)
        await office.until(lambda: len(office.slack.workspace.ephemerals(MORGAN)) > 1 or None)
        await office.buy("ooo end", user=MORGAN)
        await office.told(MORGAN, "Welcome back")
        await office.press(card, "Approve", NORA)
        await office.quiet()
        await office.stands(Status.PENDING)


async def test_who_approves_nothing_has_no_deputy(office: Office) -> None:
    async with office.open():
        await office.buy(f"ooo until Friday {mention(NORA)}")
        await office.told(RILEY, "You approve nothing here")


async def test_nothing_is_requested_or_approved_while_it_is_frozen(office: Office) -> None:
    async with office.open(ALERT_CHANNEL=PHONES):
        await office.buy()
        card = await office.card()
        await office.buy("freeze the bill is wrong", user=MORGAN)
        await office.now_shows(card, "Buying is frozen")
        await office.card("has frozen buying: “the bill is wrong”")
        await office.press(card, "Approve")
        await office.told(MORGAN, "Buying is frozen: ")
        refused = await office.buy("buy another")
        assert "the bill is wrong" in str(refused.body)
        await office.buy("thaw", user=MAX)
        await office.card("has thawed buying")
        await office.quiet()
        assert "frozen" not in drawn(await office.now_shows(card, "Approve"))
        await office.press(card, "Approve")
        await office.now_shows(card, "Bought:")
        await office.stands(Status.PROVISIONED, charges=1)


async def approved_then_frozen(office: Office) -> Message:
    """The freeze comes while the number is looked up once more, right before it is bought."""
    await office.number(f"provision {DENVER}")
    card = await office.card()
    hold = office.magpipe.faults.hold(SEARCH)
    await office.press(card, "Approve")
    await hold.reached()
    await office.buy("freeze stop", user=MAX)
    await office.told(MAX, "Buying is frozen")
    hold.release()
    await office.now_shows(card, "Nothing is approved or bought before")
    await office.quiet()
    assert (await office.purchase()).status is Status.APPROVED
    return card


async def test_a_thaw_lets_what_is_approved_go_on(office: Office) -> None:
    async with office.open():
        card = await approved_then_frozen(office)
        office.later(minutes=5)
        await office.quiet()
        assert office.magpipe.provisions_received.total() == 0
        await office.buy("thaw", user=MORGAN)
        await office.now_shows(card, "Bought:")
        assert office.magpipe.provisions_received.total() == 1
        await office.verify()


async def test_what_is_approved_fails_when_its_price_runs_out_while_frozen(office: Office) -> None:
    async with office.open():
        card = await approved_then_frozen(office)
        office.later(minutes=11)
        await office.now_shows(card, "expired before the purchase reached Magpipe")
        await office.stands(Status.FAILED)
        assert office.magpipe.provisions_received.total() == 0


async def test_copies_change_together_and_their_buttons_work(office: Office) -> None:
    leaves(office, MORGAN)
    async with office.open():
        await office.buy()
        card = await office.card()
        copy = await office.card(channel=direct(office, MORGAN))
        assert buttons(copy) == buttons(card)
        await office.press(copy, "Approve")
        await office.now_shows(copy, "Bought:")
        await office.now_shows(card, "Bought:")
        await office.stands(Status.PROVISIONED, charges=1)
        assert not direct_messages(office, MAX)  # who sees the card


async def test_a_direct_message_that_cannot_be_opened_keeps_nobody_from_deciding(
    office: Office,
) -> None:
    leaves(office, MORGAN, MAX)
    office.slack.faults.queue("conversations.open", office.slack_away(), times=1)
    office.slack.workspace.users[MAX].deleted = True
    async with office.open():
        await office.buy()
        card = await office.card()
        await office.quiet()
        office.later(seconds=2)
        await office.card(channel=direct(office, MORGAN))
        await office.press(card, "Approve")
        await office.now_shows(card, "Bought:")
        assert not direct_messages(office, MAX)


@pytest.mark.parametrize("is_muted", [True, False])
async def test_a_requester_who_is_not_in_the_channel_hears_the_end_unless_muted(
    office: Office, *, is_muted: bool
) -> None:
    leaves(office, RILEY, MORGAN)
    async with office.open():
        if is_muted:
            for user in (RILEY, MORGAN):
                await office.buy("notify off", user=user)
                await office.told(user, "no direct messages")
        await office.buy()
        card = await office.card()
        await office.press(card, "Approve", MAX)
        await office.report(card, "Bought:")
        await office.quiet()
        assert bool(direct_messages(office, RILEY)) is not is_muted
        assert bool(direct_messages(office, MORGAN)) is not is_muted


async def test_of_two_hundred_approvers_ten_get_a_copy_and_soon(office: Office) -> None:
    crowd = [f"U0CROWD{number:03}" for number in range(200)]
    workspace = office.slack.workspace
    workspace.users |= {each: User(each, each.lower(), each, team_id=TEAM_ID) for each in crowd}
    workspace.groups[PHONE_MANAGERS].users = crowd
    async with office.open(APPROVERS=PHONE_MANAGERS):
        await office.buy()
        card = await office.card()
        await office.until(lambda: _reached(office, crowd) == 10 or None)
        asked = [call for call in workspace.calls if call.method == "users.info"]
        assert len(asked) < 15  # nobody is looked up in vain
        await office.press(card, "Approve", crowd[-1])
        await office.now_shows(card, "Bought:")
        await office.quiet()
        assert _reached(office, crowd) == 10


def _reached(office: Office, people: list[str]) -> int:
    return sum(bool(direct_messages(office, each)) for each in people)


def direct_messages(office: Office, user: str) -> list[Message]:
    return office.slack.workspace.messages(direct(office, user))
