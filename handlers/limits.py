"""How much may still be bought, what was, and what it costs; as the one who asked sees it. Pure."""

from collections.abc import Sequence
from datetime import date

from bot.domain.alerts import Balance
from bot.domain.limits import Limits, Source, Window
from bot.ports import Spent
from bot.use_cases.answers import LimitsAnswer
from bot.use_cases.spending import totals
from handlers import chart
from handlers.drawing import TEXT_MOST, Drawing, context, fit, section
from handlers.wording import count, day, dollars, escape, latest, source

NO_CHART = "Nothing was asked for in the last 30 days."


def limits(content: LimitsAnswer) -> Drawing:
    """Both windows, the forecast, a picture of the last 30 days, and the months' spending."""
    title = escape(content.title)
    headline = f"{title}: limits and purchases" if content.limits else f"{title}: purchases"
    lines = [*_standing(content, title), _balance(title, content.balance)]
    shown = chart.picture(content.per_day, content.today)
    if shown is None:
        lines.append(NO_CHART)
    above = [line for line in lines if line]
    months = _months(content.provider, content.months)
    first = [section(f"*{headline}*"), *(section(line) for line in above)]
    last = [section(months)] if months else []
    text = "\n".join([headline, *above, months]).rstrip()
    if shown is None:
        return Drawing([*first, *last], fit(text, TEXT_MOST))
    last.append(context(shown.small))
    text = "\n".join([text, *shown.lines])
    return Drawing(
        [*first, *shown.charts, *last], fit(text, TEXT_MOST), [*first, *shown.table, *last]
    )


def _standing(content: LimitsAnswer, title: str) -> list[str]:
    """What the limits leave."""
    found = content.limits
    if found is None:
        return [f"{title} says nothing of purchase limits."]
    unheard = (
        ""
        if content.is_heard
        else f"*{title} could not be asked just now*, so this is what Dialtone knows by itself."
    )
    return [
        unheard,
        _window(title, "24 hours", found.day),
        _window(title, "30 days", found.month),
        _forecast(content, found),
    ]


def _window(title: str, label: str, window: Window) -> str:
    frees = ""
    origins = {"Used": window.used_source, "Limit": window.limit_source}
    if window.frees_at is not None:
        frees = f"\nThe next one frees up {latest(window.frees_at)}."
        origins["Frees up"] = window.frees_source
    elif window.used:
        frees = "\nWhen the next one frees up is not known."
    if set(origins.values()) == {Source.PROVIDER}:
        figures = f"{title} says so."
    else:
        figures = " ".join(f"{what}: {source(title, of)}." for what, of in origins.items())
    left = f"{window.left} left" if window.left else "none left"
    return f"*{label}*: {window.used} of {window.limit} used, *{left}*{frees}\n_{figures}_"


def _forecast(content: LimitsAnswer, found: Limits) -> str:
    if content.expected_at is None or not found.month.left:
        return ""
    return f"At this month's pace the limit of 30 days is reached on {day(content.expected_at)}."


def _balance(title: str, balance: Balance | None) -> str:
    if balance is None:
        return ""
    recharged = {
        True: "they are recharged by themselves",
        False: "nothing recharges them",
        None: f"{title} does not say whether they are recharged",
    }[balance.is_recharged]
    return f"*Credits*: {dollars(balance.amount)} left; {recharged}."


def _months(provider: str, months: Sequence[tuple[date, Sequence[Spent]]]) -> str:
    """A line per month, newest first; the newest is not over."""
    lines = []
    for ordinal, (first, spent) in enumerate(months):
        month = f"*{first:%B %Y}*" + ("" if ordinal else ", so far")
        lines.append(f"{month}: {_spent(provider, spent)}")
    return "Bought here, by month:\n" + "\n".join(lines) if lines else ""


def _spent(provider: str, spent: Sequence[Spent]) -> str:
    """How many, and what they cost per month; the price of what was never priced is not known."""
    purchases = sum(each.purchases for each in spent)
    if not purchases:
        return "nothing"
    numbers = sum(each.numbers for each in spent)
    said = count(provider, numbers)
    if purchases != numbers:
        said += f" in {purchases} purchase{'' if purchases == 1 else 's'}"
    prices = " and ".join(price.display() for price in totals(spent))
    said += f" for {prices} per month" if prices else ""
    unpriced = sum(each.purchases for each in spent if each.price is None)
    return f"{said}; the price of {unpriced} is not known" if unpriced else said
