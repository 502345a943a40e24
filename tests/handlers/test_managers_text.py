from datetime import date, time

import pytest

from bot.domain.until import Until
from bot.use_cases.answers import Ask
from handlers import ids, until_text
from handlers.command_text import Help, parse
from handlers.managers_text import Manage
from handlers.payloads import MOST
from handlers.typed_text import Misunderstood


@pytest.mark.parametrize(
    ("typed", "until"),
    [
        ("until Friday", Until(weekday=4)),
        ("till thu 14:00", Until(weekday=3, at=time(14))),
        ("UNTIL Monday, at 9:05", Until(weekday=0, at=time(9, 5))),
        ("until tomorrow", Until(in_days=1)),
        ("until today 18:30", Until(in_days=0, at=time(18, 30))),
        ("until 14:00", Until(at=time(14))),
        ("until 2026-11-27", Until(day=date(2026, 11, 27))),
        ("until 2026-11-27 08:00", Until(day=date(2026, 11, 27), at=time(8))),
        ("for 3 days", Until(hours=72)),
        ("for a week", Until(hours=168)),
        ("for 1 hour", Until(hours=1)),
    ],
)
def test_a_time_is_read_as_people_write_it(typed: str, until: Until) -> None:
    assert until_text.parse(typed) == until


@pytest.mark.parametrize(
    "typed",
    [
        *("", "until", "Friday", "until fr", "until 2026-02-30", "until 25:00", "until 14:60"),
        *("for 0 days", "for 3", "for 3 moons", "for 9999 days", "until Friday 14", "until 27.11."),
        "until Friday 14:00 sharp",
    ],
)
def test_what_is_no_time_is_not_guessed(typed: str) -> None:
    assert until_text.parse(typed) is None


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("ooo", Manage(Ask.OOO)),
        ("ooo list", Manage(Ask.OOO)),
        ("ooo end", Manage(Ask.OOO, {"does": "end"})),
        ("ooo Back", Manage(Ask.OOO, {"does": "end"})),
        ("freeze the bill is &lt;wrong&gt;", Manage(Ask.FREEZE, {"why": "the bill is <wrong>"})),
        ("thaw", Manage(Ask.THAW)),
        ("notify", Manage(Ask.NOTIFY, {"to": None})),
        ("notify OFF", Manage(Ask.NOTIFY, {"to": "off"})),
    ],
)
def test_commands_of_managers(typed: str, wanted: Manage) -> None:
    assert parse(ids.LINE, typed) == wanted


@pytest.mark.parametrize("typed", ["until Friday <@U0NORA1|nora>", "<@U0NORA1> until Friday"])
def test_the_deputy_may_be_named_first_or_last(typed: str) -> None:
    assert parse(ids.LINE, f"ooo {typed}") == Manage(
        Ask.OOO, {"does": "set", "deputy": "U0NORA1", "until": Until(weekday=4).as_json()}
    )


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("ooo until Friday", "who decides for you meanwhile"),
        ("ooo until yesterday", "Yesterday is over."),
        ("ooo until yesterday <@U0NORA1>", "Yesterday is over."),
        ("ooo until Friday @nora", "who decides for you meanwhile"),
        ("ooo until Friday <@U0NORA1> <@U0MAX01>", "Name one person"),
        ("ooo <@U0NORA1>", "That does not tell me until when"),
        ("ooo until later <@U0NORA1>", "`until later` does not tell me until when"),
        ("freeze", "Say why"),
        (f"freeze {'x' * (MOST + 1)}", "500 fit"),
        ("notify maybe", "`/line notify off` or `/line notify on`"),
    ],
)
def test_what_is_missing_is_said(typed: str, said: str) -> None:
    found = parse(ids.LINE, typed)
    assert isinstance(found, Misunderstood)
    assert said in found.sentence


def test_with_the_other_command_they_are_pointed_to_this_one() -> None:
    found = parse(ids.NUMBER, "freeze stop")
    assert isinstance(found, Help)
    assert "Did you mean `/line freeze`?" in found.hint
