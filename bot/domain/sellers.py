"""Who sells lines and numbers: what people are told of each, wherever its name comes up.

A table, and no part of the providers themselves, because a purchase is shown for ever: also when
its provider has no credentials here any more.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """One provider as people know it; `title` and `command` are those of the provider itself."""

    name: str  # "sendblue": stored with every purchase, so it never changes
    title: str  # "Sendblue"
    command: str  # "/line": what buys there
    sells: str  # "line": one of what is sold
    credentials: str = ""  # the settings without which it is off, as a person reads them
    has_credits: bool = False  # paid from credits, which are watched in the place of limits


_ALL = (
    Seller(
        name="sendblue",
        title="Sendblue",
        command="/line",
        sells="line",
        credentials="SENDBLUE_API_KEY_ID and SENDBLUE_API_SECRET_KEY",
    ),
    Seller(
        name="magpipe",
        title="Magpipe",
        command="/number",
        sells="number",
        credentials="MAGPIPE_API_TOKEN",
        has_credits=True,
    ),
)
SELLERS: Mapping[str, Seller] = MappingProxyType({each.name: each for each in _ALL})


def of(name: str) -> Seller:
    """The seller of that name or title, in any case; for one that a record names and this version
    does not know, what can be said of it all the same."""
    folded = name.casefold()
    for each in SELLERS.values():
        if folded in {each.name, each.title.casefold()}:
            return each
    return Seller(name=name, title=name, command="/line", sells="number")


def behind(command: str, set_up: Iterable[str] = ()) -> str:
    """The name of whom that command buys from: the first one of those that are set up, else the
    first of all, who then is said not to be set up."""
    names = [*set_up, *SELLERS]
    return next((name for name in names if of(name).command == command), next(iter(SELLERS)))
