"""What people type, as Slack sends it on: with `should_escape`, names become ids."""

from __future__ import annotations

import re

from bot.sandbox.slack.workspace import Workspace

_NAME = re.compile(r"(?<![\w<])([@#])([\w.-]*\w)")


def as_typed(workspace: Workspace, text: str) -> str:
    """`@riley` → `<@U…|riley>`, `#phones` → `<#C…|phones>`, `&`, `<` and `>` escaped."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    users = {user.name.casefold(): user.id for user in workspace.users.values()}
    channels = {c.name: c.id for c in workspace.channels.values() if not c.is_im}
    groups = {group.handle: group.id for group in workspace.groups.values()}

    def named(found: re.Match[str]) -> str:
        mark, name = found[1], found[2].casefold()
        if mark == "@" and name in users:
            return f"<@{users[name]}|{name}>"
        if mark == "@" and name in groups:
            return f"<!subteam^{groups[name]}|@{name}>"
        if mark == "#" and name in channels:
            return f"<#{channels[name]}|{name}>"
        return found.group()

    return _NAME.sub(named, text)
