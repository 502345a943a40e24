"""views.*: modals and App Home."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack.calls import Call, Method, SlackError, refused
from bot.sandbox.slack.tickets import Trigger
from bot.sandbox.slack.validate import check_view
from bot.sandbox.slack.workspace import View

DEEPEST_STACK = 3


def _body(call: Call, kind: str) -> dict[str, Any]:
    body = call.need("view")
    problems = check_view(body)
    if problems:
        raise refused("invalid_arguments", problems)
    if body["type"] != kind:
        raise SlackError("invalid_arguments")
    external_id = body.get("external_id")
    taken = (v for v in call.workspace.views.values() if v.is_open)
    if external_id and any(v.body.get("external_id") == external_id for v in taken):
        raise SlackError("duplicate_external_id")
    result: dict[str, Any] = body
    return result


def _trigger(call: Call) -> Trigger:
    trigger = call.state.tickets.use_trigger(call.need("trigger_id"))
    if isinstance(trigger, str):
        raise SlackError(trigger)
    return trigger


def _open(call: Call) -> dict[str, Any]:
    body = _body(call, "modal")
    trigger = _trigger(call)
    for view in call.workspace.modals(trigger.user):
        view.is_open = False
    view = call.workspace.add_view("modal", trigger.user, body)
    view.looking_at = trigger.channel
    call.workspace.choose_current(view)
    return {"view": view.as_json()}


def _push(call: Call) -> dict[str, Any]:
    body = _body(call, "modal")
    trigger = _trigger(call)
    return {"view": push(call, trigger.user, body).as_json()}


def push(call: Call, user: str, body: dict[str, Any]) -> View:
    """Put a modal on top of the user's open ones, as deep as Slack allows."""
    stack = call.workspace.modals(user)
    if not stack:
        raise SlackError("not_found")
    if len(stack) >= DEEPEST_STACK:
        raise SlackError("push_limit_reached")
    view = call.workspace.add_view("modal", user, body)
    view.root_id, view.previous_id = stack[0].root_id, stack[-1].id
    return view


def _update(call: Call) -> dict[str, Any]:
    view_id, external_id = call.args.get("view_id"), call.args.get("external_id")
    found = call.workspace.views.get(str(view_id))
    if external_id and not view_id:
        open_views = (v for v in call.workspace.views.values() if v.is_open)
        found = next((v for v in open_views if v.body.get("external_id") == external_id), None)
    if found is None or not found.is_open:
        raise SlackError("not_found")
    given_hash = call.args.get("hash")
    if given_hash and given_hash != found.hash:
        raise SlackError("hash_conflict")
    body = call.need("view")
    if problems := check_view(body):
        raise refused("invalid_arguments", problems)
    call.workspace.change_view(found, body)
    return {"view": found.as_json()}


def _publish(call: Call) -> dict[str, Any]:
    user = call.user("user_id")
    body = _body(call, "home")
    home = call.workspace.home(user.id)
    given_hash = call.args.get("hash")
    if given_hash and home is not None and given_hash != home.hash:
        raise SlackError("hash_conflict")
    if home is None:
        home = call.workspace.add_view("home", user.id, body)
        call.workspace.homes[user.id] = home.id
    else:
        call.workspace.change_view(home, body)
    return {"view": home.as_json()}


METHODS: dict[str, Method] = {
    "views.open": _open,
    "views.push": _push,
    "views.update": _update,
    "views.publish": _publish,
}
