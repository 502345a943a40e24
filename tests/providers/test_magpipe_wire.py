"""Magpipe's purchase: bytes in, a receipt or a named error out, for both shapes and both styles."""

import json
from typing import Any

import pytest

from bot.domain import errors
from bot.domain.purchase import Order, Receipt
from bot.providers import magpipe_wire as wire
from bot.providers.wire import Answer, Purpose

NUMBER, US_NUMBER = "+16045551234", "+14155550123"
ID = "a1b2c3d4-5678-9012-3456-789012345678"
AGENT_ID = "550e8400-e29b-41d4-a716-446655440000"
ORDER = Order(number=NUMBER, name="Main Line", agent_id=AGENT_ID, agent_name="Reception")
DOCUMENTED = {
    "id": ID,
    "phone_number": NUMBER,
    "friendly_name": "Main Line",
    "agent_id": AGENT_ID,
    "capabilities": {"voice": True, "sms": True, "mms": True},
    "is_active": True,
    "provider": "signalwire",
    "created_at": "2024-01-15T10:30:00Z",
}
AS_CODED = {
    "success": True,
    "phoneNumber": NUMBER,
    "phoneSid": "5f1c",
    "campaignRegistered": False,
    "usNumberProvisioned": US_NUMBER,
    "message": "Canadian number provisioned successfully.",
    "webhooks": {"voice": "https://magpipe.example/v"},
}


def answer(status: int, body: Any) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status=status, body=content)


def failure(status: int, body: Any) -> errors.ProviderError:
    with pytest.raises(errors.ProviderError) as caught:
        wire.read_provision(answer(status, body), ORDER, ("s3cret",))
    json.dumps(caught.value.fields)
    assert caught.value.fields["provider"] == "Magpipe"
    assert caught.value.fields["http_status"] == status
    assert caught.value.fields["number"] == NUMBER
    return caught.value


def in_each_style(text: str, code: str, **more: Any) -> list[dict[str, Any]]:
    return [
        {"error": text, **more},
        {"error": {"code": code, "message": text, **more}},
        {"error": {"code": code, "message": text, **more}, "data": None},
        {"error": {"code": code, "message": text}, "data": None, **more},
    ]


LIMIT = {"message": "Your free plan allows 1 phone number(s).", "current": 1, "limit": 1}
GONE = "+16045551234 is not available"
ROWS: list[tuple[int, type[errors.ProviderError], list[dict[str, Any]]]] = [
    (400, errors.NumberMissing, in_each_style("Phone number is required", "missing_params")),
    (401, errors.BadCredentials, in_each_style("Unauthorized", "unauthorized")),
    (401, errors.BadCredentials, in_each_style("Invalid API key", "invalid_key")),
    (
        402,
        errors.NumberLimitReached,
        [
            {"error": "number_limit_reached", **LIMIT},
            {"error": "Phone number limit reached", **LIMIT},
            *in_each_style("You have reached your phone number limit.", "number_limit_reached")[1:],
        ],
    ),
    (
        403,
        errors.NumberLimitReached,
        [{"error": "number_limit_reached", **LIMIT}, {"error": "Number limit reached."}],
    ),
    (
        500,
        errors.CarrierNotSetUp,
        in_each_style("SignalWire configuration missing", "internal_server_error"),
    ),
    (500, errors.CarrierRefused, in_each_style("No.", "carrier_error", details=GONE)),
    (500, errors.CarrierRefused, in_each_style("Failed to purchase phone number", "internal")),
    (
        500,
        errors.CarrierRefused,
        in_each_style("Failed to purchase phone number from SignalWire", "internal"),
    ),
    (
        500,
        errors.ChargedWithoutNumber,
        in_each_style("Failed to save service number to database", "internal"),
    ),
]
EACH_ROW = [
    pytest.param(status, body, error, id=f"{status} {error.__name__} {str(body)[:40]}")
    for status, error, bodies in ROWS
    for body in bodies
]
UNKNOWN = [
    pytest.param(status, body, id=f"{status} {str(body)[:60]}")
    for status, body in [
        (200, b""),
        (200, b"<html>Sign in</html>"),
        (200, b'{"success":true,"phoneNumber":"+1604'),
        (200, b"[" * 100_000),
        (200, []),
        (200, {}),
        (200, {"success": True}),
        (200, {"success": True, "message": f"{NUMBER} provisioned"}),
        (200, {"success": False}),
        (200, {**AS_CODED, "success": False}),
        (200, {**AS_CODED, "error": "Unauthorized"}),
        (200, {**DOCUMENTED, "phone_number": None}),
        (200, {**DOCUMENTED, "phone_number": "soon"}),
        (200, {**DOCUMENTED, "phone_number": 16045551234}),
        (200, {"error": "Something new"}),
        (204, b""),
        (302, b""),
        (307, DOCUMENTED),
        (400, {"error": "Something new"}),
        (400, {"message": "Phone number is required"}),
        (401, b""),
        (401, {"message": "no error in it"}),
        (402, {"error": "Payment required"}),
        (403, b"<html>Forbidden</html>"),
        (403, {"error": "Forbidden"}),
        (404, {"error": {"code": "not_found", "message": "Not found"}}),
        (409, {"error": "number_limit_reached"}),
        (429, {**DOCUMENTED, "error": "contradicts itself"}),
        (500, b""),
        (500, {"error": "Cannot read properties of undefined (reading 'sid')"}),
        (500, {"error": {"code": "server_error", "message": "fetch failed"}}),
        (500, {"error": "", "details": GONE}),
        (500, {"details": GONE}),
        (500, {"error": "Error saving number", "details": "duplicate key"}),
        (500, {"error": "Database error", "details": "duplicate key"}),
        (500, {"success": True, "error": "Failed to purchase phone number"}),
        (500, {**AS_CODED, "error": "No.", "details": GONE}),
        (502, {"error": "No.", "details": GONE}),
        (502, b"<html>Bad Gateway</html>"),
        (503, {"error": "SignalWire configuration missing"}),
        (504, {"error": "Failed to save service number to database"}),
        (546, {"code": "WORKER_LIMIT", "message": "not enough compute resources"}),
    ]
]


