"""The form that buys as it is drawn and read; and who gets it, through Bolt's own matching."""

import json
from dataclasses import replace
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.agent import Agent
from bot.domain.approval import Roster
from bot.domain.people import Standing
from bot.domain.policy import Policy, Rule
from bot.domain.purchase import Order
from bot.ports import FixedPolicy, TryLater
from bot.sandbox.slack import SlackSimulator, View
from bot.sandbox.slack.people import MORGAN, PHONES, RILEY
from bot.sandbox.slack.validate import check_view
from handlers import forms, ids
from handlers.forms import Draft, Filled, Looking
from tests.desk import Desk
from tests.fakes import FakeNumberProvider
from tests.handlers.front import Body, Front

NUMBER = "+16045551234"
BOTH = ["sendblue", "magpipe"]
STRICT = FixedPolicy(Policy((Rule(name="all", is_reason_required=True),)))


def element(view: dict[str, Any], block_id: str) -> dict[str, Any]:
    (found,) = [block for block in view["blocks"] if block.get("block_id") == block_id]
    read: dict[str, Any] = found["element"]
    return read


MANY = [Agent(f"id-{n}", f"Agent {n} {'x' * 200}") for n in range(100)]


@pytest.mark.parametrize("provider", [*BOTH, ""])
@pytest.mark.parametrize("agents", [Looking(), None, [], MANY, [*MANY, Agent("one", "more")]])
@pytest.mark.parametrize("is_wanted", [True, False])
def test_slack_takes_every_form(provider: str, agents: forms.Agents, *, is_wanted: bool) -> None:
    order = Order(number=NUMBER, name="n" * 200, agent_id="a" * 200)
    draft = Draft(
        provider=provider,
        channel_id=PHONES,
        order=order,
        reason="r" * 500,
        is_reason_wanted=is_wanted,
    )

    assert check_view(forms.form(draft, BOTH, agents)) == []
    assert check_view(forms.closed()) == []


def test_agents_are_chosen_where_they_are_known_and_few() -> None:
    draft = Draft(provider="magpipe", order=Order(agent_id="frida"))
    frida, other = Agent("a-1", "Frida"), Agent("a-2", "")

    chosen = element(forms.form(draft, BOTH, [frida, other]), forms.AGENT)
    assert chosen["initial_option"]["value"] == "a-1"
    assert chosen["options"][1]["text"]["text"] == "a-2"
    for others in (None, [], [*MANY, frida], [Agent("x" * 151, "Long")]):
        typed = element(forms.form(draft, BOTH, others), forms.AGENT)
        assert (typed["type"], typed["initial_value"]) == ("plain_text_input", "frida")
    twins = forms.form(draft, BOTH, [frida, Agent("a-3", "FRIDA")])
    assert "initial_option" not in element(twins, forms.AGENT)


def test_a_direct_message_is_no_place_to_announce_it() -> None:
    view = forms.form(Draft(provider="sendblue", channel_id="D1"), BOTH, None)
    assert "initial_conversation" not in element(view, forms.CHANNEL)


def body(**values: Any) -> dict[str, Any]:
    """A form with these blocks (without "buy.") filled in."""
    known: dict[str, Any] = {"provider": option("magpipe"), "channel": conversation(PHONES)}
    state = {f"buy.{k}": {f"buy.{k}": v} for k, v in {**known, **values}.items()}
    return {"view": {"type": "modal", "callback_id": ids.BUY_FORM, "state": {"values": state}}}


def option(value: str) -> dict[str, Any]:
    return {"type": "static_select", "selected_option": {"value": value}}


def conversation(value: str | None) -> dict[str, Any]:
    return {"type": "conversations_select", "selected_conversation": value}


def text(value: str | None) -> dict[str, Any]:
    return {"type": "plain_text_input", "value": value}


def test_what_was_filled_in_is_read() -> None:
    filled = forms.read(
        body(number=text("(604) 555-1234"), name=text(" Main  Line "), agent=option("a-1"))
    )

    assert filled == Filled(
        provider="magpipe",
        channel_id=PHONES,
        order=Order(number=NUMBER, name="Main Line", agent_id="a-1"),
        reason="",
    )


