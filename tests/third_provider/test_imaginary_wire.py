"""Imaginary Telephone's answers, byte by byte: what is understood, and what is not guessed at."""

import json
from typing import Any

import pytest

from bot.domain import errors
from bot.providers.wire import Answer
from tests.third_provider import imaginary_wire as wire


def answer(status: int, **content: Any) -> Answer:
    return Answer(status=status, body=json.dumps(content).encode())


REFUSED = {
    (401, "unknown_token"): errors.BadCredentials,
    (402, "no_funds"): errors.NoCardOnFile,
    (409, "sold_out"): errors.NoneAvailable,
    (410, "quote_over"): errors.PreviewExpired,
}


@pytest.mark.parametrize(("said", "error"), REFUSED.items())
def test_a_documented_refusal_says_that_nothing_was_spent(
    said: tuple[int, str], error: type[errors.NothingSpent]
) -> None:
    status, problem = said
    with pytest.raises(error):
        wire.read_order(answer(status, problem=problem), ())


@pytest.mark.parametrize(
    "unclear",
    [
        answer(402, problem="sold_out"),
        answer(410, message="quote_over"),
        answer(200, problem="no_funds"),
        answer(409, problem="sold_out", number="+442079460101"),
        answer(201, order="ord_1"),
        answer(201, number="soon"),
        answer(202, problem=None),
    ],
)
def test_half_a_refusal_and_half_a_success_are_lost_answers(unclear: Answer) -> None:
    with pytest.raises(errors.AnswerLost):
        wire.read_order(unclear, ())


QUOTE = {
    "quote": "imq_x",
    "monthly": {"amount": "7.50", "currency": "GBP"},
    "good_until": "2026-05-18T14:25:00+00:00",
}


def test_a_quote_has_its_own_price_to_the_penny() -> None:
    assert str(wire.read_quote(answer(201, **QUOTE), ()).price) == "7.50 GBP"


@pytest.mark.parametrize(
    "odd",
    [
        {"quote": ""},
        {"monthly": {"amount": "free", "currency": "GBP"}},
        {"monthly": {"amount": "7.50"}},
        {"monthly": 7.5},
        {"good_until": "2026-05-18T14:25:00"},  # in which time zone?
    ],
)
def test_a_quote_that_lacks_anything_is_none(odd: dict[str, Any]) -> None:
    with pytest.raises(errors.ProviderUnclear):
        wire.read_quote(answer(201, **(QUOTE | odd)), ())


@pytest.mark.parametrize("row", [None, {}, {"number": "soon", "order": "ord_1"}])
def test_a_list_with_a_row_that_cannot_be_read_is_no_list(row: object) -> None:
    rows = [{"number": "+442079460101", "order": "ord_1"}, row]
    with pytest.raises(errors.ProviderError):
        wire.read_numbers(answer(200, numbers=rows), ())
