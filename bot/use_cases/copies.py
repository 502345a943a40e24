"""Direct messages about a purchase: copies of its card for those it asks who are not where the card
is, and how it ended for a requester who cannot see that. Whoever does not want them gets none."""

import logging
from collections.abc import AsyncIterator, Sequence

from bot.domain.errors import PeopleUnknown
from bot.domain.purchase import Purchase, Status
from bot.ports import Message, Ports, TryLater, Undeliverable
from bot.use_cases import authorise
from bot.use_cases.terms import of

log = logging.getLogger(__name__)

MOST = 10  # people who get a copy; the others find the card in its channel


def is_direct(channel_id: str) -> bool:
    """Whether this is a direct message. The first card of a purchase is never in one."""
    return channel_id.startswith("D")


async def send(ports: Ports, message: Message, purchase: Purchase | None) -> None:
    """Owe the copies; those of `message.body["to"]` (user and group ids), else of whom its terms
    ping. Where Slack does not tell who is in the channel, nobody gets one. Raises TryLater."""
    if purchase is None or purchase.status is not Status.PENDING:
        return
    channel_id = ports.rules.approval_channel or purchase.channel_id
    try:
        present = await ports.directory.in_channel(channel_id)
    except Undeliverable as error:
        log.info("copies.not_told", extra={"channel": channel_id, "error": error.error})
        return
    asked = message.body.get("to") or of(ports, purchase).ping
    found: list[str] = []
    async for user_id in _wanting(ports, purchase, asked, present):
        try:
            found.append(await ports.messenger.direct(user_id))
        except Undeliverable as error:
            log.warning("copy.not_opened", extra={"user": user_id, "error": error.error})
        if len(found) == MOST:
            break
    if found:
        await ports.store.owe_cards(purchase.id, found, at=ports.clock.now())
        ports.wake()


async def _wanting(
    ports: Ports, purchase: Purchase, asked: Sequence[str], present: frozenset[str]
) -> AsyncIterator[str]:
    """Those who may decide, are not there, and have not muted it: people who are named, then those
    of groups. Whoever is away is represented by the deputy."""
    deputies = {
        each.user_id: each.deputy_id for each in await ports.store.absences(ports.clock.now())
    }
    named = await _people(ports, asked)
    reached = dict.fromkeys(deputies.get(each, each) for each in named)
    absent = [each for each in reached if each not in present]
    muted = await ports.store.muted(absent)
    for user_id in absent:
        if user_id in muted or _is_own(ports, purchase, user_id):
            continue
        try:
            person = await authorise.person(ports.directory, user_id)
        except PeopleUnknown:
            continue
        if person.is_member:
            yield user_id


async def _people(ports: Ports, asked: Sequence[str]) -> list[str]:
    """Everybody who is meant; a group that cannot be read means nobody."""
    people = [each for each in asked if not each.startswith("S")]
    for group_id in (each for each in asked if each.startswith("S")):
        try:
            people += sorted(await ports.directory.members(group_id))
        except Undeliverable as error:
            log.info("copies.group_unreadable", extra={"group": group_id, "error": error.error})
    return people


def _is_own(ports: Ports, purchase: Purchase, user_id: str) -> bool:
    """Whether this person may not approve it, having requested it."""
    return user_id == purchase.requester_id and not ports.rules.self_approval


async def cannot_see(ports: Ports, purchase: Purchase, channel_id: str) -> bool:
    """Whether the requester is to be told directly what is reported in that channel, too: they are
    not in it, as far as Slack tells, and want direct messages."""
    user_id = purchase.requester_id
    if is_direct(channel_id) or await ports.store.muted({user_id}):
        return False
    try:
        return user_id not in await ports.directory.in_channel(channel_id)
    except (TryLater, Undeliverable):
        return False
