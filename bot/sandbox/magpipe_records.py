"""What the Magpipe simulator sells, keeps and lets tests and the page read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

CAPABILITIES = {"voice": True, "sms": True, "mms": True}


@dataclass(frozen=True)
class Offer:
    """A number for sale. Without a locality the published server code writes "Unknown"."""

    phone_number: str
    locality: str | None
    region: str
    country: Literal["US", "CA"] = "US"
    is_toll_free: bool = False

    @property
    def area_code(self) -> str:
        return self.phone_number[2:5]


@dataclass(frozen=True)
class Agent:
    """Somebody, or something, that answers a number's calls. `agent_id` is a UUID."""

    agent_id: str
    name: str
    agent_type: str = "inbound_voice"
    is_active: bool = True


@dataclass
class Number:
    """A number in the account, as `list-phone-numbers` shows it."""

    number_id: str
    phone_number: str
    friendly_name: str | None
    agent_id: str | None
    created_at: datetime
    is_active: bool = True


@dataclass(frozen=True)
class Charge:
    """One number bought at the carrier; `monthly_cost` in US dollars.

    `is_saved` is false for a number that was bought and is in nobody's account. `bought_for`
    is the Canadian number that this US one was bought along with.
    """

    at: datetime
    phone_number: str
    monthly_cost: float
    is_saved: bool
    bought_for: str | None = None


STOCK = (
    Offer("+16045551234", "Vancouver", "BC", "CA"),  # the documentation's own example
    Offer("+16046739021", "Vancouver", "BC", "CA"),
    Offer("+16472891350", "Toronto", "ON", "CA"),
    Offer("+15142673390", "Montreal", "QC", "CA"),
    Offer("+14158329047", "San Francisco", "CA"),
    Offer("+14158320186", "San Francisco", "CA"),
    Offer("+13036524418", "Denver", "CO"),
    Offer("+13036529730", "Denver", "CO"),
    Offer("+17209134402", "Denver", "CO"),
    Offer("+12129061175", "New York", "NY"),
    Offer("+12129068842", "New York", "NY"),
    Offer("+13127504432", "Chicago", "IL"),
    Offer("+15125801937", "Austin", "TX"),
    Offer("+12066240518", None, "WA"),
    Offer("+18335074462", None, "US", is_toll_free=True),
    Offer("+18335079016", None, "US", is_toll_free=True),
    Offer("+18884017735", None, "US", is_toll_free=True),
)
"""For sale unless a test brings its own."""

AGENTS = (
    Agent("550e8400-e29b-41d4-a716-446655440000", "Front desk"),  # the documentation's own example
    Agent("7c9e6679-7425-40de-944b-e07fc1f90ae7", "After hours"),
    Agent("16fd2706-8baf-433b-82eb-8c7fada847da", "Retired agent", is_active=False),
)
"""The account's agents unless a test brings its own."""
