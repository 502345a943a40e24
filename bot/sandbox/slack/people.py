"""Who works in the sandbox's workspace, and where they talk.

The cast is small and each person is there for one rule: Riley asks, Morgan and Max decide, Nora is
a colleague who may not decide, Gus is a guest, Sam belongs to another company (Slack Connect).
"""

from __future__ import annotations

from dataclasses import dataclass, field

TEAM_ID = "T0SANDBOX1"
TEAM_DOMAIN = "sandbox"
OTHER_TEAM_ID = "T0OTHERCO1"
APP_ID = "A0DIALTONE"
BOT_ID = "B0DIALTONE"
BOT_USER_ID = "U0DIALTONE"

RILEY = "U0RILEY001"
MORGAN = "U0MORGAN01"
MAX = "U0MAX00001"
NORA = "U0NORA0001"
GUS = "U0GUS00001"
SAM = "U0SAM00001"

PHONES = "C0PHONES01"
GENERAL = "C0GENERAL1"
LEADERS = "C0LEADERS1"

PHONE_MANAGERS = "S0MANAGERS"


@dataclass
class User:
    """A person or bot. `team_id` other than the workspace's makes a stranger (Slack Connect)."""

    id: str
    name: str
    real_name: str
    team_id: str = TEAM_ID
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    deleted: bool = False
    is_bot: bool = False
    tz: str = "America/Denver"
    title: str = ""

    @property
    def is_stranger(self) -> bool:
        return self.team_id != TEAM_ID

    @property
    def is_guest(self) -> bool:
        return self.is_restricted or self.is_ultra_restricted


@dataclass
class Channel:
    """A channel (C…) or, with `user_id` set, that user's direct message (D…) with the bot."""

    id: str
    name: str
    is_private: bool = False
    is_archived: bool = False
    user_id: str | None = None
    members: set[str] = field(default_factory=set)

    @property
    def is_im(self) -> bool:
        return self.user_id is not None


@dataclass
class UserGroup:
    """A user group (S…), mentioned as `@handle`."""

    id: str
    handle: str
    name: str
    users: list[str]


def default_users() -> list[User]:
    return [
        User(RILEY, "riley", "Riley Reyes", title="asks for lines"),
        User(MORGAN, "morgan", "Morgan Moss", title="manager"),
        User(MAX, "max", "Max Malik", title="manager"),
        User(NORA, "nora", "Nobody Nora", title="not an approver"),
        User(GUS, "gus", "Gus Gast", is_restricted=True, title="guest"),
        User(SAM, "sam", "Sam Stranger", team_id=OTHER_TEAM_ID, title="another company"),
        User(BOT_USER_ID, "dialtone", "Dialtone", is_bot=True),
    ]


def default_channels() -> list[Channel]:
    everybody = {RILEY, MORGAN, MAX, NORA, GUS, SAM}
    return [
        Channel(PHONES, "phones", members=everybody | {BOT_USER_ID}),
        Channel(GENERAL, "general", members=set(everybody)),
        Channel(LEADERS, "leaders", is_private=True, members={RILEY, MORGAN, MAX}),
    ]


def default_groups() -> list[UserGroup]:
    return [UserGroup(PHONE_MANAGERS, "phone-managers", "Phone managers", [MORGAN, MAX])]
