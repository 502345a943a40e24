"""What `/line ooo`, `freeze`, `thaw` and `notify` answer, drawn; pure."""

from bot.ports import Absence
from bot.use_cases.absences import Absences, Delegated, Returned
from bot.use_cases.freeze import IsFrozen, Thawed
from bot.use_cases.notify import Notified
from handlers.drawing import Drawing, listing
from handlers.wording import clip, escape, mention, when

_LONGEST = 500

Managed = Absences | Delegated | Returned | IsFrozen | Thawed | Notified


def managed(content: Managed) -> Drawing:
    match content:
        case Absences(absences):
            items = [_away(each) for each in absences]
            return listing("Away", items, "Nobody is down as away.")
        case Delegated(absence, zone):
            return Drawing([], _delegated(absence, zone))
        case Returned():
            return Drawing([], "Welcome back: you decide for yourself again, your deputy does not.")
        case IsFrozen(freeze):
            why = escape(clip(freeze.reason, _LONGEST))
            return Drawing(
                [],
                f"Buying is frozen: “{why}”. Nothing can be requested or approved now, pending"
                " cards say so, and what is approved waits until its price runs out. What has been"
                " sent already goes on. `/line thaw` ends this.",
            )
        case Thawed():
            return Drawing([], "Buying is thawed: it goes on, with what is approved at once.")
        case Notified():
            return Drawing([], _notified(content))


def _away(absence: Absence) -> str:
    return (
        f"{mention(absence.user_id)} until {when(absence.until)}:"
        f" {mention(absence.deputy_id)} decides"
    )


def _delegated(absence: Absence, zone: str | None) -> str:
    clock = escape(zone) if zone else "UTC, for Slack does not say your time zone"
    return (
        f"Until {when(absence.until)} (reckoned in {clock}) {mention(absence.deputy_id)} may"
        " approve what you may, and is asked in your place. It ends by itself; `/line ooo end` ends"
        " it earlier."
    )


def _notified(content: Notified) -> str:
    now = "From now on you" if content.is_new else "You"
    if content.is_muted:
        return (
            f"{now} get no direct messages about purchases; the cards in their channels stay as"
            " they are. `/line notify on` brings them back."
        )
    return (
        f"{now} get direct messages about purchases: cards of channels you are not in that wait for"
        " you, and how your own requests end there. `/line notify off` stops them."
    )
