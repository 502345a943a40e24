"""What the parts of the simulator share: memory, tickets, keys, and the switches tests turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.sandbox.slack.tickets import Tickets
from bot.sandbox.slack.workspace import Workspace


@dataclass
class State:
    """The simulator's shared state. Keys open nothing but this simulator.

    `missing_scopes` maps a method to the scope it is to lack. `plan_has_user_groups = False` is a
    free plan. `may_write_in_public_channels` is the scope `chat:write.public`. `refused_blocks`
    are block types this workspace does not have yet (Slack brings new ones in phases).
    """

    workspace: Workspace
    tickets: Tickets
    bot_token: str = field(default="xoxb-sandbox-bot", repr=False)
    app_token: str = field(default="xapp-sandbox-app", repr=False)
    signing_secret: str = field(default="sandbox-signing-secret", repr=False)
    token_is_revoked: bool = False
    missing_scopes: dict[str, str] = field(default_factory=dict)
    plan_has_user_groups: bool = True
    may_write_in_public_channels: bool = False
    refused_blocks: set[str] = field(default_factory=set)
    socket_url: Callable[[], str] | None = field(default=None, repr=False)
