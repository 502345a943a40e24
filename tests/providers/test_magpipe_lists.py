"""Magpipe's lists and assignments: bytes in, values or a named error out."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.domain import errors
from bot.domain.agent import Agent
from bot.ports import Holding
from bot.providers import magpipe_wire as wire
from bot.providers.magpipe_second import second_number
from bot.providers.wire import Answer

NUMBER, AGENT_ID = "+16045551234", "550e8400-e29b-41d4-a716-446655440000"
ROW = {
    "id": "n1",
    "phone_number": NUMBER,
    "friendly_name": "Main Line",
    "agent_id": AGENT_ID,
    "agent_name": "Reception",
    "capabilities": {"voice": True},
    "is_active": True,
    "provider": "signalwire",
    "created_at": "2026-05-18T12:00:00.123456+00:00",
}


def answer(status: int, body: Any) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status=status, body=content)


def test_a_listed_number_is_read_with_whatever_it_has() -> None:
    assert wire.holding(ROW) == Holding(
        key=NUMBER,
        number=NUMBER,
        ids={"id": "n1"},
        state="active",
        name="Main Line",
        agent_name="Reception",
        created_at=datetime(2026, 5, 18, 12, 0, 0, 123456, UTC),
    )
    assert wire.holding({"phone_number": NUMBER, "is_active": False}) == Holding(
        key=NUMBER, number=NUMBER, state="inactive"
    )
    assert wire.holding({"id": "n1", "phone_number": "soon", "created_at": "soon"}) == Holding(
        key="soon", number=None, ids={"id": "n1"}
    )
    assert wire.holding({"id": "n1"}) == Holding(key="n1", number=None, ids={"id": "n1"})
    assert wire.holding({"phone_number": 7, "id": None}) is None


def test_an_agent_is_an_id_and_a_name() -> None:
    assert wire.agent({"id": AGENT_ID, "name": "Reception", "voice": "x"}) == Agent(
        AGENT_ID, "Reception"
    )
    assert wire.agent({"id": AGENT_ID}) == Agent(AGENT_ID, AGENT_ID)
    assert wire.agent({"name": "Reception"}) is None


@pytest.mark.parametrize(
    ("body", "offset", "is_last"),
    [
        ({"rows": [{}, {}], "total": 2}, 0, True),
        ({"rows": [{}, {}], "total": 3}, 0, False),
        ({"rows": [{}], "total": 3}, 2, True),
        ({"rows": [{}, {}], "total": 3, "has_more": False}, 0, True),
        ({"rows": [{}, {}], "total": 2, "has_more": True}, 0, False),
        ({"rows": [{}, 7]}, 0, False),
        ({"rows": [{}], "total": "3", "has_more": "yes"}, 0, False),
        ({"rows": [], "total": 7, "has_more": True}, 0, True),
    ],
)
def test_a_page_is_the_last_when_the_answer_says_so_or_it_is_empty(
    body: dict[str, Any], offset: int, is_last: bool
) -> None:
    page = wire.read_page(answer(200, body), "rows", offset)

    assert (page.is_last, page.length) == (is_last, len(body["rows"]))


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (401, {"error": {"code": "unauthorized", "message": "U"}}, errors.BadCredentials),
        (401, {"code": 401, "message": "Invalid JWT"}, errors.BadCredentials),
        (401, b"", errors.BadCredentials),
        (429, {"error": "Rate limit exceeded"}, errors.Throttled),
        (429, b"", errors.Throttled),
        (500, {"error": {"code": "query_error", "message": "Q"}}, errors.ProviderError),
        (200, {"error": {"code": "query_error", "message": "Q"}}, errors.ProviderError),
        (200, {"error": "Q", "rows": []}, errors.ProviderError),
        (200, b"<html>", errors.ProviderError),
        (200, [], errors.ProviderError),
        (200, {}, errors.ProviderError),
        (200, {"rows": {"0": {}}}, errors.ProviderError),
        (200, {"data": {"rows": []}}, errors.ProviderError),
        (302, {"rows": []}, errors.ProviderError),
    ],
)
def test_a_list_that_cannot_be_read_is_an_error(
    status: int, body: Any, expected: type[errors.ProviderError]
) -> None:
    with pytest.raises(errors.ProviderError) as caught:
        wire.read_page(answer(status, body), "rows", 0)

    assert type(caught.value) is expected
    assert caught.value.fields["http_status"] == status


def test_a_number_is_assigned_when_the_answer_says_success() -> None:
    wire.read_assigned(answer(200, {"success": True, "is_active": True}), NUMBER, AGENT_ID)


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (
            404,
            {"error": {"code": "not_found", "message": "Phone number not found or does not"}},
            errors.NumberNotOurs,
        ),
        (404, {"error": "not_found"}, errors.NumberNotOurs),
        (404, {"error": {"code": "not_found", "message": "Agent not found"}}, errors.AgentNotFound),
        (404, b"<html>", errors.AssignmentUnclear),
        (401, {"error": {"code": "unauthorized"}}, errors.BadCredentials),
        (429, b"", errors.Throttled),
        (200, {"success": False}, errors.AssignmentUnclear),
        (200, {"success": True, "error": "x"}, errors.AssignmentUnclear),
        (200, b"", errors.AssignmentUnclear),
        (500, {"error": {"code": "db_error", "message": "Failed"}}, errors.AssignmentUnclear),
    ],
)
def test_an_assignment_that_failed_says_why(
    status: int, body: Any, expected: type[errors.ProviderError]
) -> None:
    with pytest.raises(errors.ProviderError) as caught:
        wire.read_assigned(answer(status, body), NUMBER, AGENT_ID)

    assert type(caught.value) is expected
    assert caught.value.fields["number"] == NUMBER


# ── The second number ────────────────────────────────────────────────────────────────────────────
def held(
    number: str, second: int | None = 0, name: str | None = None, agent: str | None = None
) -> Holding:
    at = None if second is None else datetime(2026, 5, 18, 12, 0, tzinfo=UTC).replace(second=second)
    return Holding(key=number, number=number, name=name, agent_name=agent, created_at=at)


FIRST = held(NUMBER, 10, "Main Line")
US = "+14155550123"


@pytest.mark.parametrize(
    "others",
    [
        [held(US, 10)],
        [held(US, 12, "Magpipe - a@b.example (Auto US Relay)")],
        [held(US, 10), held("+13035550123", 9), held("+16045550123", 11)],
        [held(US, 10), held("+13035550123", 12, "Sales"), held("+12125550123", 12, None, "Ann")],
    ],
)
def test_the_one_us_number_that_came_right_after_is_the_second(others: list[Holding]) -> None:
    assert second_number(FIRST, [FIRST, *others]) == US


@pytest.mark.parametrize(
    "others",
    [
        [],
        [held(US, None)],
        [held(US, 9)],
        [held(US, 12, "Sales")],
        [held(US, 10), held("+13035550123", 12)],
        [Holding(key="soon", number=None)],
    ],
)
def test_no_second_number_is_guessed(others: list[Holding]) -> None:
    assert second_number(FIRST, [FIRST, *others]) is None