def test_the_purchase_is_called_as_documented() -> None:
    call = wire.provision_call(ORDER)

    assert (call.method, call.path) == ("POST", "/provision-phone-number")
    assert call.purpose is Purpose.CONFIRM
    assert call.body == {
        "phone_number": NUMBER,
        "friendly_name": "Main Line",
        "agent_id": AGENT_ID,
    }
    assert wire.provision_call(Order(number=NUMBER)).body == {"phone_number": NUMBER}
    assert wire.credentials("t0ken") == {"Authorization": "Bearer t0ken"}


def test_half_an_emoji_does_not_keep_the_call_from_being_sent() -> None:
    body = wire.provision_call(Order(number=NUMBER, name="a\ud83db")).body

    assert body is not None
    assert body["friendly_name"] == "a?b"


def test_the_other_calls_look_and_are_as_documented() -> None:
    calls = [wire.numbers_call(200), wire.agents_call(), wire.assign_call(NUMBER, AGENT_ID)]

    assert {call.purpose for call in calls} == {Purpose.READ}
    assert [(call.method, call.path, call.body) for call in calls] == [
        ("POST", "/list-phone-numbers", {"limit": 100, "offset": 200}),
        ("POST", "/list-agents", {"limit": 100, "offset": 0}),
        ("POST", "/assign-phone-number", {"phone_number": NUMBER, "agent_id": AGENT_ID}),
    ]


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (DOCUMENTED, Receipt(number=NUMBER, ids={"id": ID})),
        ({"phone_number": "+1 604-555-1234"}, Receipt(number=NUMBER)),
        ({**DOCUMENTED, "error": None}, Receipt(number=NUMBER, ids={"id": ID})),
        (AS_CODED, Receipt(number=NUMBER, second_number=US_NUMBER)),
        ({**AS_CODED, "usNumberProvisioned": None}, Receipt(number=NUMBER)),
        ({**AS_CODED, "usNumberProvisioned": "none"}, Receipt(number=NUMBER)),
        ({**AS_CODED, "usNumberProvisioned": NUMBER}, Receipt(number=NUMBER)),
        ({"phoneNumber": US_NUMBER}, Receipt(number=US_NUMBER)),
    ],
)
def test_a_purchase_is_read_in_both_shapes(
    status: int, body: dict[str, Any], expected: Receipt
) -> None:
    assert wire.read_provision(answer(status, body), ORDER) == expected


@pytest.mark.parametrize(("status", "body", "expected"), EACH_ROW)
def test_each_row_of_the_error_table_means_the_same_in_each_style(
    status: int, body: dict[str, Any], expected: type[errors.ProviderError]
) -> None:
    assert type(failure(status, body)) is expected


@pytest.mark.parametrize(("status", "body", "expected"), EACH_ROW)
def test_a_listed_error_that_comes_with_200_is_that_row(
    status: int, body: dict[str, Any], expected: type[errors.ProviderError]
) -> None:
    found = type(failure(200, body))

    # 401 alone tells that words like "Invalid API key" are about credentials.
    assert found is expected or (status == 401 and found is errors.AnswerLost)


@pytest.mark.parametrize("body", [b"Too Many Requests", {"error": {"code": "rate_limited"}}, b""])
def test_a_throttled_purchase_was_refused(body: Any) -> None:
    assert type(failure(429, body)) is errors.Throttled


@pytest.mark.parametrize(("status", "body"), UNKNOWN)
def test_whatever_else_comes_is_a_lost_answer(status: int, body: Any) -> None:
    found = failure(status, body)

    assert type(found) is errors.AnswerLost
    assert found.fields["what"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"error": "No.", "details": GONE}, f"No.: {GONE}"),
        ({"error": "Taken", "details": '{"code":"21422"}'}, "Taken"),
        ({"error": {"code": "c", "message": "Taken"}, "details": "<html>"}, "Taken"),
        ({"error": "no  s3cret\n", "details": "x" * 300}, "no [redacted] : " + "x" * 183 + "…"),
    ],
)
def test_what_the_provider_said_is_one_line_without_secrets(
    body: dict[str, Any], said: str
) -> None:
    assert failure(500, body).fields["said"] == said


def test_the_documented_shape_is_silent_on_the_second_number_of_a_canadian_one() -> None:
    def is_silent(body: dict[str, Any]) -> bool:
        got = answer(200, body)
        return wire.is_silent_on_second(got, wire.read_provision(got, ORDER))

    assert is_silent(DOCUMENTED)
    assert not is_silent({**DOCUMENTED, "phone_number": US_NUMBER})
    assert not is_silent(AS_CODED)
    assert not is_silent({**AS_CODED, "usNumberProvisioned": None})
