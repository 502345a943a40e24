"""What each answer of an app does to what people see; the app here says what the test tells it."""

from __future__ import annotations

import copy
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from bot.sandbox.serve import serve
from bot.sandbox.slack import Message, SlackSimulator, View
from bot.sandbox.slack.calls import Call
from bot.sandbox.slack.delivery import sign
from bot.sandbox.slack.methods_views import METHODS
from bot.sandbox.slack.people import BOT_USER_ID, GENERAL, LEADERS, MORGAN, PHONES, RILEY
from bot.sandbox.slack.validate import check_view
from tests.sandbox.toy_bot import CARD, MODAL, now


class Puppet:
    """An app that answers `says` (a JSON object, or nothing) with `status`, and keeps what came."""

    def __init__(self) -> None:
        self.says: dict[str, Any] | None = None
        self.status = 200
        self.headers: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self.forms: list[dict[str, str]] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        self.bodies.append(await request.read())
        self.forms.append({name: str(value) for name, value in (await request.post()).items()})
        if self.says is None:
            return web.Response(status=self.status)
        return web.json_response(self.says, status=self.status)

    def payload(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.forms[-1]["payload"])
        return body


@pytest.fixture
def puppet() -> Puppet:
    return Puppet()


@pytest.fixture
async def slack(puppet: Puppet) -> AsyncIterator[SlackSimulator]:
    app = web.Application()
    app.router.add_post("/slack/events", puppet.answer)
    served = await serve(app)
    async with SlackSimulator(now) as simulator:
        simulator.deliver_to(f"{served.url}/slack/events")
        yield simulator
    await served.close()


@pytest.fixture
def card(slack: SlackSimulator) -> Message:
    return slack.workspace.post(PHONES, BOT_USER_ID, "card", CARD)


@pytest.fixture
def view(slack: SlackSimulator) -> View:
    return slack.workspace.add_view("modal", RILEY, MODAL)


CHOICES = [{"text": {"type": "plain_text", "text": n}, "value": n} for n in ("one", "two")]


async def test_a_command_is_a_signed_form_with_every_field(
    slack: SlackSimulator, puppet: Puppet
) -> None:
    await slack.command("/line buy  x", user=RILEY, channel=GENERAL)

    [form], [headers], [body] = puppet.forms, puppet.headers, puppet.bodies
    assert set(form) == {
        *("token", "team_id", "team_domain", "channel_id", "channel_name", "user_id", "user_name"),
        *("command", "text", "api_app_id", "is_enterprise_install", "response_url", "trigger_id"),
    }
    assert (form["command"], form["text"]) == ("/line", "buy  x")
    expected = sign(slack.state.signing_secret, headers["x-slack-request-timestamp"], body)
    assert headers["x-slack-signature"] == expected


async def test_a_click_says_who_where_and_on_what(
    slack: SlackSimulator, puppet: Puppet, card: Message
) -> None:
    await slack.click(card, "approve", user=MORGAN)

    said = puppet.payload()
    assert said["container"] == {
        "type": "message",
        "message_ts": card.ts,
        "channel_id": PHONES,
        "is_ephemeral": False,
    }
    assert (said["user"]["id"], said["actions"][0]["value"]) == (MORGAN, "1")
    assert said["message"]["ts"] == card.ts


async def test_a_click_on_an_ephemeral_message_carries_no_message(
    slack: SlackSimulator, puppet: Puppet
) -> None:
    shown = slack.workspace.post(PHONES, BOT_USER_ID, "x", CARD, only_for=RILEY)
    await slack.click(shown, "Approve", user=RILEY)
    assert "message" not in puppet.payload()


async def test_a_click_on_home_has_neither_channel_nor_response_url(
    slack: SlackSimulator, puppet: Puppet
) -> None:
    home = slack.workspace.add_view("home", RILEY, {"type": "home", "blocks": CARD})
    await slack.click(home, "Approve", user=RILEY)
    said = puppet.payload()
    assert said["container"] == {"type": "view", "view_id": home.id}
    assert not {"channel", "response_url", "message"} & set(said)


async def test_a_click_that_was_not_taken_is_shown_to_who_clicked(
    slack: SlackSimulator, puppet: Puppet, card: Message
) -> None:
    puppet.status = 404
    await slack.click(card, "Approve", user=MORGAN)
    assert "did not take your click (status code 404)" in slack.ephemerals(MORGAN)[0].text


async def test_a_button_that_is_not_there_is_named_with_those_that_are(
    slack: SlackSimulator, card: Message
) -> None:
    with pytest.raises(LookupError, match="Approve"):
        await slack.click(card, "Refuse", user=MORGAN)


async def test_an_ack_can_speak_to_the_channel(slack: SlackSimulator, puppet: Puppet) -> None:
    puppet.says = {"response_type": "in_channel", "text": "hello"}
    await slack.command("/line", user=RILEY, channel=GENERAL)
    assert [m.text for m in slack.messages(GENERAL)] == ["hello"]


async def test_an_ack_slack_cannot_show_is_a_failed_command(
    slack: SlackSimulator, puppet: Puppet
) -> None:
    puppet.says = {"text": "x", "blocks": [{"type": "nope"}]}
    await slack.command("/line", user=RILEY, channel=PHONES)
    assert slack.ephemerals(RILEY)[0].text == '/line failed with the error "invalid_blocks"'


async def test_a_menu_sends_the_option_chosen(slack: SlackSimulator, puppet: Puppet) -> None:
    menu = {"type": "static_select", "action_id": "menu", "options": CHOICES}
    message = slack.workspace.post(
        PHONES, BOT_USER_ID, "x", [{"type": "actions", "elements": [menu]}]
    )
    await slack.click(message, "menu", user=RILEY, value="two")
    assert puppet.payload()["actions"][0]["selected_option"]["value"] == "two"


