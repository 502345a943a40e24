from datetime import UTC, datetime

import pytest

from bot.domain.errors import Reason
from bot.ports import Absence, Freeze
from bot.use_cases.absences import Absences, Delegated, Returned
from bot.use_cases.freeze import IsFrozen, Thawed
from bot.use_cases.notify import Notified
from handlers.answers import draw
from handlers.managing import Managed
from handlers.wording import say

AT = datetime(2026, 5, 22, 23, 59, tzinfo=UTC)
ABSENCE = Absence(user_id="U1", deputy_id="U2", until=AT)
WHEN = "<!date^1779494340^{date_short_pretty} at {time}|2026-05-22 23:59 UTC>"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (Absences([]), "Nobody is down as away."),
        (Absences([ABSENCE]), f"<@U1> until {WHEN}: <@U2> decides"),
        (Delegated(ABSENCE, "America/Denver"), f"{WHEN} (reckoned in America/Denver) <@U2> may"),
        (Delegated(ABSENCE, None), "UTC, for Slack does not say your time zone"),
        (Returned(), "Welcome back"),
        (IsFrozen(Freeze(by="U1", at=AT, reason="<!channel>")), "“&lt;!channel&gt;”"),
        (Thawed(), "goes on"),
        (Notified(is_muted=True, is_new=True), "From now on you get no direct messages"),
        (Notified(is_muted=False, is_new=False), "You get direct messages about purchases"),
    ],
)
def test_each_answer_says_what_counts_now(content: Managed, said: str) -> None:
    drawing = draw(content)
    assert said in drawing.text + str(drawing.blocks)


@pytest.mark.parametrize("name", ["Frozen", "FrozenAlready", "CardFrozen", "FreezeAnnounced"])
def test_the_reason_of_a_freeze_is_repeated_and_escaped(name: str) -> None:
    fields = {"by": "U1", "at": AT.isoformat(), "why": "<!here>"}
    assert "<@U1>" in say(Reason(name, fields))
    assert "“&lt;!here&gt;”" in say(Reason(name, fields))
