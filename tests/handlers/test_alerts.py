import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.alerts import Alert, Subject
from bot.sandbox.slack.validate import check_blocks, is_too_long
from bot.use_cases.answers import Snoozed
from handlers import ids
from handlers.alerts import alert, recovered
from handlers.answers import draw
from handlers.drawing import Block, Drawing
from tests.handlers.purchases import NOW

FREES_AT = NOW + timedelta(hours=20)
EXPECTED_AT = NOW + timedelta(days=9)
FACTS: dict[Subject, dict[str, Any]] = {
    Subject.DAY: {
        "used": 2,
        "limit": 3,
        "left": 1,
        "limit_source": "provider",
        "used_source": "own count",
        "frees_at": FREES_AT.isoformat(),
        "frees_source": "own count",
        "last": [
            {"code": "M4T7", "requester_id": "U0NORA0001", "at": NOW.isoformat()},
            {"code": "K7Q2", "requester_id": "U0RILEY001", "at": NOW.isoformat()},
        ],
        "unfit": ["P3WX", "Q9RS"],
        "expected_at": None,
    },
    Subject.BALANCE: {"amount": "3.10", "price": "2.00 USD"},
    Subject.SILENCE: {"since": NOW.isoformat(), "error": "NoAnswer"},
}
FACTS[Subject.MONTH] = FACTS[Subject.DAY] | {
    "used": 10,
    "limit": 10,
    "left": 0,
    "expected_at": EXPECTED_AT.isoformat(),
}


def raised(subject: Subject = Subject.DAY, **changes: Any) -> Alert:
    known: dict[str, Any] = {
        "id": "a1" * 16,
        "provider": "magpipe" if subject is Subject.BALANCE else "sendblue",
        "subject": subject,
        "level": 2,
        "raised_at": NOW,
        "channel_id": "C0PHONES01",
        "facts": FACTS[subject],
        "ts": "1.0",
    }
    return Alert(**(known | changes))


def words(drawing: Drawing) -> str:
    return json.dumps(drawing.blocks, ensure_ascii=False)


def buttons(drawing: Drawing) -> list[Block]:
    return [each for b in drawing.blocks if b["type"] == "actions" for each in b["elements"]]


def test_an_alert_says_how_much_is_left_who_bought_and_when_one_frees_up() -> None:
    said = words(alert(raised()))

    assert "Sendblue's limit is near: 2 of 3 lines used in 24 hours, one left" in said
    assert "Bought last: `M4T7` for <@U0NORA0001>, <!date^" in said
    assert "`K7Q2` for <@U0RILEY001>" in said
    assert f"The next one frees up at the latest <!date^{int(FREES_AT.timestamp())}^" in said
    assert "*Waiting, and will not fit:* `P3WX`, `Q9RS`." in said
    assert "Used: counted from purchases made here. Frees up: counted" in said
    assert "Limit:" not in said  # the provider's own figure needs no word
    assert "pace" not in said


def test_a_reached_limit_says_so_and_a_forecast_names_the_day() -> None:
    said = words(alert(raised(Subject.MONTH)))

    assert "Sendblue's limit is reached: 10 of 10 lines used in 30 days*" in said
    assert f"the limit is reached on <!date^{int(EXPECTED_AT.timestamp())}^{{date_long}}" in said


def test_purchases_of_others_are_told_as_such() -> None:
    facts = FACTS[Subject.DAY] | {"last": [], "unfit": [], "frees_at": None}

    said = words(alert(raised(facts=facts)))

    assert "None of them was bought here." in said
    assert "When the next one frees up is not known." in said
    assert "will not fit" not in said


def test_low_credits_and_silence_have_their_own_words() -> None:
    balance, silence = (words(alert(raised(each))) for each in (Subject.BALANCE, Subject.SILENCE))

    assert "Magpipe's credits are low: $3.10 left" in balance
    assert "under two numbers' price ($2.00 each), and nothing recharges them." in balance
    assert "Sendblue has not told its limits since <!date^1779114000^" in silence
    assert "figures are counted from purchases made here" in silence
    assert "`NoAnswer`" in silence


