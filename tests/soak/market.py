"""What both providers have for sale, and in which of their ways they speak at the moment."""

import random
from collections import deque

from bot.sandbox.magpipe import Magpipe
from bot.sandbox.magpipe_records import Offer
from bot.sandbox.sendblue import Sendblue
from bot.sandbox.sendblue_limits import LimitsShape

ASKED_BEFORE = 0.1  # of those who want a number want one that somebody asked for lately
CANADIAN = 0.4  # of the numbers; each brings a US one
KEPT = 60  # an account lets old lines go, or every look-up would read thousands
_UNSOLD = 400  # numbers that were not bought are no longer offered after so many others
_SECOND = 40  # US numbers that nobody asks for are ready to be sold along with Canadian ones

_PLACES = (
    ("206", "Seattle", "WA"),
    ("512", "Austin", "TX"),
    ("312", "Chicago", "IL"),
    ("617", "Boston", "MA"),
)
_CANADIAN_PLACES = (("604", "Vancouver", "BC"), ("416", "Toronto", "ON"), ("514", "Montreal", "QC"))
_LIMITS: tuple[LimitsShape, ...] = ("objects", "numbers", "camel_case", "unreadable", "missing")


class Market:
    """Fits out both accounts, and keeps them small while thousands are bought."""

    def __init__(self, sendblue: Sendblue, magpipe: Magpipe) -> None:
        self._sendblue = sendblue
        self._magpipe = magpipe
        self._random = random.Random(5)  # noqa: S311 chance, not secrecy
        self._lately: deque[str] = deque(maxlen=50)
        self._numbers = 0
        sendblue.daily_limit = sendblue.monthly_limit = 1_000_000
        sendblue.stock = [
            f"+1{area}{exchange}{line:04d}"
            for area in (212, 303, 415)
            for exchange in (220, 330, 440, 550)
            for line in range(10_000)
        ]
        magpipe.throttle.per_minute = magpipe.throttle.per_hour = 1_000_000
        magpipe.stock = []
        self.turn()

    def wanted(self) -> str:
        """A number that somebody asks for: mostly a new one."""
        if self._lately and self._random.random() < ASKED_BEFORE:
            return self._random.choice(self._lately)
        is_canadian = self._random.random() < CANADIAN
        area, city, region = self._random.choice(_CANADIAN_PLACES if is_canadian else _PLACES)
        number = self._next_number(area)
        self._magpipe.stock.append(Offer(number, city, region, "CA" if is_canadian else "US"))
        self._lately.append(number)
        return number

    def turn(self) -> None:
        """Now and then: let old things go, bring new ones, speak in another way."""
        sendblue, magpipe, either = self._sendblue, self._magpipe, self._random.choice
        del sendblue.lines[:-KEPT]
        del magpipe.numbers[:-KEPT]
        stock = magpipe.stock
        second = sum(offer.area_code == "720" for offer in stock[:_SECOND])
        del stock[second : max(second, len(stock) - _UNSOLD)]
        # Those come first, and the provider takes the first that it finds.
        stock[:0] = [
            Offer(self._next_number("720"), "Denver", "CO") for _ in range(_SECOND - second)
        ]
        magpipe.throttle._counted_at.clear()  # it counts them all at every request
        sendblue.limits_shape = either(_LIMITS)
        sendblue.errors_as_200 = either((True, False))
        magpipe.search_shape = either(("documented", "code"))
        magpipe.provision_shape = either(("documented", "code"))
        magpipe.error_style = either(("published", "text", "object", "object_and_data"))

    def _next_number(self, area: str) -> str:
        exchange, line = divmod(self._numbers, 10_000)
        self._numbers += 1
        return f"+1{area}{230 + exchange}{line:04d}"
