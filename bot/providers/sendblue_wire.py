"""Sendblue's line provisioning on the wire: calls from intentions, values or errors from answers.

No I/O. Sources: the provider's page "Line Provisioning", https://docs.sendblue.com, and for what
it leaves open the observations noted beside the code.
"""

import re
from collections.abc import Collection, Mapping
from http import HTTPStatus
from typing import Any

from bot.domain import errors
from bot.domain.errors import (
    AnswerLost,
    ChargedWithoutNumber,
    ProviderError,
    ProviderFailing,
    ProviderUnclear,
)
from bot.domain.preview import Preview
from bot.domain.price import Price
from bot.domain.purchase import Receipt
from bot.ports import Holding
from bot.providers.wire import Answer, Call, Purpose, e164, instant, said

TITLE = "Sendblue"

# https://docs.sendblue.com: what each refusal means. A refusal counts with the row's own status,
# and with 200, which was seen too.
_CODED: Mapping[tuple[int, str], type[ProviderError]] = {
    (402, "no_card_on_file"): errors.NoCardOnFile,
    (410, "token_expired"): errors.PreviewExpired,
    (429, "daily_limit_reached"): errors.DailyLimitReached,
    (429, "monthly_limit_reached"): errors.MonthlyLimitReached,
    (503, "no_lines_available"): errors.NoneAvailable,
    (500, "provisioning_failed"): ChargedWithoutNumber,
}
_BY_CODE = {code: error for (_, code), error in _CODED.items()}
_UNCODED: Mapping[int, type[ProviderError]] = {
    400: errors.MissingToken,
    401: errors.BadCredentials,
}
# 403 has three meanings and no code; only the words tell. First match wins: the provider's page
# names plan and token in one sentence, and then the plan is the likelier cause.
_FORBIDDEN: tuple[tuple[re.Pattern[str], type[ProviderError]], ...] = (
    (re.compile(r"\bplan\b|inbound|eligib", re.IGNORECASE), errors.NotEligible),
    (re.compile(r"belong|\b(an)?other account\b", re.IGNORECASE), errors.ForeignToken),
    (
        re.compile(r"inputs|authori[sz]|credential|api.?key|secret", re.IGNORECASE),
        errors.BadCredentials,
    ),
    (re.compile(r"\btoken\b", re.IGNORECASE), errors.ForeignToken),
)
_TOKEN = re.compile(r"lpv_[\w\-.]+")


# ── Calls ────────────────────────────────────────────────────────────────────────────────────────
def credentials(api_key_id: str, api_secret_key: str) -> dict[str, str]:
    """Headers for every call."""
    return {"sb-api-key-id": api_key_id, "sb-api-secret-key": api_secret_key}


def preview_call() -> Call:
    return Call(method="POST", path="/accounts/lines/provision-preview", purpose=Purpose.PREVIEW)


def confirm_call(preview_token: str) -> Call:
    """SPENDS MONEY when it is sent."""
    return Call(
        method="POST",
        path="/accounts/lines/provision-confirm",
        purpose=Purpose.CONFIRM,
        body={"preview_token": preview_token},
    )


def limits_call() -> Call:
    return Call(method="GET", path="/accounts/limits", purpose=Purpose.READ)


def lines_state_call() -> Call:
    return Call(method="GET", path="/api/v2/lines/state", purpose=Purpose.READ)


def lines_call() -> Call:
    return Call(method="GET", path="/api/lines", purpose=Purpose.READ)


# ── Answers ──────────────────────────────────────────────────────────────────────────────────────
def read_preview(answer: Answer, price: Price, secrets: Collection[str] = ()) -> Preview:
    """A quote at this price, as the provider names none. Raises NothingSpent's family only;
    a 5xx without its own words is ProviderFailing, what else is not understood ProviderUnclear."""
    content = answer.json_object() or {}
    token, expires_at = content.get("preview_token"), instant(content.get("expires_at"))
    if (
        _is_ok(answer, content)
        and isinstance(token, str)
        and token.isascii()
        and token.isprintable()
        and token.strip()
        and expires_at is not None
    ):
        return Preview(price=price, expires_at=expires_at, token=token)
    fields = _fields(answer, content, secrets)
    refusal = _refusal(answer, content)
    if refusal is not None and refusal is not ChargedWithoutNumber:  # a preview charges nothing
        raise refusal(**fields)
    unclear = ProviderFailing if answer.is_breakdown else ProviderUnclear
    raise (_throttled(answer) or unclear)(**fields)


