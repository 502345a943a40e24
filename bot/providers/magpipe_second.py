"""Which number a Canadian one brought with it, where the answer to the purchase does not say."""

from collections.abc import Iterable
from datetime import timedelta

from bot.domain.phone_number import PhoneNumber
from bot.ports import Holding

_WITHIN = timedelta(minutes=2)  # the call that buys both takes no longer
OWN_NAME = "us relay"  # in the name the published code gives to a second number


def second_number(first: Holding, holdings: Iterable[Holding]) -> str | None:
    """The one US number that joined the account right after `first`, with no name or agent of
    anybody's choosing. None when there is none, or more than one: no guessing."""
    found = [held.number for held in holdings if held.number and _may_be_second(held, first)]
    return found[0] if len(found) == 1 else None


def _may_be_second(held: Holding, first: Holding) -> bool:
    if held.key == first.key or held.created_at is None or first.created_at is None:
        return False
    is_us = held.number is not None and PhoneNumber(held.number).region == "US"
    is_unchosen = held.agent_name is None and OWN_NAME in (held.name or OWN_NAME).casefold()
    return is_us and is_unchosen and timedelta(0) <= held.created_at - first.created_at <= _WITHIN
