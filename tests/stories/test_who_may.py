"""Who may ask, decide and read, whatever state Slack's answers about them are in."""

import pytest

from bot.domain.purchase import Status
from bot.sandbox.slack.people import GUS, MAX, MORGAN, PHONES, RILEY, SAM
from bot.sandbox.slack.workspace import Message
from tests.stories.office import Office, drawn


async def test_a_group_that_the_plan_does_not_have_approves_nothing(office: Office) -> None:
    office.slack.state.plan_has_user_groups = False
    async with office.open():
        await office.buy()
        card = await office.card()
        await office.press(card, "Approve", MAX)  # an approver by the group alone
        told = await office.told(MAX, "could not check with Slack")
        assert "Nothing was spent" in drawn(told)
        await office.stands(Status.PENDING)
        await office.press(card, "Approve", MORGAN)  # named
        await office.now_shows(card, "Bought:")


async def test_a_lookup_that_fails_is_tried_for_a_while_and_then_refused(office: Office) -> None:
    async with office.open():
        await office.buy()
        card = await office.card()
        office.slack.faults.queue("usergroups.users.list", office.slack_away(), times=3)
        await office.press(card, "Approve", MAX)
        for _ in range(3):
            await office.quiet()
            office.later(seconds=1)
        await office.now_shows(card, "Bought:")

        await office.buy("buy another")
        second = await office.card("another")
        office.later(seconds=61)  # the group is not remembered longer
        office.slack.faults.queue("usergroups.users.list", office.slack_away(), times=30)
        await office.press(second, "Approve", MAX)
        for _ in range(6):
            await office.quiet()
            office.later(seconds=1)
        await office.told(MAX, "could not check with Slack")
        assert office.sendblue.confirms_received.total() == 1


async def test_a_requester_whom_slack_does_not_know_gets_nothing(office: Office) -> None:
    async with office.open():
        office.slack.faults.queue("users.info", office.slack_away(), times=30)
        await office.buy()
        for _ in range(11):
            await office.quiet()
            office.later(seconds=1)
        await office.told(RILEY, "could not check with Slack")
        await office.stands(Status.REFUSED)


@pytest.mark.parametrize("who", [GUS, SAM, "deactivated"])
async def test_guests_strangers_and_deactivated_people_may_not_ask(
    office: Office, who: str
) -> None:
    user = deactivated(office, RILEY) if who == "deactivated" else who
    async with office.open():
        await office.buy(user=user)
        await office.told(user, "Only full members")
        await office.stands(Status.REFUSED)
        assert office.slack.workspace.messages(PHONES) == []


@pytest.mark.parametrize("who", [GUS, SAM, "deactivated"])
async def test_not_even_when_they_are_named_as_approvers_may_they_decide(
    office: Office, who: str
) -> None:
    user = deactivated(office, MAX) if who == "deactivated" else who
    async with office.open(APPROVERS=f"{MORGAN},{GUS},{SAM},{MAX}"):
        await office.buy()
        card = await office.card()
        for button in ("Approve", "Cancel"):
            await office.press(card, button, user)
        await office.told(user, "cannot decide")
        await office.quiet()
        assert len(told_of(office, user)) == 2
        code = (await office.purchase()).code
        await office.buy(f"approve {code}", user)
        await office.quiet()
        await office.stands(Status.PENDING)


@pytest.mark.parametrize("who", [GUS, SAM])
async def test_guests_and_strangers_read_the_help_and_nothing_else(
    office: Office, who: str
) -> None:
    async with office.open():
        await office.bought()
        code = (await office.purchase()).code
        for text in ("list", "pending", "history", "limits", f"show {code}"):
            before = len(told_of(office, who))
            await office.buy(text, who)
            await office.until(lambda before=before: len(told_of(office, who)) > before or None)  # type: ignore[misc]  # mypy cannot infer it
        said = "\n".join(drawn(each) for each in told_of(office, who))
        assert "415" not in said
        assert "new desk" not in said


def deactivated(office: Office, user: str) -> str:
    office.slack.workspace.users[user].deleted = True
    return user


def told_of(office: Office, user: str) -> list[Message]:
    return office.slack.workspace.ephemerals(user)