def read_confirm(answer: Answer, secrets: Collection[str] = ()) -> Receipt:
    """What was bought. Raises the error of a documented refusal; ChargedWithoutNumber; AnswerLost
    for everything else, for money may have moved."""
    content = answer.json_object() or {}
    number = e164(content.get("phone_number"))
    ids = _ids(content, "worker_id", "subscription_id")
    is_ok = _is_ok(answer, content)
    if is_ok and number is not None:
        return Receipt(number=number, ids=ids)
    fields = _fields(answer, content, secrets)
    refusal = _refusal(answer, content)
    if refusal is not None:
        raise refusal(**ids, **fields)
    if is_ok:
        what = "it says OK and names no number I can read"
    elif answer.is_success:
        what = "I do not understand it"
    else:
        what = f"HTTP {answer.status}, which says nothing either way"
    raise AnswerLost(what=what, **ids, **fields)


def read_object(answer: Answer, secrets: Collection[str] = ()) -> dict[str, Any]:
    """The JSON object of a call that looks something up. Raises ProviderError."""
    content = answer.json_object()
    if answer.is_success and content is not None and content.get("status") != "ERROR":
        return content
    content = content or {}
    if _refusal(answer, content) is errors.BadCredentials:
        raise errors.BadCredentials(**_fields(answer, content, secrets))
    raise (_throttled(answer) or ProviderError)(**_fields(answer, content, secrets))


def read_lines_state(answer: Answer, secrets: Collection[str] = ()) -> list[Holding]:
    """The lines, of `GET /api/v2/lines/state`. Raises ProviderError.

    `key` is the number where there is one, although every line here has a worker id: the other
    source, `GET /api/lines`, knows numbers only, and keys of before and after must compare even if
    the provider takes this endpoint away in between. A line without a number has its worker id as
    key. Worker ids stand in `ids`. A line is new only if neither its key nor any of its ids was
    there before: one that merely got its number, or another one, is not.
    """
    return _lines(answer, read_object(answer, secrets).get("data"))


def read_lines(answer: Answer, secrets: Collection[str] = ()) -> list[Holding]:
    """The lines, of `GET /api/lines`; keys as in `read_lines_state`. Raises ProviderError."""
    numbers = read_object(answer, secrets).get("numbers")
    if isinstance(numbers, list):
        numbers = [{"sendblue_number": number} for number in numbers]
    return _lines(answer, numbers)


def is_without_lines_state(answer: Answer) -> bool:
    """Whether the account may not have `GET /api/v2/lines/state`, so `GET /api/lines` must do."""
    return answer.status in {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}


# ── Refusals ─────────────────────────────────────────────────────────────────────────────────────
def _is_ok(answer: Answer, content: Mapping[str, Any]) -> bool:
    return answer.is_success and content.get("status") == "OK"


def _refusal(answer: Answer, content: Mapping[str, Any]) -> type[ProviderError] | None:
    """The documented error that this is, word for word; None when in any doubt."""
    status, code, message = (content.get(key) for key in ("status", "error", "message"))
    # Without `status`: seen with 403. A number contradicts every refusal.
    is_error = status == "ERROR" or (status is None and not answer.is_success)
    if not is_error or content.get("phone_number"):
        return None
    if isinstance(code, str):
        is_ok = answer.status == HTTPStatus.OK
        return _BY_CODE.get(code) if is_ok else _CODED.get((answer.status, code))
    if code is None and isinstance(message, str):
        return _uncoded(answer.status, message)
    return None


def _uncoded(status: int, message: str) -> type[ProviderError] | None:
    if status != HTTPStatus.FORBIDDEN:
        return _UNCODED.get(status)
    found = (error for words, error in _FORBIDDEN if words.search(message))
    return next(found, errors.NothingSpent)


def _throttled(answer: Answer) -> type[ProviderError] | None:
    """A 429 without a quota's name is an ordinary throttle, for calls that spend nothing."""
    return errors.Throttled if answer.status == HTTPStatus.TOO_MANY_REQUESTS else None


def _fields(
    answer: Answer, content: Mapping[str, Any], secrets: Collection[str] = ()
) -> dict[str, Any]:
    message = content.get("message")
    tokens = _TOKEN.findall(message) if isinstance(message, str) else ()
    return {
        "provider": TITLE,
        "http_status": answer.status,
        "said": said(message, (*secrets, *tokens)),
    }


# ── Values ───────────────────────────────────────────────────────────────────────────────────────
def _ids(content: Mapping[str, Any], *names: str) -> dict[str, str]:
    found = {name: said(content.get(name)) for name in names}
    return {name: text for name, text in found.items() if text is not None}


def _lines(answer: Answer, rows: object) -> list[Holding]:
    found = [_line(row) for row in rows] if isinstance(rows, list) else [None]
    lines = [line for line in found if line is not None]
    if len(lines) < len(found):  # a line missed now would pass for a new one later
        raise ProviderError(**_fields(answer, {}))
    return lines


def _line(row: object) -> Holding | None:
    if not isinstance(row, dict):
        return None
    number, ids = e164(row.get("sendblue_number")), _ids(row, "worker_id")
    key = number or said(row.get("sendblue_number")) or ids.get("worker_id")
    if key is None:
        return None
    return Holding(key=key, number=number, ids=ids, state=said(row.get("status")))