async def test_a_form_sends_what_was_chosen_and_typed(
    slack: SlackSimulator, puppet: Puppet
) -> None:
    def field(kind: str, **more: Any) -> dict[str, Any]:
        label = {"type": "plain_text", "text": kind}
        element = {"type": kind, "action_id": "a", **more}
        return {"type": "input", "block_id": kind, "label": label, "element": element}

    fields = [
        field("plain_text_input", initial_value="before"),
        field("radio_buttons", options=CHOICES),
        field("checkboxes", options=CHOICES),
        field("users_select"),
        field("datepicker", initial_date="2026-05-18"),
    ]
    form = {**MODAL, "blocks": fields}
    assert not check_view(form)
    view = slack.workspace.add_view("modal", RILEY, form)

    await slack.submit(
        view, {"radio_buttons": "one", "checkboxes": ["one", "two"], "users_select": MORGAN}
    )

    state = {name: one["a"] for name, one in puppet.payload()["view"]["state"]["values"].items()}
    assert state["plain_text_input"]["value"] == "before"
    assert state["radio_buttons"]["selected_option"]["value"] == "one"
    assert [o["value"] for o in state["checkboxes"]["selected_options"]] == ["one", "two"]
    assert state["users_select"]["selected_user"] == MORGAN
    assert state["datepicker"]["selected_date"] == "2026-05-18"


async def test_an_empty_ack_closes_the_top_modal_only(
    slack: SlackSimulator, puppet: Puppet, view: View
) -> None:
    puppet.says = {"response_action": "push", "view": MODAL}
    await slack.submit(view, {"reason": "x"})
    below, above = slack.workspace.modals(RILEY)
    assert (below.id, above.previous_id) == (view.id, view.id)

    puppet.says = None
    await slack.submit(above, {"reason": "x"})
    assert slack.workspace.modals(RILEY) == [view]


async def test_clear_closes_all_modals(slack: SlackSimulator, puppet: Puppet, view: View) -> None:
    slack.workspace.add_view("modal", RILEY, MODAL)
    puppet.says = {"response_action": "clear"}
    await slack.submit(view, {"reason": "x"})
    assert not slack.workspace.modals(RILEY)


async def test_an_updated_modal_keeps_what_was_typed(
    slack: SlackSimulator, puppet: Puppet, view: View
) -> None:
    title = {"type": "plain_text", "text": "Again"}
    puppet.says = {"response_action": "update", "view": {**MODAL, "title": title}}
    await slack.submit(view, {"reason": "x"})
    assert view.body["title"] == title
    assert view.state["reason"]["typed"]["value"] == "x"


@pytest.mark.parametrize(
    "says",
    [
        {"response_action": "errors", "errors": {"another_block": "x"}},
        {"response_action": "errors"},
        {"response_action": "update", "view": {"type": "modal"}},
        {"response_action": "explode", "view": MODAL},
    ],
)
async def test_an_ack_slack_does_not_understand_is_trouble(
    slack: SlackSimulator, puppet: Puppet, view: View, says: dict[str, Any]
) -> None:
    puppet.says = says
    await slack.submit(view, {"reason": "x"})
    assert (view.is_open, view.trouble) == (True, "We had some trouble connecting. Try again?")


async def test_closing_is_told_where_it_was_asked_for(
    slack: SlackSimulator, puppet: Puppet, view: View
) -> None:
    assert await slack.close_view(view) is None
    told = slack.workspace.add_view("modal", RILEY, {**MODAL, "notify_on_close": True})
    await slack.close_view(told)
    assert puppet.payload()["type"] == "view_closed"
    assert not slack.workspace.modals(RILEY)


async def test_shortcuts_are_global_or_on_a_message(
    slack: SlackSimulator, puppet: Puppet, card: Message
) -> None:
    await slack.shortcut("buy", user=RILEY)
    assert puppet.payload()["type"] == "shortcut"
    await slack.shortcut("buy", user=RILEY, on=card)
    assert puppet.payload()["message_ts"] == card.ts


ASKS_WHERE = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Where"},
    "submit": {"type": "plain_text", "text": "Go"},
    "blocks": [
        {
            "type": "input",
            "block_id": "where",
            "label": {"type": "plain_text", "text": "Where"},
            "element": {
                "type": "conversations_select",
                "action_id": "where",
                "default_to_current_conversation": True,
                "filter": {"include": ["public"]},
            },
        }
    ],
}


@pytest.mark.parametrize(
    ("looking_at", "named", "chosen"),
    [
        (PHONES, None, PHONES),
        (LEADERS, None, None),  # private: not in the menu
        (None, None, None),  # App Home
        (PHONES, GENERAL, GENERAL),
    ],
)
async def test_a_menu_of_conversations_starts_where_somebody_is_looking(
    slack: SlackSimulator, looking_at: str | None, named: str | None, chosen: str | None
) -> None:
    await slack.shortcut("x", user=RILEY, looking_at=looking_at)
    body: dict[str, Any] = copy.deepcopy(ASKS_WHERE)
    if named:
        body["blocks"][0]["element"]["initial_conversation"] = named
    trigger_id = slack.deliveries[-1].payload["trigger_id"]
    call = Call(slack.state, {"trigger_id": trigger_id, "view": body}, slack.state.bot_token)

    opened = METHODS["views.open"](call)["view"]

    assert opened["state"]["values"]["where"]["where"]["selected_conversation"] == chosen
