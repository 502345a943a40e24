"""Numbers on the account that nobody uses, so that they may do instead of another one."""

from collections.abc import Iterable

from bot.domain.phone_number import PhoneNumber
from bot.ports import Holding
from bot.providers.magpipe_second import OWN_NAME

MOST = 10  # that are worth telling


def unused(holdings: Iterable[Holding], wanted: PhoneNumber) -> list[str]:
    """Active numbers without an agent, those of the same area code first, in E.164. Not the second
    ones of Canadian numbers, as far as their names tell."""
    found = [each.number for each in holdings if each.number and _is_unused(each)]
    return sorted(found, key=lambda each: PhoneNumber(each).area_code != wanted.area_code)[:MOST]


def _is_unused(held: Holding) -> bool:
    is_second = OWN_NAME in (held.name or "").casefold()
    return held.agent_name is None and held.state != "inactive" and not is_second
