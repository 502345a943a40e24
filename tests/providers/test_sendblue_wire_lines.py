"""The lines on a Sendblue account: bytes in, holdings or named errors out."""

import json
from typing import Any

import pytest

from bot.domain import errors
from bot.ports import Holding
from bot.providers import sendblue_wire as wire
from bot.providers.wire import Answer

NO_AUTH = "Did not get inputs for authorization"


def answer(status: int, body: Any) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status=status, body=content)


def error(message: str) -> dict[str, str]:
    return {"status": "ERROR", "message": message}


def line(**fields: object) -> dict[str, object]:
    return {"assignment": "assigned", "status": "ONLINE", **fields}


def test_the_number_is_the_key_whichever_endpoint_names_it() -> None:
    state = {"status": "OK", "data": [line(sendblue_number="+14155551234", worker_id="w1")]}

    (with_worker,) = wire.read_lines_state(answer(200, state))
    (plain,) = wire.read_lines(answer(200, {"numbers": ["+14155551234"]}))

    assert with_worker == Holding(
        key="+14155551234", number="+14155551234", ids={"worker_id": "w1"}, state="ONLINE"
    )
    assert plain == Holding(key="+14155551234", number="+14155551234")


def test_a_line_without_a_number_is_known_by_its_worker() -> None:
    state = {"data": [line(sendblue_number=None, worker_id="w1"), line(worker_id="w2")]}

    held = wire.read_lines_state(answer(200, state))

    assert [(one.key, one.number, one.ids) for one in held] == [
        ("w1", None, {"worker_id": "w1"}),
        ("w2", None, {"worker_id": "w2"}),
    ]


def test_a_number_that_cannot_be_read_is_its_own_key() -> None:
    assert wire.read_lines(answer(200, {"numbers": ["55512"]})) == [
        Holding(key="55512", number=None)
    ]


def test_an_account_without_lines_holds_nothing() -> None:
    assert wire.read_lines_state(answer(200, {"status": "OK", "data": []})) == []
    assert wire.read_lines(answer(200, {"numbers": []})) == []


@pytest.mark.parametrize(
    "body",
    [
        {"status": "OK"},
        {"status": "OK", "data": {}, "numbers": {}},
        {"status": "OK", "data": None, "numbers": None},
        {"status": "ERROR", "message": "No."},
        {"data": ["+14155551234", line(worker_id="w1")], "numbers": ["+14155551234", None]},
        {"data": [line(sendblue_number=None, worker_id=7)], "numbers": [{}]},
        b"<html>",
        [],
    ],
)
def test_a_list_that_is_not_understood_whole_is_an_error(body: Any) -> None:
    for read in (wire.read_lines_state, wire.read_lines):
        with pytest.raises(errors.ProviderError) as caught:
            read(answer(200, body))
        assert caught.value.fields["provider"] == "Sendblue"


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (401, error("Invalid Credentials"), errors.BadCredentials),
        (403, {"message": NO_AUTH}, errors.BadCredentials),
        (403, error("Not available for this account"), errors.ProviderError),
        (404, b"", errors.ProviderError),
        (429, b"slow down", errors.Throttled),
        (302, b"", errors.ProviderError),
        (500, b"<html>", errors.ProviderError),
    ],
)
def test_a_look_up_that_fails_says_who_must_act(
    status: int, body: Any, expected: type[errors.ProviderError]
) -> None:
    with pytest.raises(errors.ProviderError) as caught:
        wire.read_object(answer(status, body))
    assert type(caught.value) is expected


def test_only_a_missing_endpoint_leads_to_the_other_one() -> None:
    tried = [
        status for status in range(200, 600) if wire.is_without_lines_state(answer(status, b""))
    ]
    assert tried == [403, 404]
