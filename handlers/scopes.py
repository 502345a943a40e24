"""What the app may do in Slack; manifest.yml asks for exactly these scopes.

https://docs.slack.dev/reference/scopes
"""

from collections.abc import Mapping
from types import MappingProxyType

# Scope → what does not work without it.
NEEDED: Mapping[str, str] = MappingProxyType(
    {
        "commands": "/line and /number",
        "chat:write": "cards, reports and private answers",
        "chat:write.public": "public channels that nobody invited the bot to",
        "im:write": "direct messages",
        "users:read": "who is a full member",
        "usergroups:read": "who is in a user group",
    }
)
# … without which purchases go on all the same.
FOR_CHECKS: Mapping[str, str] = MappingProxyType(
    {
        "channels:read": "checking a public channel; direct messages to whoever is not in it",
        "groups:read": "checking a private channel; direct messages to whoever is not in it",
    }
)
