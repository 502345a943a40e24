"""Are the people and user groups of the settings there, and can any of them decide?"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from bot.domain.approval import Roster, Rules
from bot.domain.finding import Finding, Level
from bot.domain.people import Standing
from bot.ports import Directory, TryLater, Undeliverable

MEMBERS_MOST = 50  # of one group that are asked for; Slack answers about a hundred per minute
_STANDINGS: Mapping[Standing, str] = MappingProxyType(
    {
        Standing.GUEST: "a guest",
        Standing.STRANGER: "from another workspace",
        Standing.DEACTIVATED: "deactivated",
        Standing.BOT: "a bot",
    }
)
# https://docs.slack.dev/reference/methods/users.info, …/usergroups.users.list
_NO_SUCH_PERSON = frozenset({"user_not_found", "user_not_visible"})
_NO_SUCH_GROUP = frozenset({"no_such_subteam", "subteam_not_found"})


@dataclass(slots=True)
class Able:
    """Who of a roster is a full member; and whether everybody in it could be looked up."""

    ids: set[str] = field(default_factory=set)
    is_complete: bool = True
    is_cut: bool = False  # not everybody in it was looked at


async def examine(directory: Directory, rules: Rules) -> AsyncIterator[Finding]:
    """A line per person and group, and one where too few of them can do it."""
    approving = Able()
    async for finding in each(directory, "APPROVERS", rules.approvers, approving):
        yield finding
    if not approving.ids and approving.is_complete:
        said = "nobody can approve: name a full member of this workspace"
        yield Finding(Level.WRONG, "APPROVERS", said)
    elif len(approving.ids) == 1 and approving.is_complete and not rules.self_approval:
        [only] = approving.ids
        said = (
            f"only {only} can approve, and SELF_APPROVAL is off: what {only} requests, nobody can"
            " approve"
        )
        yield Finding(Level.WARNING, "APPROVERS", said)
    if rules.requesters is None:
        return
    asking = Able()
    async for finding in each(directory, "REQUESTERS", rules.requesters, asking):
        yield finding
    if not asking.ids and asking.is_complete:
        said = "nobody can ask: name a full member, or leave it out for every full member"
        yield Finding(Level.WRONG, "REQUESTERS", said)


async def each(
    directory: Directory, setting: str, roster: Roster, able: Able, about: str = ""
) -> AsyncIterator[Finding]:
    """A line per person and group of a setting; `about` is the part of it that names them."""
    for some_id in roster.as_ids():
        ask = _group if some_id in roster.groups else _person
        level, said = await ask(directory, setting, some_id, able)
        able.is_complete &= level is not Level.UNCHECKED
        yield Finding(level, f"{setting} {about}{some_id}", said)


async def _person(
    directory: Directory, setting: str, user_id: str, able: Able
) -> tuple[Level, str]:
    try:
        person = await directory.person(user_id)
    except TryLater as error:
        return Level.UNCHECKED, f"Slack could not say ({error.why})"
    except Undeliverable as error:
        if error.error in _NO_SUCH_PERSON:
            return Level.WRONG, f"there is no such person: copy the member id again ({setting})"
        return Level.UNCHECKED, f"Slack does not say who that is ({error.error})"
    if person.is_member:
        able.ids.add(user_id)
        return Level.OK, "a full member"
    said = f"{_STANDINGS[person.standing]}, not a full member: take the id out of {setting}"
    return Level.WRONG, said


async def _group(
    directory: Directory, setting: str, group_id: str, able: Able
) -> tuple[Level, str]:
    try:
        members = await directory.members(group_id)
    except TryLater as error:
        return Level.UNCHECKED, f"Slack could not say ({error.why})"
    except Undeliverable as error:
        return _no_group(setting, error.error)
    if not members:
        return Level.WARNING, "a user group with nobody in it"
    asked = sorted(members)[:MEMBERS_MOST]
    looked = [await _person(directory, setting, user_id, able) for user_id in asked]
    full = sum(level is Level.OK for level, _ in looked)
    said = f"a user group of {_count(len(members), 'member')}, {full} of them full members"
    if len(asked) < len(members):
        said += f" (of the {len(asked)} looked at)"
        able.is_complete &= full > 1
        able.is_cut = True
    if any(level is Level.UNCHECKED for level, _ in looked):
        return Level.UNCHECKED, f"{said}; Slack could not say it of all"
    return (Level.OK if full else Level.WARNING), said


def _no_group(setting: str, error: str) -> tuple[Level, str]:
    if error == "plan_upgrade_required":
        said = f"this workspace's plan has no user groups: name people in {setting} instead"
        return Level.WRONG, said
    if error in _NO_SUCH_GROUP:
        said = f"there is no such user group, or it is disabled: copy its id again ({setting})"
        return Level.WRONG, said
    return Level.UNCHECKED, f"Slack does not say who is in that group ({error})"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
