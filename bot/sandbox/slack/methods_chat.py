"""chat.* and blocks.validate (docs.slack.dev/reference/methods)."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack.calls import Call, Method, SlackError, refused
from bot.sandbox.slack.people import BOT_USER_ID
from bot.sandbox.slack.schema import Problem
from bot.sandbox.slack.state import State
from bot.sandbox.slack.validate import TEXT_CHARACTERS, check_blocks, check_view, is_too_long
from bot.sandbox.slack.workspace import Message


def problems_with(state: State, blocks: Any) -> list[Problem]:
    """As `check_blocks`, and the types this workspace has not been given yet."""
    problems = check_blocks(blocks)
    if problems:
        return problems
    return [
        Problem(f"/blocks/{index}/type", f"unsupported type: {block['type']}")
        for index, block in enumerate(blocks)
        if block["type"] in state.refused_blocks
    ]


def content(state: State, args: dict[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    """The text and blocks of a message about to be written, or Slack's refusal."""
    text = str(args.get("text") or args.get("markdown_text") or "")
    blocks = args.get("blocks") or []
    if problems := problems_with(state, blocks):
        raise refused("invalid_blocks", problems)
    if is_too_long(blocks):
        raise SlackError("msg_blocks_too_long")
    if not text.strip() and not blocks and not args.get("attachments"):
        raise SlackError("no_text")
    if len(text) > TEXT_CHARACTERS:
        raise SlackError("msg_too_long")
    return text, blocks


def _post_message(call: Call) -> dict[str, Any]:
    channel = call.channel_to_write_in()
    text, blocks = content(call.state, call.args)
    thread_ts = call.args.get("thread_ts")
    if thread_ts and not call.workspace.find(channel.id, str(thread_ts)):
        raise SlackError("thread_not_found")
    metadata = call.args.get("metadata")
    message = call.workspace.post(
        channel.id,
        BOT_USER_ID,
        text,
        blocks,
        thread_ts=thread_ts,
        is_broadcast=call.flag("reply_broadcast"),
        metadata=metadata,
    )
    return {"channel": channel.id, "ts": message.ts, "message": message.as_json()}


def _own_message(call: Call, not_mine: str) -> Message:
    channel = call.seen_channel()
    message = call.workspace.find(channel.id, str(call.need("ts")))
    if message is None or message.is_ephemeral:
        raise SlackError("message_not_found")
    if message.user != BOT_USER_ID:
        raise SlackError(not_mine)
    if channel.is_archived:
        raise SlackError("is_inactive")
    return message


def _update(call: Call) -> dict[str, Any]:
    """Text alone removes the blocks and marks the message edited; blocks do not mark it."""
    message = _own_message(call, "cant_update_message")
    text, blocks = content(call.state, call.args)
    message.text = text
    message.blocks = call.workspace.with_ids(blocks)
    message.updates += 1
    if not blocks:
        message.edited_ts = f"{call.workspace.now().timestamp():.6f}"
    answer = {"channel": message.channel, "ts": message.ts, "text": text}
    return {**answer, "message": message.as_json()}


def _delete(call: Call) -> dict[str, Any]:
    message = _own_message(call, "cant_delete_message")
    message.deleted = True
    return {"channel": message.channel, "ts": message.ts}


def _post_ephemeral(call: Call) -> dict[str, Any]:
    channel = call.channel_to_write_in()
    text, blocks = content(call.state, call.args)
    user = call.user()
    if user.id not in channel.members:
        raise SlackError("user_not_in_channel")
    message = call.workspace.post(channel.id, BOT_USER_ID, text, blocks, only_for=user.id)
    return {"message_ts": message.ts}


def _permalink(call: Call) -> dict[str, Any]:
    channel = call.seen_channel()
    message_ts = str(call.need("message_ts"))
    if call.workspace.find(channel.id, message_ts) is None:
        raise SlackError("message_not_found")
    link = f"https://sandbox.slack.com/archives/{channel.id}/p{message_ts.replace('.', '')}"
    return {"channel": channel.id, "permalink": link}


def _validate(call: Call) -> dict[str, Any]:
    given = [name for name in ("blocks", "message", "view") if call.args.get(name) is not None]
    if len(given) != 1:
        raise SlackError("invalid_arguments")
    value = call.args[given[0]]
    if given[0] == "view":
        problems = check_view(value)
    else:
        blocks = value.get("blocks", []) if isinstance(value, dict) else value
        problems = problems_with(call.state, blocks)
    if problems:
        found = [
            {"pointer": p.pointer, "code": "failed_constraint", "message": p.message}
            for p in problems
        ]
        raise SlackError(f"invalid_{given[0]}", errors=found)
    return {}


METHODS: dict[str, Method] = {
    "chat.postMessage": _post_message,
    "chat.update": _update,
    "chat.delete": _delete,
    "chat.postEphemeral": _post_ephemeral,
    "chat.getPermalink": _permalink,
    "blocks.validate": _validate,
}
