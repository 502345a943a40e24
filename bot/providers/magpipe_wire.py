"""Magpipe on the wire: calls from intentions, values or errors from answers; all but search.

No I/O. Sources: the provider's page "provision-phone-number", its later documentation
(https://api.magpipe.ai) and its published server code, which answers in another shape than the
page says; either is read. Errors come in two styles, `{"error": "text"}` and
`{"error": {"code", "message"}}`, and mean the same in both.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from bot.domain import errors
from bot.domain.agent import Agent
from bot.domain.errors import AnswerLost, ChargedWithoutNumber, ProviderError
from bot.domain.phone_number import PhoneNumber
from bot.domain.purchase import Order, Receipt
from bot.ports import Holding
from bot.providers.wire import Answer, Call, Purpose, e164, instant, said

TITLE = "Magpipe"
PAGE = 100  # rows asked for at a time

# What each row of the provider's error table says, word for word but for case, underscores and the
# full stop; it counts with its own status, and with 200. "Failed to purchase" is what the published
# code says of a carrier's no when the carrier gave no words of its own.
_ROWS: tuple[tuple[frozenset[int], re.Pattern[str], type[ProviderError]], ...] = (
    (
        frozenset({500}),
        re.compile(r"failed to save service number to database"),
        ChargedWithoutNumber,
    ),
    (frozenset({400}), re.compile(r"phone number is required"), errors.NumberMissing),
    (frozenset({401}), re.compile(r"unauthorized"), errors.BadCredentials),
    (
        frozenset({402, 403}),
        re.compile(r"(phone )?number limit reached"),
        errors.NumberLimitReached,
    ),
    (frozenset({500}), re.compile(r"signalwire configuration missing"), errors.CarrierNotSetUp),
    (
        frozenset({500}),
        re.compile(r"failed to purchase phone number( from signalwire)?"),
        errors.CarrierRefused,
    ),
)
# Words about what comes after the purchase: then `details` do not speak of the purchase.
_AFTERWARDS = re.compile(r"\bsav(e|ing)\b|database|insert", re.IGNORECASE)


# ── Calls ────────────────────────────────────────────────────────────────────────────────────────
def credentials(api_token: str) -> dict[str, str]:
    """Headers for every call."""
    return {"Authorization": f"Bearer {api_token}"}


def provision_call(order: Order) -> Call:
    """SPENDS MONEY when it is sent."""
    asked = {
        "phone_number": order.number,
        "friendly_name": order.name,
        "agent_id": order.agent_id,
    }
    body = {
        # Half an emoji cannot be encoded, and would keep the call from leaving.
        key: value.encode("utf-8", "replace").decode()
        for key, value in asked.items()
        if value is not None
    }
    return Call(method="POST", path="/provision-phone-number", purpose=Purpose.CONFIRM, body=body)


def read_call(path: str, **body: Any) -> Call:
    return Call(method="POST", path=path, purpose=Purpose.READ, body=body)


def numbers_call(offset: int = 0) -> Call:
    """The account's numbers, newest first."""
    return read_call("/list-phone-numbers", limit=PAGE, offset=offset)


def agents_call(offset: int = 0) -> Call:
    return read_call("/list-agents", limit=PAGE, offset=offset)


def assign_call(number: str, agent_id: str) -> Call:
    """Assigning twice is the same as once, so it may be repeated like a read."""
    return read_call("/assign-phone-number", phone_number=number, agent_id=agent_id)


# ── The purchase ─────────────────────────────────────────────────────────────────────────────────
def read_provision(answer: Answer, order: Order, secrets: Collection[str] = ()) -> Receipt:
    """What was bought. Raises the error of a documented refusal; ChargedWithoutNumber; AnswerLost
    for everything else, for money may have moved.

    The receipt names the number of the answer, also where another one was ordered: that is the
    one somebody pays for. A success that names none is a lost answer even though only one number
    was ordered, because it may have been another; the look-up in the list settles it.
    """
    content = answer.json_object() or {}
    number = e164(content.get("phone_number")) or e164(content.get("phoneNumber"))
    is_ok = answer.is_success and not content.get("error") and content.get("success") is not False
    if is_ok and number is not None:
        second = e164(content.get("usNumberProvisioned"))
        given_id = said(content.get("id"))
        return Receipt(
            number=number,
            second_number=second if second != number else None,
            ids={} if given_id is None else {"id": given_id},
        )
    fields = {**error_fields(answer, secrets), "number": order.number}
    refusal = _refusal(answer, content)
    if refusal is not None:
        raise refusal(**fields)
    if is_ok and content.get("success") is True:
        what = "it says success and names no number I can read"
    elif answer.is_success:
        what = "I do not understand it"
    else:
        what = f"HTTP {answer.status}, which says nothing either way"
    raise AnswerLost(what=what, **fields)


def is_silent_on_second(answer: Answer, receipt: Receipt) -> bool:
    """Whether a second number may have been bought that the answer, in the documented shape,
    has no field for. `null` in the other shape says that there is none."""
    is_canadian = PhoneNumber(receipt.number).is_canadian
    return is_canadian and "usNumberProvisioned" not in (answer.json_object() or {})


# ── Lists ────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a list, the readable ones of `length`; `is_last` as far as the answer says."""

    rows: Sequence[Mapping[str, Any]]
    length: int
    is_last: bool


