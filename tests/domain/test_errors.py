"""Every error has a sentence of its own that can be filled in, and survives being stored."""

from string import Formatter

import pytest

from bot.domain.errors import BY_NAME, DialtoneError, NothingSpent, Reason, Refusal

KINDS = {"", "user", "time", "latest", "channel", "roster", "status", "phone", "instance", "taken"}


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_an_error_s_sentence_is_its_own_and_uses_known_kinds(name: str) -> None:
    assert BY_NAME[name].__doc__
    parts = list(Formatter().parse(Reason(name).template))
    assert {(spec or "").partition("|")[0] for _, field, spec, _ in parts if field} <= KINDS
    assert Reason(name).template.endswith((".", "."))


@pytest.mark.parametrize(
    "name", [name for name, error in BY_NAME.items() if issubclass(error, NothingSpent | Refusal)]
)
def test_a_refusal_says_that_nothing_happened(name: str) -> None:
    sentence = Reason(name).template.lower()
    assert any(
        said in sentence
        for said in ("nothing", "changed nothing", "stands as it was", "cannot be stopped")
    ), sentence


def test_a_reason_from_a_newer_version_has_a_general_sentence() -> None:
    assert "Something went wrong" in Reason("FromTheFuture").template


def test_fields_that_are_not_known_are_left_out() -> None:
    assert dict(DialtoneError(code="K7Q2", said=None).reason.fields) == {"code": "K7Q2"}
