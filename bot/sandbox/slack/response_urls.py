"""POST /response_url: how an app answers a command or click where it may not be a member."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from bot.sandbox.slack.calls import SlackError
from bot.sandbox.slack.methods_chat import content
from bot.sandbox.slack.people import BOT_USER_ID
from bot.sandbox.slack.state import State
from bot.sandbox.slack.tickets import ResponseUrl
from bot.sandbox.slack.workspace import ApiCall

PATH = "/response_url"


def routes(state: State) -> list[web.RouteDef]:
    async def answer(request: web.Request) -> web.Response:
        status, error, args = 200, "", {}
        try:
            args = await _body(request)
            ticket = state.tickets.use_response_url(request.query.get("key", ""))
            if isinstance(ticket, str):
                status, error = 404, ticket
            else:
                respond(state, ticket, args)
        except SlackError as refusal:
            status, error = 400, refusal.code
        body: dict[str, Any] = {"ok": False, "error": error} if error else {"ok": True}
        call = ApiCall("response_url", args, status, body, state.workspace.now())
        state.workspace.calls.append(call)
        state.workspace.changed()
        return web.json_response(body, status=status) if error else web.Response(text="ok")

    return [web.post(PATH, answer)]


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.text())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise SlackError("invalid_payload")
    return body


def respond(state: State, ticket: ResponseUrl, args: dict[str, Any]) -> None:
    """Write, replace or delete what the answer says. Raises SlackError for what cannot be shown."""
    workspace = state.workspace
    source = workspace.find(ticket.channel, ticket.message_ts) if ticket.message_ts else None
    if args.get("delete_original"):
        if source is not None:
            source.deleted = True
        return
    text, blocks = content(state, args)
    if args.get("replace_original") and source is not None:
        source.text, source.blocks = text, workspace.with_ids(blocks)
        source.updates += 1
        return
    only_for = None if args.get("response_type") == "in_channel" else ticket.user
    thread_ts = args.get("thread_ts")
    workspace.post(
        ticket.channel, BOT_USER_ID, text, blocks, only_for=only_for, thread_ts=thread_ts
    )
