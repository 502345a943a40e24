"""Who somebody is and what they may do, asked of Slack when it matters. Fails closed."""

from bot.domain.approval import Roster
from bot.domain.errors import NotAFullMember, NotARequester, PeopleUnknown
from bot.domain.people import Person
from bot.ports import Directory, Ports, Undeliverable


async def is_in(directory: Directory, roster: Roster, user_id: str) -> bool:
    """Whether the roster names this user, alone or in a group.

    A group that cannot be read hides nobody who is named elsewhere; otherwise PeopleUnknown, for
    "not found" would then be a guess. Raises TryLater as well.
    """
    if user_id in roster.users:
        return True
    unreadable: str | None = None
    for group_id in sorted(roster.groups):
        try:
            if user_id in await directory.members(group_id):
                return True
        except Undeliverable as error:
            unreadable = error.error
    if unreadable is not None:
        raise PeopleUnknown(slack_error=unreadable)
    return False


async def is_approver(
    ports: Ports, roster: Roster, user_id: str, *, requester_id: str | None = None
) -> bool:
    """Whether this user is in the roster, or the deputy of somebody in it who is away now.

    Raises PeopleUnknown, TryLater.
    """
    if await represented(ports, roster, user_id, requester_id=requester_id) is not None:
        return True
    return await is_in(ports.directory, roster, user_id)


async def represented(
    ports: Ports, roster: Roster, user_id: str, *, requester_id: str | None = None
) -> str | None:
    """The user for whom this one may act; None for whoever may act for themselves, or not at all.

    Raises PeopleUnknown, TryLater.
    """
    try:
        if await is_in(ports.directory, roster, user_id):
            return None
    except PeopleUnknown:
        found = await deputy_for(ports, roster, user_id, requester_id=requester_id)
        if found is None:
            raise
        return found
    return await deputy_for(ports, roster, user_id, requester_id=requester_id)


async def deputy_for(
    ports: Ports, roster: Roster, user_id: str, *, requester_id: str | None = None
) -> str | None:
    """The user in the roster whom this one represents now; one step: a deputy's deputy has no say.
    None for whoever is nobody's deputy. Somebody whose account is closed, or who may not approve
    the purchase because it is their own (`requester_id`), lends nobody that right.

    Raises PeopleUnknown, TryLater.
    """
    for absence in await ports.store.absences(ports.clock.now()):
        away = absence.user_id
        is_own = away == requester_id and not ports.rules.self_approval
        if absence.deputy_id != user_id or is_own:
            continue
        if (
            await is_in(ports.directory, roster, away)
            and (await person(ports.directory, away)).is_member
        ):
            return away
    return None


async def person(directory: Directory, user_id: str) -> Person:
    """Who this is. Raises PeopleUnknown, TryLater."""
    try:
        return await directory.person(user_id)
    except Undeliverable as error:
        raise PeopleUnknown(slack_error=error.error) from error


async def check_requester(ports: Ports, user_id: str) -> None:
    """Raises NotAFullMember, NotARequester, PeopleUnknown, TryLater."""
    if not (await person(ports.directory, user_id)).is_member:
        raise NotAFullMember
    roster = ports.rules.requesters
    if roster is not None and not await is_in(ports.directory, roster, user_id):
        raise NotARequester


async def may_read(ports: Ports, user_id: str) -> bool:
    """Full members may read; when Slack cannot say who it is, nobody may. Raises TryLater."""
    try:
        return (await person(ports.directory, user_id)).is_member
    except PeopleUnknown:
        return False