def read_page(answer: Answer, key: str, offset: int, secrets: Collection[str] = ()) -> Page:
    """The rows under `key`, the first of them being the list's `offset`-th. Raises ProviderError.

    A page is the last when it is empty, or `has_more` or `total` say so; a short page proves
    nothing, as the provider may give fewer rows than asked for.
    """
    content = read_object(answer, secrets)
    rows = content.get(key)
    if not isinstance(rows, list):
        raise ProviderError(**error_fields(answer, secrets))
    total, has_more = content.get("total"), content.get("has_more")
    is_all = isinstance(total, int) and offset + len(rows) >= total
    return Page(
        rows=[row for row in rows if isinstance(row, dict)],
        length=len(rows),
        is_last=not rows or has_more is False or (is_all and has_more is not True),
    )


def holding(row: Mapping[str, Any]) -> Holding | None:
    """A number on the account; None for a row that names nothing."""
    number, number_id = e164(row.get("phone_number")), said(row.get("id"))
    key = number or said(row.get("phone_number")) or number_id
    if key is None:
        return None
    is_active = row.get("is_active")
    return Holding(
        key=key,
        number=number,
        ids={} if number_id is None else {"id": number_id},
        state=("active" if is_active else "inactive") if isinstance(is_active, bool) else None,
        name=said(row.get("friendly_name")),
        agent_name=said(row.get("agent_name")),
        created_at=instant(row.get("created_at")),
    )


def agent(row: Mapping[str, Any]) -> Agent | None:
    agent_id = said(row.get("id"))
    return None if agent_id is None else Agent(agent_id, said(row.get("name")) or agent_id)


# ── Other answers ────────────────────────────────────────────────────────────────────────────────
def read_object(answer: Answer, secrets: Collection[str] = ()) -> dict[str, Any]:
    """The JSON object of a call that spends nothing, amounts exact. Raises ProviderError."""
    content = answer.json_object(exact=True)
    if answer.is_success and content is not None and not content.get("error"):
        return content
    raise _read_failure(answer)(**error_fields(answer, secrets))


def read_assigned(
    answer: Answer, number: str, agent_id: str, secrets: Collection[str] = ()
) -> None:
    """Return when the number was assigned. Raises NumberNotOurs, AgentNotFound (which knows no
    other agents), AssignmentUnclear, and what a read raises.

    404 is said of the number and of the agent alike; only the words tell.
    """
    content = answer.json_object() or {}
    if answer.is_success and content.get("success") is True and not content.get("error"):
        return
    fields = {**error_fields(answer, secrets), "number": number}
    if answer.status == HTTPStatus.NOT_FOUND and content.get("error"):
        if any(words.startswith("agent") for words in _words(content)):
            raise errors.AgentNotFound(agent=agent_id, **fields)
        raise errors.NumberNotOurs(**fields)
    failure = _read_failure(answer)
    raise (errors.AssignmentUnclear if failure is ProviderError else failure)(**fields)


# ── Errors ───────────────────────────────────────────────────────────────────────────────────────
def error_fields(answer: Answer, secrets: Collection[str] = ()) -> dict[str, Any]:
    """Fields of any error that this answer is."""
    content = answer.json_object() or {}
    error = content.get("error")
    parts = error if isinstance(error, dict) else content
    message, details = parts.get("message"), parts.get("details") or content.get("details")
    text = message if isinstance(message, str) and message.strip() else error
    if isinstance(text, str) and isinstance(details, str) and not details.startswith(("{", "<")):
        text = f"{text}: {details}"  # else it is the carrier's own JSON or HTML
    return {"provider": TITLE, "http_status": answer.status, "said": said(text, secrets)}


def _read_failure(answer: Answer) -> type[ProviderError]:
    if answer.status == HTTPStatus.UNAUTHORIZED:
        return errors.BadCredentials
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return errors.Throttled
    return ProviderError


def _refusal(answer: Answer, content: Mapping[str, Any]) -> type[ProviderError] | None:
    """The row of the table that this is; None when in any doubt."""
    if any(content.get(key) for key in ("phone_number", "phoneNumber", "id", "success")):
        return None  # contradicts every refusal
    status = answer.status
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return errors.Throttled  # the request was not let in
    words = _words(content)
    for statuses, pattern, error in _ROWS:
        if status in {*statuses, HTTPStatus.OK} and any(map(pattern.fullmatch, words)):
            return error
    if status == HTTPStatus.UNAUTHORIZED and words:
        return errors.BadCredentials
    if status in {HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.OK} and _has_details(content):
        is_later = any(map(_AFTERWARDS.search, words))
        return None if is_later else errors.CarrierRefused
    return None


def _words(content: Mapping[str, Any]) -> list[str]:
    """Everything the error says, code and text, in one spelling; empty when it is no error."""
    error = content.get("error")
    found = (
        [error.get("code"), error.get("message")]
        if isinstance(error, dict)
        else [error, content.get("message") if error else None]
    )
    plain = [" ".join(one.replace("_", " ").split()) for one in found if isinstance(one, str)]
    return [one.casefold().rstrip(".") for one in plain if one]


def _has_details(content: Mapping[str, Any]) -> bool:
    error = content.get("error")
    inside = error.get("details") if isinstance(error, dict) else None
    return bool(error and (inside or content.get("details")))