def test_a_line_has_no_number() -> None:
    """What was typed before another provider was chosen does not count."""
    filled = forms.read(body(provider=option("sendblue"), number=text("555"), reason=text("why")))

    assert filled == Filled(
        provider="sendblue", channel_id=PHONES, order=Order(), reason="why", search=None
    )


@pytest.mark.parametrize(
    ("values", "block", "said"),
    [
        ({"provider": {}}, ids.PROVIDER, "Choose where to buy"),
        ({"channel": conversation(None)}, forms.CHANNEL, "Choose the channel"),
        ({"reason": text("x" * 501)}, forms.REASON, "501 characters; 500 fit"),
        ({"name": text("x" * 201)}, forms.NAME, "201 characters; 200 fit"),
        ({"agent": text("x" * 201)}, forms.AGENT, "201 characters; 200 fit"),
        ({"number": text("9" * 41)}, forms.NUMBER, "41 characters; 40 fit"),
        ({"search": text("x" * 101)}, forms.SEARCH, "101 characters; 100 fit"),
        ({"number": text("604-555-CALL")}, forms.NUMBER, "no letters"),
        ({"search": text("6")}, forms.SEARCH, "6 is no area code"),
        ({}, forms.NUMBER, "Which number?"),
    ],
)
def test_what_is_wrong_is_told_by_its_block(values: dict[str, Any], block: str, said: str) -> None:
    errors = forms.read(body(**values))

    assert isinstance(errors, dict)
    assert said in errors[block]


@pytest.mark.parametrize("junk", [{}, {"view": None}, {"view": {"state": {"values": [1]}}}])
def test_junk_is_an_error_not_a_crash(junk: dict[str, Any]) -> None:
    assert isinstance(forms.read(junk), dict)
    assert forms.chosen(junk) is None
    assert forms.chosen({**junk, "actions": [{"action_id": ids.PROVIDER}]}) is None


class FormFront(Front):
    """Slack's ways in where both providers are set up."""

    def __init__(self, desk: Desk, slack: SlackSimulator, client: AsyncWebClient) -> None:
        super().__init__(desk, slack, client)
        magpipe = FakeNumberProvider(desk.clock, known_agents=[Agent("a-1", "Frida")])
        self.providers = {**desk.ports.providers, "magpipe": magpipe}
        self.listen()

    def listen(self, **changes: Any) -> None:
        super().listen(**{"providers": getattr(self, "providers", {}), **changes})

    async def modal(self, showing: str, user: str = RILEY) -> View:
        def find() -> View | None:
            views = self.slack.workspace.modals(user)
            return views[-1] if views and showing in json.dumps(views[-1].body) else None

        return await self.slack.wait_for(find)

    async def shortcut(self) -> Body:
        return await self.send(
            {
                "type": "shortcut",
                "callback_id": ids.BUY_SHORTCUT,
                "user": {"id": RILEY},
                "trigger_id": self.slack.state.tickets.issue_trigger(RILEY),
            }
        )

    async def submit(self, **values: Any) -> Body:
        return await self.send(
            {
                "type": "view_submission",
                "user": {"id": RILEY},
                "trigger_id": self.slack.state.tickets.issue_trigger(RILEY),
                **body(**values),
            }
        )


@pytest.fixture
def front(desk: Desk, slack: SlackSimulator, client: AsyncWebClient) -> FormFront:
    return FormFront(desk, slack, client)


async def test_a_reason_that_the_policy_wants_is_asked_for(front: FormFront) -> None:
    front.listen(policy=STRICT)

    assert await front.type("buy") == {"text": ""}

    view = await front.modal("Your approvers want one.")
    assert view.state[forms.CHANNEL][forms.CHANNEL]["selected_conversation"] == PHONES
    assert await front.desk.all() == []
    assert "The card" in (await front.type("buy new desk"))["text"]


