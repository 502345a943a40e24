"""A call to a provider before it is sent and its answer after it came: values, no I/O."""

import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from enum import Enum
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from bot.domain.phone_number import BadPhoneNumber, PhoneNumber

_SAID_MOST = 200  # characters
_REDACTED = "[redacted]"
_KEYS_NAMED, _KEY_MOST = 20, 40  # in the log; characters


class Purpose(Enum):
    """What a call is for. It decides the time-outs and whether the call may be repeated."""

    READ = "read"  # looks something up
    PREVIEW = "preview"  # asks for a quote; spends nothing
    CONFIRM = "confirm"  # SPENDS MONEY: sent once, whatever happens


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request. Credentials are not in it: the client adds them to every call."""

    method: str
    path: str  # below the provider's base address, with a slash in front
    purpose: Purpose
    body: Mapping[str, Any] | None = field(default=None, repr=False)  # JSON; may hold a token


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One response; `body` is cut off where the client stopped reading."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # names in any case
    body: bytes = field(default=b"", repr=False)  # may hold a token

    @property
    def is_success(self) -> bool:
        return 200 <= self.status <= 299  # noqa: PLR2004 - the class of codes, by definition

    @property
    def date(self) -> datetime | None:
        """The provider's clock when it answered (`Date`), to the second below; None when it cannot
        be read."""
        try:
            date = parsedate_to_datetime(self.headers.get("Date", ""))
            return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            return None

    @property
    def is_breakdown(self) -> bool:
        """A 5xx that is not the provider's own word: that is JSON and names an `error`, for
        example that it has no lines to sell."""
        if self.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return False
        return not (self.json_object() or {}).get("error")

    def json_object(self, *, exact: bool = False) -> dict[str, Any] | None:
        """The body as a JSON object; None when it is anything else, whatever it claims to be.
        With `exact`, fractions are Decimals as they were written, for amounts of money."""
        try:
            content = json.loads(self.body, parse_float=Decimal if exact else None)
        except (ValueError, RecursionError, InvalidOperation):
            return None  # no JSON, not UTF-8, absurd digits; absurd nesting; absurd exponents
        return content if isinstance(content, dict) else None


def said(message: object, secrets: Collection[str] = ()) -> str | None:
    """A provider's own message, fit to be stored and shown: one line of 200 characters at most,
    without control characters and without these secrets. None when there is none."""
    if not isinstance(message, str):
        return None
    visible = "".join(
        c if not unicodedata.category(c).startswith("C") else " " if c.isspace() else ""
        for c in message
    )
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        visible = visible.replace(secret, _REDACTED)
    line = re.sub(r"\s+", " ", visible).strip()
    if not line:
        return None
    return line if len(line) <= _SAID_MOST else line[: _SAID_MOST - 1] + "…"


def key_names(contents: Iterable[Mapping[str, Any]]) -> list[str]:
    """The names of the keys, for the log: enough to learn a shape from, no values."""
    names = [name for content in contents for name in content]
    return [re.sub(r"[^\w.\-]", "?", name)[:_KEY_MOST] for name in names[:_KEYS_NAMED]]


def e164(value: object) -> str | None:
    """A phone number as a provider writes it, in E.164; None when it cannot be read."""
    return _e164(value) if isinstance(value, str) else None


@lru_cache(maxsize=10_000)  # every confirm reads all of the account's again
def _e164(value: str) -> str | None:
    try:
        return PhoneNumber.parse(value).e164
    except BadPhoneNumber:
        return None


def instant(value: object) -> datetime | None:
    """ISO 8601 with an offset or Z, as aware UTC; None when it is anything else."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
        return at.astimezone(UTC) if at.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
