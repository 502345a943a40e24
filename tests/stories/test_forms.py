"""The form that buys: each way to it, what it says of mistakes, and what it asks for."""

from bot.domain.purchase import Status
from bot.sandbox.faults import Fault
from bot.sandbox.magpipe import AGENTS_LIST
from bot.sandbox.slack.people import (
    GENERAL,
    GUS,
    MORGAN,
    NORA,
    PHONE_MANAGERS,
    PHONES,
    RILEY,
)
from bot.sandbox.slack.workspace import View
from handlers import forms, ids
from tests.stories.office import Office, drawn, drawn_view

NUMBER = "+16045551234"


async def modal(office: Office, user: str = RILEY, showing: str = "Where to buy") -> View:
    """The form that this person has before them, once it shows this."""

    def find() -> View | None:
        views = office.slack.workspace.modals(user)
        return views[-1] if views and showing in drawn_view(views[-1]) else None

    return await office.until(find)


def labels(view: View) -> list[str]:
    return [block["block_id"] for block in view.body["blocks"] if block["type"] == "input"]


async def for_numbers(office: Office, text: str = "provision") -> View:
    """The form of `/number provision`, with the agents filled in."""
    assert (await office.number(text)).ok
    return await modal(office, showing="Agent who answers")


async def test_the_shortcut_asks_for_a_line_where_somebody_is_looking(office: Office) -> None:
    async with office.open():
        await office.slack.shortcut(ids.BUY_SHORTCUT, user=RILEY, looking_at=PHONES)
        view = await modal(office)
        assert labels(view) == [ids.PROVIDER, forms.REASON, forms.CHANNEL]

        await office.slack.submit(view, {forms.REASON: "desk <!here> & chair"})

        assert not view.is_open
        card = await office.card("Approve")
        assert "desk &lt;!here&gt; &amp; chair" in drawn(card)
        told = await office.told(RILEY, "The card `")
        assert told.channel == PHONES
        assert (await office.purchase()).channel_id == PHONES


async def test_a_channel_is_wanted_where_none_is_known(office: Office) -> None:
    async with office.open():
        await office.slack.open_home(RILEY)
        home = await office.until(lambda: office.slack.workspace.home(RILEY))
        await office.slack.click(home, "Buy a line or number", user=RILEY)
        view = await modal(office)

        await office.slack.submit(view, {})
        assert "Choose the channel" in view.errors[forms.CHANNEL]
        assert await office.purchases() == []

        await office.slack.submit(view, {forms.CHANNEL: PHONES})
        await office.card("Approve")


async def test_a_number_with_name_and_agent_is_asked_for(office: Office) -> None:
    async with office.open():
        view = await for_numbers(office)
        agent = office.magpipe.agents[0]

        await office.slack.submit(
            view,
            {
                forms.NUMBER: "(604) 555-1234",
                forms.NAME: "Main Line",
                forms.AGENT: agent.name,
                forms.REASON: "second office",
            },
        )

        assert view.errors == {}
        await office.until(lambda: not view.is_open or None)
        purchase = (await office.purchases())[0]
        assert purchase.order.number == NUMBER
        assert (purchase.order.name, purchase.reason) == ("Main Line", "second office")
        assert purchase.order.agent_id == agent.agent_id


async def test_what_is_wrong_is_said_under_its_field(office: Office) -> None:
    async with office.open():
        view = await for_numbers(office)
        for values, block, said in [
            ({}, forms.NUMBER, "Which number?"),
            ({forms.NUMBER: "555"}, forms.NUMBER, "too short"),
            ({forms.NUMBER: NUMBER, forms.SEARCH: "604"}, forms.SEARCH, "one of the two"),
            ({forms.NUMBER: "", forms.SEARCH: "6045"}, forms.SEARCH, "is no area code"),
        ]:
            await office.slack.submit(view, dict(values))
            assert said in view.errors[block]
            assert "`" not in view.errors[block]
        assert await office.purchases() == []


async def test_a_number_that_is_being_bought_is_said_under_it(office: Office) -> None:
    async with office.open():
        view = await for_numbers(office)
        await office.number(f"provision {NUMBER}")
        await office.until(lambda: office.cards() or None)

        await office.slack.submit(view, {forms.NUMBER: NUMBER})

        assert "is already being bought" in view.errors[forms.NUMBER]
        assert len(await office.purchases()) == 1


async def test_looking_for_a_number_shows_what_is_for_sale(office: Office) -> None:
    async with office.open():
        view = await for_numbers(office)

        await office.slack.submit(view, {forms.SEARCH: "604"})

        found = await office.told(RILEY, "Request")
        assert await office.purchases() == []
        await office.press(found, "number.request", user=RILEY)
        await office.card("Approve")


async def test_agents_that_cannot_be_had_are_typed(office: Office) -> None:
    async with office.open():
        office.magpipe.faults.queue(AGENTS_LIST, Fault(status=400), times=9)
        view = await for_numbers(office)
        [agent] = [block for block in view.body["blocks"] if block.get("block_id") == forms.AGENT]
        assert agent["element"]["type"] == "plain_text_input"


