from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bot.domain.errors import BY_NAME, Reason
from handlers import wording


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_every_error_can_be_said_even_without_its_fields(name: str) -> None:
    sentence = wording.say(Reason(name))

    assert sentence
    assert "{" not in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_fields_of_the_wrong_type_do_no_harm(name: str) -> None:
    odd = {"odd": [1, None]}
    kinds = ("code", "approvers", "came_at", "requester", "person", "status", "channel", "said")

    assert "{}" not in wording.say(Reason(name, dict.fromkeys(kinds, odd)))


def test_each_kind_of_field_is_written_as_slack_writes_it() -> None:
    late = Reason(
        "CameTooLate",
        {"code": "K7Q2", "came_at": "2026-05-18T14:31:00+00:00", "expires_at": "rubbish"},
    )

    assert "`K7Q2`" in wording.say(late)
    assert "<!date^1779114660^" in wording.say(late)
    assert "|2026-05-18 14:31 UTC>" in wording.say(late)
    assert "expired at rubbish." in wording.say(late)


def test_a_roster_names_groups_and_users() -> None:
    said = wording.say(Reason("NotAnApprover", {"code": "K7Q2", "approvers": ["S0AA", "U0BB"]}))

    assert "<!subteam^S0AA>, <@U0BB>" in said


def test_what_the_provider_said_is_quoted_escaped_and_shortened() -> None:
    said = wording.say(
        Reason("NoneAvailable", {"provider": "sendblue", "said": "<!channel> " + "x" * 1000})
    )

    assert "Sendblue says: “&lt;!channel&gt; xxx" in said
    assert len(said) < 500


def test_plain_fields_cannot_ping_anybody() -> None:
    said = wording.say(Reason("PurchaseNotFound", {"code": "<!channel>"}))

    assert "<!channel>" not in said


def test_a_missing_command_is_the_one_of_the_provider() -> None:
    for provider, command in (("Magpipe", "/number"), ("Sendblue", "/line")):
        said = wording.say(Reason("PurchaseNotFound", {"code": "K7Q2", "provider": provider}))
        assert f"`{command} pending`" in said


def test_an_error_of_a_newer_version_still_has_a_sentence() -> None:
    assert "FromTheFuture" in wording.say(Reason("FromTheFuture"))


def test_escaping_happens_once() -> None:
    assert wording.escape("&amp; <b>") == "&amp;amp; &lt;b&gt;"


def test_ids_cannot_carry_markup() -> None:
    assert wording.mention("U1|x> <!channel>") == "<@U1xchannel>"
    assert wording.channel("C1>x") == "<#C1x>"
    assert wording.channel("D123") == "this direct message"


def test_numbers_that_are_none_are_shown_as_they_are() -> None:
    assert wording.phone("+16045551234") == "+1 604-555-1234"
    assert wording.phone("<nothing>") == "&lt;nothing&gt;"


def test_an_instant_is_shown_in_each_readers_own_zone() -> None:
    assert (
        wording.when(datetime(2026, 5, 18, 14, 30, tzinfo=UTC), ago=True)
        == "<!date^1779114600^{date_short_pretty} at {time} ({ago})|2026-05-18 14:30 UTC>"
    )


def test_unknown_words_of_the_record_are_shown_as_they_are() -> None:
    assert wording.status("provisioned") == "bought"
    assert wording.status("<new>") == "&lt;new&gt;"
    assert wording.mentions([]) == "nobody"


@pytest.mark.parametrize("name", ["DailyLimitReached", "MonthlyLimitReached"])
def test_a_refusal_for_a_limit_says_when_the_next_one_is_free_as_far_as_is_known(name: str) -> None:
    frees_at = "2026-05-19T14:30:00+00:00"

    known = wording.say(Reason(name, {"provider": "Sendblue", "frees_at": frees_at}))
    unknown = wording.say(Reason(name, {"provider": "Sendblue"}))

    assert "The next one is free at the latest <!date^1779201000^" in known
    assert "({ago})|" in known
    assert "The next one is free when the oldest of" in unknown
    assert unknown.endswith(" old.")


def test_owed_dollars_have_their_sign_first() -> None:
    assert wording.dollars(Decimal("-1234.5")) == "-$1,234.50"


def test_what_is_bought_is_counted_in_its_own_word() -> None:
    assert wording.count("sendblue", 1) == "1 line"
    assert wording.count("Magpipe", 2) == "2 numbers"
