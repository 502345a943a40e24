"""What the user sees once the app has answered, or has not."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack.calls import SlackError
from bot.sandbox.slack.delivery import NOT_DELIVERED, Answer
from bot.sandbox.slack.methods_views import DEEPEST_STACK
from bot.sandbox.slack.response_urls import respond
from bot.sandbox.slack.state import State
from bot.sandbox.slack.tickets import ResponseUrl
from bot.sandbox.slack.validate import check_view
from bot.sandbox.slack.workspace import SLACKBOT, View

TROUBLE = "We had some trouble connecting. Try again?"


def command_answered(state: State, payload: dict[str, Any], answer: Answer) -> None:
    """Text or blocks in the ack are shown, to the user alone unless it says `in_channel`."""
    user, channel = payload["user_id"], payload["channel_id"]
    if not answer.ok:
        error = answer.error or NOT_DELIVERED
        text = f'{payload["command"]} failed with the error "{error}"'
        state.workspace.post(channel, SLACKBOT, text, only_for=user)
        return
    body = {"text": answer.body} if isinstance(answer.body, str) else answer.body
    if isinstance(body, dict) and (body.get("text") or body.get("blocks")):
        ticket = ResponseUrl(user, channel, state.workspace.now())
        try:
            respond(state, ticket, body)
        except SlackError as refusal:
            text = f'{payload["command"]} failed with the error "{refusal.code}"'
            state.workspace.post(channel, SLACKBOT, text, only_for=user)


def click_answered(state: State, user: str, channel: str | None, answer: Answer) -> None:
    """Slack marks the button of a click that was not acknowledged; here a line says so."""
    if answer.ok or channel is None:
        return
    why = answer.error or f"status code {answer.status}"
    text = f"This app did not take your click ({why})."
    state.workspace.post(channel, SLACKBOT, text, only_for=user)


def submission_answered(state: State, view: View, answer: Answer) -> None:
    """An empty ack closes the modal; `response_action` says otherwise."""
    body = answer.body if isinstance(answer.body, dict) else {}
    action = body.get("response_action")
    if not answer.ok or not _take(state, view, action, body):
        view.trouble = TROUBLE
    state.workspace.changed()


def _take(state: State, view: View, action: str | None, body: dict[str, Any]) -> bool:
    """Do what the ack asks; False when Slack could not."""
    workspace = state.workspace
    stack = workspace.modals(view.user)
    if action is None:
        view.is_open = False
    elif action == "clear":
        for each in stack:
            each.is_open = False
    elif action == "errors":
        return _show_errors(view, body.get("errors"))
    elif check_view(body.get("view")) or action not in {"update", "push"}:
        return False
    elif action == "update":
        workspace.change_view(view, body["view"])
    else:
        if len(stack) >= DEEPEST_STACK:
            return False
        pushed = workspace.add_view("modal", view.user, body["view"])
        pushed.root_id, pushed.previous_id = view.root_id, view.id
    return True


def _show_errors(view: View, errors: Any) -> bool:
    inputs = {b["block_id"] for b in view.body["blocks"] if b["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
        return False
    view.errors, view.trouble = dict(errors), ""
    return True
