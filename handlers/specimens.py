"""Everything the bot can draw, once, of an invented purchase and at its longest; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from bot.domain.agent import Agent
from bot.domain.alerts import Alert, Balance, Subject
from bot.domain.approval import Roster, Rules
from bot.domain.decision import Action
from bot.domain.errors import AnswerLost, ChargedWithoutNumber, NoneAvailable, NumberGone, Reason
from bot.domain.limits import DAY, MONTH, Limits, Reading, Source, combine
from bot.domain.policy import Case, Rule
from bot.domain.price import Price
from bot.domain.purchase import Order, Purchase, Status
from bot.ports import AuditRow, Holding, Offer, Search, Spent
from bot.use_cases.answers import (
    Assigned,
    Content,
    Held,
    Help,
    Holdings,
    LimitsAnswer,
    Offers,
    OpenPurchases,
    Story,
)
from bot.use_cases.history import PAGE, History
from bot.use_cases.policy_answer import PolicyAnswer
from handlers import alerts, answers, cards
from handlers.chart import DAYS
from handlers.payloads import MOST, Click, Origin
from handlers.specimen_views import buying, homes, settling

_AT = datetime(2026, 5, 18, 14, 20, tzinfo=UTC)
_PERSON, _GROUP, _CHANNEL = "U0SPECIMEN", "S0SPECIMEN", "C0SPECIMEN"
_CANADIAN, _SECOND = "+16045551234", "+12125551234"
_RULES = Rules(approvers=Roster.parse(f"{_GROUP},{_PERSON}"))
_TEXT = ('<&> "\\ ' * MOST)[:MOST]
_MANY = 100
_AFTER_ALL = frozenset({Status.PROVISIONED, Status.CHARGED})  # requested again meanwhile
_LIMITS = Limits(
    combine(DAY, Reading(limit=3), [_AT], 3, _AT), combine(MONTH, Reading(), [_AT], 10, _AT)
)
_CASE = Case(provider="sendblue", command="/line", channel_id=_CHANNEL, requester_id=_PERSON)
_ORDERS: Mapping[str, tuple[str, Order]] = MappingProxyType(
    {
        "line": ("sendblue", Order()),
        "number": (
            "magpipe",
            Order(number=_CANADIAN, name="Main <Line>", agent_id="0b9f", agent_name="Front & back"),
        ),
    }
)


def specimens() -> dict[str, Mapping[str, Any]]:
    """Name → the argument of `blocks.validate`: `blocks`, or `view` for a form."""
    drawn: dict[str, Mapping[str, Any]] = {}
    for kind in _ORDERS:
        for status in Status:
            # Its report is the same paragraphs without buttons.
            card = cards.card(_purchase(kind, status), _RULES)
            drawn[f"the card of the {status.value} {kind}"] = {"blocks": card.blocks}
    for content in _answers():
        name = f"the answer {type(content).__name__}"
        if isinstance(content, LimitsAnswer):
            name += f" of {content.title}"
        drawing = answers.draw(content)
        drawn[name] = {"blocks": drawing.blocks}
        if drawing.plainer:
            drawn[plainer(name)] = {"blocks": drawing.plain().blocks}
    for subject in Subject:
        drawn[f"the {subject.value} alert"] = {"blocks": alerts.alert(_alert(subject)).blocks}
    for action in (Action.BOUGHT, Action.CLOSE, Action.REASON):
        drawn[f"the form for {action.value}"] = {"view": settling(_click(action))}
    waiting = [_purchase(kind, Status.PENDING) for kind in _ORDERS]
    views = {**buying(_CHANNEL, _CANADIAN), **homes(waiting, _LIMITS, _AT)}
    return drawn | {name: {"view": view} for name, view in views.items()}


def plainer(name: str) -> str:
    """Give the name of what is shown where a workspace does not take that one yet."""
    return f"{name}, plainer"


def _purchase(kind: str, status: Status) -> Purchase:
    provider, order = _ORDERS[kind]
    decided = status not in {Status.REQUESTED, Status.PENDING, Status.REFUSED, Status.EXPIRED}
    made = Purchase(
        id="7f" * 16,
        code="K7Q2",
        status=status,
        provider=provider,
        order=order,
        requester_id=_PERSON,
        channel_id=_CHANNEL,
        reason=_TEXT,
        requested_at=_AT,
        price=Price.parse("100.00 USD"),
        expires_at=_AT,
        details=_details(order),
        limits=_LIMITS,
        approver_id=_PERSON if decided else None,
        decided_at=_AT if decided else None,
        why=_why(status, provider, order),
        note=_TEXT,
        cancelled_by=_PERSON if status is Status.CANCELLED else None,
        again_by=_PERSON if status in _AFTER_ALL else None,
        again_code="M4T7" if status in _AFTER_ALL else None,
    )
    if status is not Status.PROVISIONED:
        return made
    bought = order.number or _SECOND
    second = _SECOND if order.number else None
    ids = {"subscription_id": "sub_0", "worker_id": "worker_0"}
    return replace(
        made, number=bought, second_number=second, provider_ids=ids, settled_at=_AT, closed_at=_AT
    )


def _details(order: Order) -> Mapping[str, Any]:
    previous = {"code": "M4T7", "status": Status.EXPIRED.value, "price": "90.00 USD"}
    month = {"bought": {"sendblue": 2, "magpipe": 1}, "spent": ["202.00 USD"]}
    around = {"requester_month": month, "alike": ["M4T7"], "unused": [_SECOND] * 3}
    known = {"previous": previous, "waiting": 2, "month": month, **around}
    if not order.number:
        return known
    return {**known, "second_number": True, "offered": "not checked"}


def _why(status: Status, provider: str, order: Order) -> Reason | None:
    match status:
        case Status.REFUSED:
            return NoneAvailable(provider=provider, said=_TEXT).reason
        case Status.FAILED if order.number:
            others = ["+16045550001", "+16045550002", "+16045550003"]
            return NumberGone(provider=provider, number=order.number, alternatives=others).reason
        case Status.FAILED:
            return NoneAvailable(provider=provider, said=_TEXT).reason
        case Status.CHARGED:
            return ChargedWithoutNumber(provider=provider, code="K7Q2", said=_TEXT).reason
        case Status.UNKNOWN:
            return AnswerLost(provider=provider, what="no answer within 60 s").reason
        case _:
            return None


def _answers() -> Iterable[Content]:
    bought = _purchase("number", Status.PROVISIONED)
    held = Held(Holding(key="x", number=_CANADIAN, state="ONLINE", name=_TEXT), bought)
    offer = Offer(
        number=_CANADIAN,
        locality="Vancouver",
        region="BC",
        price=Price.parse("2.00 USD"),
        capabilities=("voice", "sms", "mms"),
        is_nearby=True,
    )
    rows = [
        AuditRow(
            purchase_id=bought.id,
            seq=seq,
            at=_AT,
            actor_id=_PERSON,
            action="close",
            from_status=Status.CHARGED,
            to_status=Status.CHARGED,
            outcome="done",
            detail={"note": _TEXT},
            hash="",
        )
        for seq in range(_MANY)
    ]
    return (
        Help(),
        OpenPurchases([_purchase("line", Status.PENDING)] * _MANY),
        History([bought] * PAGE, _PERSON, has_more=True, wanted={"of": _PERSON}),
        Story(_purchase("line", Status.CHARGED), rows),
        Holdings("Magpipe", [held] * _MANY, "magpipe", 1),
        *_limits(),
        Offers("Magpipe", Search(area_code="604"), [offer] * _MANY, 1),
        Assigned("Magpipe", _CANADIAN, Agent("0b9f", "Front & back")),
        PolicyAnswer(_CASE, [(Rule(name=_TEXT[:60], approvers=_RULES.approvers), None)] * _MANY),
    )


def _limits() -> Iterable[LimitsAnswer]:
    """Of a provider with limits, and of one with credits."""
    today = _AT.date()
    days = [today - timedelta(days=back) for back in range(DAYS)]
    spent = [Spent(price=Price.parse("4.00 USD"), purchases=2, numbers=4)]
    made = LimitsAnswer(
        title="Sendblue",
        provider="sendblue",
        limits=_LIMITS,
        is_heard=False,
        expected_at=_AT,
        per_day={(day, status): _MANY for day in days for status in Status},
        today=today,
        months=[(today.replace(day=1), spent)] * 3,
    )
    balance = Balance(Decimal("3.10"), is_recharged=False)
    return made, replace(made, title="Magpipe", provider="magpipe", limits=None, balance=balance)


def _alert(subject: Subject) -> Alert:
    last = {"code": "K7Q2", "requester_id": _PERSON, "at": _AT.isoformat()}
    facts: dict[str, Any] = {
        "used": 2,
        "limit": 3,
        "left": 1,
        "limit_source": Source.DEFAULT.value,
        "used_source": Source.OWN_COUNT.value,
        "frees_at": _AT.isoformat(),
        "frees_source": Source.OWN_COUNT.value,
        "last": [last] * 3,
        "unfit": ["M4T7"] * _MANY,
        "expected_at": _AT.isoformat(),
    }
    if subject is Subject.BALANCE:
        facts = {"amount": "3.10", "price": "2.00 USD"}
    elif subject is Subject.SILENCE:
        facts = {"since": _AT.isoformat(), "error": "NoAnswer"}
    return Alert(
        id="7f" * 16,
        provider="magpipe" if subject is Subject.BALANCE else "sendblue",
        subject=subject,
        level=2,
        raised_at=_AT,
        channel_id=_CHANNEL,
        facts=facts,
    )


def _click(action: Action) -> Click:
    return Click(
        origin=Origin(user_id=_PERSON, channel_id=_CHANNEL, trigger_id="0.0"),
        action=action,
        purchase_id="7f" * 16,
        revision=1,
        message_ts="1779114000.000100",
    )
