"""Bytes in, values or named errors out."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from bot.domain import errors
from bot.domain.price import Price
from bot.domain.purchase import Receipt
from bot.providers import sendblue_wire as wire
from bot.providers.wire import Answer, Purpose

PRICE = Price(Decimal("100.00"), "USD")
TOKEN = "lpv_abc123"
PREVIEWED = {
    "status": "OK",
    "preview_token": TOKEN,
    "expires_at": "2026-05-18T14:30:00.000Z",
    "message": "Call the confirm endpoint with this token within 10 minutes.",
}
BOUGHT = {
    "status": "OK",
    "phone_number": "+14155551234",
    "worker_id": "worker_abc123",
    "subscription_id": "sub_abc123",
}
PLAN = "Line provisioning requires the inbound_only / Agent plan"
FOREIGN = "Preview token belongs to another account"
NO_AUTH = "Did not get inputs for authorization"


def answer(status: int, body: Any) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status=status, body=content)


def error(message: str = "No.", code: str | None = None) -> dict[str, str]:
    return {"status": "ERROR", "message": message} | ({} if code is None else {"error": code})


def failure_of_preview(status: int, body: Any) -> errors.DialtoneError:
    with pytest.raises(errors.NothingSpent) as caught:
        wire.read_preview(answer(status, body), PRICE)
    return caught.value


def failure_of_confirm(status: int, body: Any) -> errors.DialtoneError:
    with pytest.raises(errors.ProviderError) as caught:
        wire.read_confirm(answer(status, body), (TOKEN,))
    return caught.value


CODED = [
    (402, "no_card_on_file", errors.NoCardOnFile),
    (410, "token_expired", errors.PreviewExpired),
    (429, "daily_limit_reached", errors.DailyLimitReached),
    (429, "monthly_limit_reached", errors.MonthlyLimitReached),
    (503, "no_lines_available", errors.NoneAvailable),
]
UNCODED = [
    (400, error("preview_token is required"), errors.MissingToken),
    (401, error("Invalid Credentials"), errors.BadCredentials),
    (403, error(PLAN), errors.NotEligible),
    (403, error(FOREIGN), errors.ForeignToken),
    (403, error("Invalid preview token"), errors.ForeignToken),
    (403, {"message": NO_AUTH}, errors.BadCredentials),
    (403, error("No."), errors.NothingSpent),
]
# Nothing of this is in the provider's table, so it says nothing about money.
UNCLEAR = [
    pytest.param(status, body, id=f"{status} {str(body)[:60]}")
    for status, body in [
        (200, b""),
        (200, b"<html>Sign in</html>"),
        (200, b'{"status":"OK","phone_number":"+1415'),
        (200, b"\xff\xfe\x00"),
        (200, b"[" * 100_000),
        (200, b'{"status":' + b"9" * 5_000 + b"}"),
        (200, []),
        (200, None),
        (200, "OK"),
        (200, {}),
        (200, {"phone_number": "+14155551234", "preview_token": TOKEN}),
        (200, {**BOUGHT, **PREVIEWED, "status": "ok"}),
        (200, {**BOUGHT, **PREVIEWED, "status": "PENDING"}),
        (200, {**BOUGHT, **PREVIEWED, "status": "ERROR"}),
        (200, error()),
        (200, error("Invalid Credentials")),
        (200, error(code="something_new")),
        (200, {"error": "token_expired", "message": "no status"}),
        (201, error(code="token_expired")),
        (101, b""),
        (301, b""),
        (302, error(code="token_expired")),
        (307, BOUGHT),
        (400, b"<html>Bad Request</html>"),
        (400, error(code="something_new")),
        (400, {"status": "OK", "message": "contradicts itself"}),
        (401, b""),
        (401, {"message": ["no", "text"]}),
        (402, error("Payment required")),
        (403, b"<html>Forbidden</html>"),
        (403, {**BOUGHT, "status": "ERROR", "message": "contradicts itself"}),
        (404, error()),
        (408, error()),
        (409, error(code="token_expired")),
        (410, b"gone"),
        (410, error("used")),
        (429, error(code="no_lines_available")),
        (500, b""),
        (500, error("Internal Server Error")),
        (500, error(code="no_lines_available")),
        (500, {"status": "ERROR", "error": ["provisioning_failed"]}),
        (502, b"<html>Bad Gateway</html>"),
        (503, b"upstream connect error"),
        (503, error(code="provisioning_failed")),
        (504, error()),
    ]
]


def test_the_calls_are_as_documented() -> None:
    preview, confirm = wire.preview_call(), wire.confirm_call(TOKEN)

    assert (preview.method, preview.path) == ("POST", "/accounts/lines/provision-preview")
    assert (preview.body, preview.purpose) == (None, Purpose.PREVIEW)
    assert (confirm.method, confirm.path) == ("POST", "/accounts/lines/provision-confirm")
    assert (confirm.body, confirm.purpose) == ({"preview_token": TOKEN}, Purpose.CONFIRM)
    reads = [wire.limits_call(), wire.lines_state_call(), wire.lines_call()]
    assert [(read.method, read.path, read.purpose) for read in reads] == [
        ("GET", "/accounts/limits", Purpose.READ),
        ("GET", "/api/v2/lines/state", Purpose.READ),
        ("GET", "/api/lines", Purpose.READ),
    ]
    assert wire.credentials("id", "key") == {"sb-api-key-id": "id", "sb-api-secret-key": "key"}


def test_the_token_is_in_no_repr() -> None:
    assert TOKEN not in repr(wire.confirm_call(TOKEN))
    assert TOKEN not in repr(answer(200, PREVIEWED))
    assert TOKEN not in repr(wire.read_preview(answer(200, PREVIEWED), PRICE))


def test_a_preview_has_our_price_and_the_providers_token_and_deadline() -> None:
    preview = wire.read_preview(answer(200, PREVIEWED), PRICE)

    assert (preview.price, preview.token) == (PRICE, TOKEN)
    assert preview.expires_at == datetime(2026, 5, 18, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05-18T14:30:00Z", datetime(2026, 5, 18, 14, 30, tzinfo=UTC)),
        ("2026-05-18T14:30:00.5Z", datetime(2026, 5, 18, 14, 30, 0, 500_000, tzinfo=UTC)),
        ("2026-05-18T14:30:00.123456789Z", datetime(2026, 5, 18, 14, 30, 0, 123_456, tzinfo=UTC)),
        ("2026-05-18T16:30:00+02:00", datetime(2026, 5, 18, 14, 30, tzinfo=UTC)),
        ("2026-05-18 14:30:00+00:00", datetime(2026, 5, 18, 14, 30, tzinfo=UTC)),
    ],
)
def test_a_deadline_is_read_in_any_iso_8601_spelling(text: str, expected: datetime) -> None:
    preview = wire.read_preview(answer(200, {**PREVIEWED, "expires_at": text}), PRICE)

    assert preview.expires_at == expected
    assert preview.expires_at.tzinfo is UTC


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "soon",
        "2026-05-18T14:30:00",
        "2026-05-18",
        1779114600,
        "0001-01-01T00:00:00+14:00",
    ],
)
def test_a_preview_without_a_certain_deadline_is_unclear(value: object) -> None:
    found = failure_of_preview(200, {**PREVIEWED, "expires_at": value})

    assert type(found) is errors.ProviderUnclear


@pytest.mark.parametrize("value", [None, "", " ", 7, ["lpv_x"], "lpv_\ud800", "lpv_a\nb"])
def test_a_preview_without_a_usable_token_is_unclear(value: object) -> None:
    found = failure_of_preview(200, {**PREVIEWED, "preview_token": value})

    assert type(found) is errors.ProviderUnclear


def test_a_purchase_is_a_number_and_the_providers_ids() -> None:
    assert wire.read_confirm(answer(200, BOUGHT)) == Receipt(
        number="+14155551234",
        ids={"worker_id": "worker_abc123", "subscription_id": "sub_abc123"},
    )


def test_a_purchase_without_ids_or_in_another_spelling_is_still_a_purchase() -> None:
    body = {"status": "OK", "phone_number": "(415) 555-1234", "worker_id": None}

    assert wire.read_confirm(answer(200, body)) == Receipt(number="+14155551234")


@pytest.mark.parametrize("number", [None, "", "soon", "+1", 14155551234, ["+14155551234"]])
def test_ok_without_a_readable_number_is_a_lost_answer_that_keeps_the_ids(number: object) -> None:
    found = failure_of_confirm(200, {**BOUGHT, "phone_number": number})

    assert type(found) is errors.AnswerLost
    assert found.fields["worker_id"] == "worker_abc123"
    assert found.fields["subscription_id"] == "sub_abc123"


@pytest.mark.parametrize(("status", "code", "expected"), CODED)
def test_each_coded_refusal_means_the_same_to_both_calls(
    status: int, code: str, expected: type[errors.ProviderError]
) -> None:
    for found in (
        failure_of_preview(status, error(code=code)),
        failure_of_confirm(status, error(code=code)),
        failure_of_preview(200, error(code=code)),
        failure_of_confirm(200, error(code=code)),
    ):
        assert type(found) is expected
        assert found.fields["provider"] == "Sendblue"
        assert found.fields["said"] == "No."


@pytest.mark.parametrize(("status", "body", "expected"), UNCODED)
def test_each_refusal_without_a_code_is_told_by_status_and_words(
    status: int, body: dict[str, str], expected: type[errors.ProviderError]
) -> None:
    assert type(failure_of_preview(status, body)) is expected
    assert type(failure_of_confirm(status, body)) is expected


@pytest.mark.parametrize("status", [500, 200])
def test_a_failed_provisioning_is_a_charge_at_confirm_and_nothing_at_preview(status: int) -> None:
    body = error("Subscription was created", "provisioning_failed")

    assert type(failure_of_confirm(status, body)) is errors.ChargedWithoutNumber
    assert type(failure_of_preview(status, body)) is errors.ProviderUnclear


@pytest.mark.parametrize(("status", "body"), UNCLEAR)
def test_whatever_else_comes_is_unclear_at_preview_and_lost_at_confirm(
    status: int, body: Any
) -> None:
    at_preview, at_confirm = failure_of_preview(status, body), failure_of_confirm(status, body)

    unclear = {errors.ProviderUnclear, errors.ProviderFailing, errors.Throttled}
    assert type(at_preview) in unclear
    assert type(at_confirm) is errors.AnswerLost
    assert at_confirm.fields["what"]
    assert {at_preview.fields["provider"], at_confirm.fields["provider"]} == {"Sendblue"}
    assert {at_preview.fields["http_status"], at_confirm.fields["http_status"]} == {status}
    json.dumps([at_preview.fields, at_confirm.fields])


def test_an_ordinary_throttle_is_a_refusal_at_preview_and_lost_at_confirm() -> None:
    assert type(failure_of_preview(429, b"Too Many Requests")) is errors.Throttled
    assert type(failure_of_confirm(429, b"Too Many Requests")) is errors.AnswerLost


def test_what_the_provider_said_is_one_short_line_without_secrets() -> None:
    message = f"Bad\u0000 key\r\n s3cret\u202e for {TOKEN} and lpv_other-1 " + "x" * 500
    with pytest.raises(errors.BadCredentials) as caught:
        wire.read_confirm(answer(401, error(message)), ("s3cret", TOKEN, ""))

    said = caught.value.fields["said"]
    assert said.startswith("Bad key [redacted] for [redacted] and [redacted] xxx")
    assert len(said) == 200


def test_a_message_of_blanks_is_no_message() -> None:
    assert "said" not in failure_of_confirm(401, error("\n \u0007")).fields
