"""Every form, and a Home at its fullest, of the same invented people as other specimens; pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.domain import sellers
from bot.domain.agent import Agent
from bot.domain.decision import Action
from bot.domain.limits import Limits
from bot.domain.purchase import Order, Purchase
from bot.ports import Bought, Freeze
from bot.use_cases.home import LATELY, OWN, READ, Closed, Home
from handlers import forms, home, modals
from handlers.number_text import NAME_MOST
from handlers.payloads import MOST, Click

_TEXT = ('<&> "\\ ' * MOST)[:MOST]
_LONG = "x" * NAME_MOST
_AGENTS = [Agent(f"{n:0150}", f"{_LONG} {n}") for n in range(forms.AGENTS_MOST)]


def settling(click: Click) -> Mapping[str, Any]:
    """What its button asks."""
    if click.action is Action.REASON:
        return modals.why(click, "K7Q2W9")
    return modals.form(click)


def buying(channel_id: str, number: str) -> dict[str, Mapping[str, Any]]:
    """The form that buys, as it opens and as it is filled in."""
    order = Order(number=number, name=_LONG, agent_id=_LONG)
    providers = list(sellers.SELLERS)
    shown: Mapping[str, forms.Agents] = {
        "while agents are looked up": forms.Looking(),
        "with agents": _AGENTS,
        "without agents": None,
    }
    drawn: dict[str, Mapping[str, Any]] = {"the form for guests": forms.closed()}
    for name in providers:
        draft = forms.Draft(provider=name, channel_id=channel_id, order=order, reason=_TEXT)
        for kind, agents in shown.items():
            drawn[f"the form for {name} {kind}"] = forms.form(draft, providers, agents)
    return drawn


def homes(purchases: Sequence[Purchase], limits: Limits, at: datetime) -> dict[str, Any]:
    """Home for a full member who may approve, and for a guest."""
    person = purchases[0].requester_id
    bought = Bought(code="K7Q2", requester_id=person, sent_at=at, number="+16045551234")
    many = (list(purchases) * READ)[:READ]
    full = Home(
        waiting=many,
        own=many[:OWN],
        queue=many,
        limits=[(name, limits) for name in sellers.SELLERS],
        lately=[("magpipe", bought)] * LATELY,
        freeze=Freeze(by=person, at=at, reason=_TEXT),
    )
    return {"Home": home.view(full), "Home for guests": home.view(Closed())}
