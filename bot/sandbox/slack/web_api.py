"""The Web API under /api/…: read the request, check the token, call the method, log the call."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from bot.sandbox.slack import methods_chat, methods_lookup, methods_views
from bot.sandbox.slack.calls import Call, Method, SlackError
from bot.sandbox.slack.state import State
from bot.sandbox.slack.workspace import ApiCall

METHODS: dict[str, Method] = {
    **methods_chat.METHODS,
    **methods_lookup.METHODS,
    **methods_views.METHODS,
}
SCOPES = (
    "channels:join,channels:read,chat:write,commands,groups:read,im:read,im:write,team:read,"
    "usergroups:read,users:read"
)
_JSON_ARGUMENTS = ("blocks", "view", "attachments", "metadata", "message")


def routes(state: State) -> list[web.RouteDef]:
    async def answer(request: web.Request) -> web.Response:
        return await _answer(state, request)

    return [web.post("/api/{method}", answer), web.get("/api/{method}", answer)]


async def _answer(state: State, request: web.Request) -> web.Response:
    method = request.match_info["method"]
    args: dict[str, Any] = {}
    try:
        args = await _arguments(request)
        token = _token(request, args)
        body = {"ok": True, **_called(state, method, args, token)}
    except SlackError as error:
        body = {"ok": False, "error": error.code, **error.extra}
    state.workspace.calls.append(ApiCall(method, args, 200, body, state.workspace.now()))
    state.workspace.changed()
    return web.json_response(body, headers={"x-oauth-scopes": _scopes(state)})


def _scopes(state: State) -> str:
    """What the token may do, as the switches stand."""
    more = {"chat:write.public"} if state.may_write_in_public_channels else set()
    return ",".join(sorted({*SCOPES.split(","), *more} - set(state.missing_scopes.values())))


def _called(state: State, method: str, args: dict[str, Any], token: str) -> dict[str, Any]:
    _authorise(state, method, token)
    if method not in METHODS:
        raise SlackError("unknown_method", req_method=method)
    return METHODS[method](Call(state, args, token))


async def _arguments(request: web.Request) -> dict[str, Any]:
    """The arguments of query, form or JSON, nested JSON text parsed where Slack parses it."""
    args: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.text() or "{}")
        except ValueError:
            raise SlackError("invalid_json") from None
        if not isinstance(body, dict):
            raise SlackError("json_not_object")
        args |= body
    elif request.content_type == "application/x-www-form-urlencoded":
        args |= {name: str(value) for name, value in (await request.post()).items()}
    for name in _JSON_ARGUMENTS:
        if isinstance(args.get(name), str):
            try:
                args[name] = json.loads(args[name])
            except ValueError:
                raise SlackError(
                    "invalid_arguments" if name == "view" else f"invalid_{name}"
                ) from None
    return args


def _token(request: web.Request, args: dict[str, Any]) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    from_body = str(args.pop("token", "") or "")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else from_body


def _authorise(state: State, method: str, token: str) -> None:
    if not token:
        raise SlackError("not_authed")
    if method == "apps.connections.open":
        if token == state.bot_token:
            raise SlackError("not_allowed_token_type")
        if token != state.app_token:
            raise SlackError("invalid_auth")
    elif token == state.app_token:
        raise SlackError("not_allowed_token_type")
    elif token != state.bot_token or state.token_is_revoked:
        raise SlackError("token_revoked" if token == state.bot_token else "invalid_auth")
    if method in state.missing_scopes:
        needed = state.missing_scopes[method]
        raise SlackError("missing_scope", needed=needed, provided=_scopes(state))
