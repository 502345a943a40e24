"""App Home: opened, decided in, kept up to date, and right for people who may see little."""

from bot.domain.purchase import Status
from bot.sandbox.slack.people import GUS, MORGAN, NORA, PHONES, RILEY
from bot.sandbox.slack.workspace import View
from tests.stories.office import Office, drawn_view


async def shows(office: Office, user: str, what: str) -> View:
    """That person's Home, once it shows this."""

    def find() -> View | None:
        home = office.slack.workspace.home(user)
        return home if home is not None and what in drawn_view(home) else None

    return await office.until(find)


async def test_an_approver_decides_at_home_and_it_changes(office: Office) -> None:
    async with office.open():
        await office.buy()
        card = await office.card()
        assert (await office.slack.open_home(MORGAN)).ok
        home = await shows(office, MORGAN, "Approve")
        assert "A Sendblue line, $100.00 per month" in drawn_view(home)
        assert "new desk in Denver" in drawn_view(home)

        assert (await office.slack.click(home, "Approve", user=MORGAN)).ok

        await office.now_shows(card, "Bought: +1 415-200-7986")
        await office.quiet()
        office.later(seconds=1)
        home = await shows(office, MORGAN, "Nothing is waiting for you.")
        assert "+1 415-200-7986" in drawn_view(home)
        assert "2 of 3 left in 24 hours" in drawn_view(home)
        await office.stands(Status.PROVISIONED, charges=1)


async def test_what_is_refused_at_home_is_said_directly(office: Office) -> None:
    async with office.open():
        await office.buy()
        await office.card()
        await office.slack.open_home(MORGAN)
        home = await shows(office, MORGAN, "Approve")
        await office.buy(f"cancel {(await office.purchase()).code}", user=RILEY)
        await office.reaches(Status.CANCELLED)

        assert (await office.slack.click(home, "Approve", user=MORGAN)).ok

        direct = office.slack.workspace.im_of(MORGAN).id
        await office.card("cancelled", channel=direct)


async def test_a_requester_sees_their_own_and_nobody_elses_buttons(office: Office) -> None:
    async with office.open():
        await office.buy()
        await office.card()
        for user in (RILEY, NORA):
            await office.slack.open_home(user)
        mine = drawn_view(await shows(office, RILEY, "Your requests"))
        others = drawn_view(await shows(office, NORA, "Your requests"))
        code = (await office.purchase()).code
        assert code in mine
        assert "Approve" not in mine
        assert "What else is open" not in mine
        assert code not in others
        assert "You have not asked for anything yet." in others


async def test_a_guest_sees_one_sentence(office: Office) -> None:
    async with office.open():
        await office.buy()
        await office.card()
        await office.slack.open_home(GUS)
        home = await shows(office, GUS, "Only full members")
        assert len(home.body["blocks"]) == 1


async def test_a_request_shows_at_the_approvers_home_within_a_second(office: Office) -> None:
    async with office.open():
        await office.slack.open_home(MORGAN)
        await shows(office, MORGAN, "Nothing is waiting for you.")
        await office.buy()
        await office.card()
        await office.quiet()
        before = len(office.slack.calls("views.publish"))
        office.later(seconds=1)
        await shows(office, MORGAN, "waiting for approval")
        await office.quiet()
        assert len(office.slack.calls("views.publish")) == before + 1


async def test_a_throttled_home_is_published_later(office: Office) -> None:
    async with office.open():
        office.slack.faults.queue("views.publish", office.slack_away())
        await office.slack.open_home(MORGAN)
        await office.quiet()
        office.later(seconds=1)
        await shows(office, MORGAN, "Nothing is waiting for you.")


async def test_the_messages_tab_is_no_home(office: Office) -> None:
    async with office.open():
        event = {"type": "app_home_opened", "user": MORGAN, "tab": "messages", "channel": PHONES}
        assert (await office.slack.event(event)).ok
        await office.quiet()
        assert office.slack.calls("views.publish") == []