async def test_choosing_another_provider_asks_other_things(office: Office) -> None:
    async with office.open():
        await office.slack.shortcut(ids.BUY_SHORTCUT, user=RILEY, looking_at=GENERAL)
        view = await modal(office)
        view.state[forms.REASON][forms.REASON]["value"] = "typed before"

        await office.slack.click(view, ids.PROVIDER, user=RILEY, value="magpipe")

        view = await modal(office, showing="Agent who answers")
        assert forms.NUMBER in labels(view)
        assert view.state[forms.REASON][forms.REASON]["value"] == "typed before"


async def test_a_guest_gets_a_sentence_instead_of_a_form(office: Office) -> None:
    async with office.open():
        await office.slack.shortcut(ids.BUY_SHORTCUT, user=GUS, looking_at=PHONES)
        view = await modal(office, GUS, showing="Only full members")
        assert "submit" not in view.body


async def test_a_form_that_does_not_open_is_said(office: Office) -> None:
    async with office.open():
        office.slack.faults.queue("views.open", office.slack_away())
        await office.number("provision")
        await office.told(RILEY, "could not open the form")


async def test_an_approver_says_why_after_cancelling(office: Office) -> None:
    async with office.open():
        await office.buy()
        card = await office.card()
        await office.press(card, "Cancel", MORGAN)
        await office.now_shows(card, "Cancelled")
        view = await modal(office, MORGAN, showing="is cancelled, whether you say why or not")

        await office.slack.submit(view, {ids.INPUT: "we have one <!here>"})

        await office.now_shows(card, "we have one &lt;!here&gt;")
        await office.told(RILEY, "says why")
        purchase = await office.stands(Status.CANCELLED)
        assert (purchase.note, purchase.cancelled_by) == ("we have one <!here>", MORGAN)
        await office.verify()


async def test_a_closed_form_loses_nothing(office: Office) -> None:
    async with office.open():
        await office.buy()
        card = await office.card()
        await office.press(card, "Cancel", MORGAN)
        view = await modal(office, MORGAN, showing="is cancelled")
        await office.slack.close_view(view)
        await office.now_shows(card, "Cancelled")
        assert (await office.stands(Status.CANCELLED)).note is None


async def test_a_reason_left_empty_changes_nothing(office: Office) -> None:
    async with office.open():
        await office.buy()
        await office.press(await office.card(), "Cancel", MORGAN)
        view = await modal(office, MORGAN, showing="is cancelled")
        await office.slack.submit(view, {})
        assert not view.is_open
        purchase = await office.stands(Status.CANCELLED)
        assert len(await office.bot.ports.store.audit(purchase.id)) == 3


async def test_a_second_reason_is_refused_privately(office: Office) -> None:
    async with office.open():
        await office.buy()
        card = await office.card()
        await office.press(card, "Cancel", MORGAN)
        view = await modal(office, MORGAN, showing="is cancelled")
        await office.slack.submit(view, {ids.INPUT: "first"})
        await office.now_shows(card, "first")
        view.is_open = True  # two windows of Slack show the same form
        await office.slack.submit(view, {ids.INPUT: "second"})
        await office.told(MORGAN, "Your reason was not kept")
        assert (await office.stands(Status.CANCELLED)).note == "first"


async def test_who_cancels_their_own_is_not_asked(office: Office) -> None:
    async with office.open():
        await office.buy()
        card = await office.card()
        await office.press(card, "Cancel", RILEY)
        await office.now_shows(card, "Cancelled")
        await office.quiet()
        assert office.slack.calls("views.open") == []


async def test_a_reason_that_comes_a_day_later_is_kept(office: Office) -> None:
    async with office.open():
        await office.buy()
        card = await office.card()
        await office.press(card, "Cancel", MORGAN)
        view = await modal(office, MORGAN, showing="is cancelled")
        office.later(days=1)
        await office.slack.submit(view, {ids.INPUT: "late, but true"})
        await office.now_shows(card, "late, but true")


STRICT = f"""
[[rule]]
name = "lines"
provider = "sendblue"
requester = ["{PHONE_MANAGERS}", "{RILEY}"]
approvers = ["{MORGAN}"]
reason = "required"

[[rule]]
name = "everything else"
approvers = ["{MORGAN}"]
"""


async def test_a_line_without_the_reason_that_the_policy_requires(office: Office) -> None:
    policy = office.folder / "policy.toml"
    policy.write_text(STRICT)
    async with office.open(POLICY_FILE=str(policy)):
        await office.buy("buy")
        view = await modal(office, showing="Your approvers want one.")

        await office.slack.submit(view, {})
        assert "want a reason" in view.errors[forms.REASON]
        assert await office.purchases() == []

        await office.slack.submit(view, {forms.REASON: "desk in Denver"})
        await office.card("desk in Denver")

        await office.buy("buy", user=NORA)  # whom another rule covers
        await office.until(lambda: office.slack.workspace.ephemerals(NORA) or None)
        assert office.slack.workspace.modals(NORA) == []
        assert len(await office.purchases()) == 2