def test_the_silence_of_a_provider_without_limits_is_about_its_credits() -> None:
    told = raised(Subject.SILENCE, provider="magpipe", facts={})

    assert "Magpipe has not told its credits for over an hour" in alert(told).text
    assert recovered(told).text == "Magpipe tells its credits again."


@pytest.mark.parametrize("subject", Subject)
def test_an_alert_in_force_can_be_snoozed(subject: Subject) -> None:
    (snooze,) = buttons(alert(raised(subject)))

    assert (snooze["action_id"], snooze["value"]) == (ids.SNOOZE, "a1" * 16)
    assert "confirm" not in snooze
    assert 0 < len(snooze["accessibility_label"]) <= 75


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"snoozed_until": FREES_AT, "snoozed_by": "U0MAX"}, "Snoozed by <@U0MAX> until <!date^"),
        ({"snoozed_until": FREES_AT}, "Snoozed until <!date^"),
        ({"ended_at": NOW}, "Over since <!date^"),
        ({"ended_at": NOW, "snoozed_until": FREES_AT}, "Over since <!date^"),
        ({"ended_at": NOW, "ended_by": "b2"}, "A newer alert took its place."),
    ],
)
def test_what_is_snoozed_or_over_says_so_and_has_no_button(
    changes: dict[str, Any], said: str
) -> None:
    drawing = alert(raised(**changes))

    assert said in words(drawing)
    assert not buttons(drawing)


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        (Subject.DAY, "Back to normal: fewer than 2 of Sendblue's 3 lines per 24 hours are used."),
        (Subject.BALANCE, "Back to normal: Magpipe's credits are not low any more."),
        (Subject.SILENCE, "Sendblue tells its limits again."),
    ],
)
def test_what_is_over_is_told_in_one_sentence(subject: Subject, said: str) -> None:
    assert recovered(raised(subject)).text == said


@pytest.mark.parametrize(
    ("subject", "about"),
    [
        (Subject.DAY, "Sendblue's limit per 24 hours"),
        (Subject.MONTH, "Sendblue's limit per 30 days"),
        (Subject.BALANCE, "Magpipe's credits"),
        (Subject.SILENCE, "Sendblue's silence"),
    ],
)
def test_who_snoozes_is_told_until_when(subject: Subject, about: str) -> None:
    text = draw(Snoozed(raised(subject), FREES_AT)).text

    assert f"no more alerts about {about} until <!date^{int(FREES_AT.timestamp())}^" in text


@pytest.mark.parametrize("subject", Subject)
@pytest.mark.parametrize("facts", [None, {}, dict.fromkeys(FACTS[Subject.DAY], "<!channel>")])
def test_slack_takes_every_alert_whatever_its_facts(
    subject: Subject, facts: dict[str, Any] | None
) -> None:
    odd = {"amount": "<!channel>", "price": "<!channel>", "since": 1, "error": "<!channel>"}
    told = raised(subject) if facts is None else raised(subject, facts=odd | facts)

    for drawing in alert(told).attempts():
        assert check_blocks(drawing.blocks) == []
        assert not is_too_long(drawing.blocks)
        assert "<!channel>" not in drawing.text + words(drawing)


def test_names_and_codes_cannot_ping_and_many_are_counted() -> None:
    one = {"code": "`<!here>`", "requester_id": "U1> <!here>", "at": "rubbish"}
    facts = FACTS[Subject.DAY] | {"last": [one, "odd"], "unfit": ["<!here>"] * 300}

    drawing = alert(replace(raised(), provider="<!here>", facts=facts))

    assert "<!here>" not in drawing.text + words(drawing)
    assert "and 288 more." in drawing.text