async def test_a_number_on_offer_is_asked_for_with_the_reason_it_needs(front: FormFront) -> None:
    front.listen(policy=STRICT)

    await front.press(ids.REQUEST, NUMBER)

    view = await front.modal("Frida")
    assert view.state[forms.NUMBER][forms.NUMBER]["value"] == NUMBER
    assert await front.desk.all() == []


async def test_a_form_without_the_reason_it_needs_says_so(front: FormFront) -> None:
    front.listen(policy=STRICT)

    errors = (await front.submit(provider=option("sendblue")))["errors"]

    assert "want a reason" in errors[forms.REASON]
    assert await front.submit(provider=option("sendblue"), reason=text("desk")) == {"text": ""}
    assert len(await front.desk.all()) == 1


async def test_a_provider_that_is_gone_is_said_under_the_menu(front: FormFront) -> None:
    front.listen(providers={})

    errors = (await front.submit(provider=option("sendblue")))["errors"]

    assert "not set up here" in errors[ids.PROVIDER]


async def test_a_database_that_is_away_is_said_in_the_form(front: FormFront) -> None:
    await front.desk.store.close()

    errors = (await front.submit(provider=option("sendblue")))["errors"]

    assert "database does not answer" in errors[ids.PROVIDER]


async def test_a_direct_message_chosen_all_the_same_is_refused(front: FormFront) -> None:
    chosen = {"provider": option("sendblue"), "channel": conversation("D1")}

    assert "nobody could approve" in (await front.submit(**chosen))["errors"][forms.CHANNEL]


async def test_nobody_submits_nothing(front: FormFront) -> None:
    answer = await front.send({"type": "view_submission", **body()})

    assert "who did this" in answer["errors"][ids.PROVIDER]


async def test_the_shortcut_without_a_provider_is_answered(front: FormFront) -> None:
    front.listen(providers={})

    await front.shortcut()

    assert [each.body["name"] for each in await front.owed()] == ["NotSetUp"]


async def test_who_cannot_be_told_from_a_guest_sees_no_agents(front: FormFront) -> None:
    front.desk.directory.trouble[RILEY] = TryLater("away")

    await front.type("provision", command="/number")

    view = await front.modal("Agent who answers")
    assert "Frida" not in json.dumps(view.body)


async def test_a_guest_gets_a_sentence(front: FormFront) -> None:
    front.desk.directory.standings[RILEY] = Standing.GUEST

    await front.shortcut()

    await front.modal("Only full members")


async def test_a_provider_nobody_has_changes_no_form(front: FormFront) -> None:
    await front.shortcut()
    view = await front.modal("Where to buy")
    pressed = {"selected_option": {"value": "nosuch"}, "type": "static_select"}

    await front.press(
        ids.PROVIDER,
        "",
        actions=[{"action_id": ids.PROVIDER, **pressed}],
        view={"id": view.id, "hash": view.hash, "private_metadata": "{}"},
    )

    assert front.slack.calls("views.update") == []


async def test_an_older_screen_is_not_drawn_over(front: FormFront) -> None:
    await front.shortcut()
    view = await front.modal("Where to buy")
    pressed = {"selected_option": {"value": "magpipe"}, "type": "static_select"}

    await front.press(
        ids.PROVIDER,
        "",
        actions=[{"action_id": ids.PROVIDER, **pressed}],
        view={"id": view.id, "hash": "older", "private_metadata": "{}"},
    )

    await front.slack.wait_for(lambda: front.slack.calls("views.update") or None)
    assert forms.NUMBER not in json.dumps(view.body)


async def test_a_refused_cancel_asks_for_no_reason(front: FormFront) -> None:
    """Whoever may not cancel is told so privately, by the loop, which stands still here."""
    purchase = await front.desk.buy()
    strangers = replace(front.desk.ports.rules, approvers=Roster(frozenset({MORGAN})))
    front.listen(rules=strangers)

    await front.press(ids.CANCEL, ids.join(purchase.id, 1), user={"id": "UNOBODY"})

    assert len(await front.decided()) == 1
    assert front.slack.calls("views.open") == []
