"""The form that buys: what it shows, and what was filled in. Pure.

Blocks keep their ids, so that Slack keeps what was typed when the form is drawn anew.
https://docs.slack.dev/surfaces/modals
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.domain import sellers
from bot.domain.agent import Agent
from bot.domain.phone_number import BadPhoneNumber, PhoneNumber
from bot.domain.purchase import Order
from bot.ports import Search
from handlers import ids, number_text
from handlers.drawing import Block, context, section
from handlers.number_text import CITY_MOST, NAME_MOST, Find
from handlers.payloads import MOST, metadata_of, part, text_of, too_long
from handlers.wording import clip, title

NUMBER, SEARCH, NAME = "buy.number", "buy.search", "buy.name"
AGENT, REASON, CHANNEL = "buy.agent", "buy.reason", "buy.channel"
AGENTS_MOST = 100  # options of a menu
_OPTION_MOST, _VALUE_MOST = 75, 150  # characters of an option
_NUMBER_MOST = 40
_GUEST = "Only full members of this workspace can use Dialtone. Nothing was requested."


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is known when the form opens."""

    provider: str
    channel_id: str | None = None
    order: Order = field(default_factory=Order)
    reason: str = ""
    is_reason_wanted: bool = False


@dataclass(frozen=True, slots=True)
class Looking:
    """The agents are being asked for."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A form on somebody's screen, in which another provider was chosen."""

    view_id: str
    hash: str
    draft: Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What is wanted: this order, or first to see what is for sale."""

    provider: str
    channel_id: str
    order: Order
    reason: str
    search: Search | None = None


Agents = Sequence[Agent] | Looking | None  # None: they could not be had


def form(draft: Draft, providers: Sequence[str], agents: Agents) -> dict[str, Any]:
    """The form as it is to look now; `providers` are those that are set up."""
    blocks = [_provider(draft, providers)]
    if _is_chosen(draft.provider):
        blocks += [*_wanted(draft), _agent(draft, agents)]
    blocks += [_reason(draft), _channel(draft)]
    about = {"channel": draft.channel_id, "reason": draft.is_reason_wanted}
    return {
        "type": "modal",
        "callback_id": ids.BUY_FORM,
        "private_metadata": json.dumps(about),
        "title": _plain("Buy"),
        "submit": _plain("Ask for it"),
        "close": _plain("Back"),
        "blocks": blocks,
    }


def closed() -> dict[str, Any]:
    """In place of the form, for guests and strangers."""
    return {
        "type": "modal",
        "callback_id": ids.BUY_FORM,
        "title": _plain("Buy"),
        "close": _plain("Back"),
        "blocks": [section(_GUEST)],
    }


def chosen(body: Mapping[str, Any]) -> Shown | None:
    """The form in which this click chose a provider; None for any other click."""
    pressed = body.get("actions")
    first = pressed[0] if isinstance(pressed, list) and pressed else None
    if not isinstance(first, Mapping) or first.get("action_id") != ids.PROVIDER:
        return None
    view, provider = part(body, "view"), text_of(part(first, "selected_option"), "value")
    view_id, shown = text_of(view, "id"), text_of(view, "hash")
    if view_id is None or shown is None or provider is None:
        return None
    about = metadata_of(view)
    draft = Draft(
        provider=provider,
        channel_id=text_of(about, "channel"),
        is_reason_wanted=about.get("reason") is True,
    )
    return Shown(view_id, shown, draft)


def read(body: Mapping[str, Any]) -> Filled | dict[str, str]:
    """What was filled in; or what is wrong, by the block under which it is to be said."""
    values = _Values(part(part(part(body, "view"), "state"), "values"))
    errors: dict[str, str] = {}
    provider, channel_id = values.chosen(ids.PROVIDER), values.chosen(CHANNEL)
    if provider is None:
        errors[ids.PROVIDER] = "Choose where to buy. Nothing was requested."
    if channel_id is None:
        errors[CHANNEL] = "Choose the channel that is to see it. Nothing was requested."
    reason = values.typed(REASON, "reason", MOST, errors)
    number, search = None, None
    name, agent = None, None
    if provider is not None and _is_chosen(provider):
        number, search = _number_or_search(values, errors)
        name = values.typed(NAME, "name for the number", NAME_MOST, errors) or None
        agent = values.chosen(AGENT) or values.typed(AGENT, "agent's name or id", NAME_MOST, errors)
    if errors or provider is None or channel_id is None:
        return {block: plainly(sentence) for block, sentence in errors.items()}
    return Filled(
        provider=provider,
        channel_id=channel_id,
        order=Order(number=number, name=name, agent_id=agent or None),
        reason=reason,
        search=search,
    )


def plainly(sentence: str) -> str:
    """Under an input there is no markup."""
    return sentence.replace("`", "")


def _number_or_search(
    values: "_Values", errors: dict[str, str]
) -> tuple[str | None, Search | None]:
    written = values.typed(NUMBER, "number", _NUMBER_MOST, errors)
    place = values.typed(SEARCH, "area code or city", CITY_MOST, errors)
    if written and place:
        errors[SEARCH] = (
            "Fill in one of the two: the number, or where to look for one. Nothing was requested."
        )
    elif written:
        try:
            return PhoneNumber.parse(written).e164, None
        except BadPhoneNumber as error:
            errors[NUMBER] = str(error)
    elif place:
        found = number_text.VERBS["search"](ids.NUMBER, place)
        if isinstance(found, Find):
            return None, found.wanted
        errors[SEARCH] = getattr(found, "sentence", "")
    elif NUMBER not in errors and SEARCH not in errors:
        errors[NUMBER] = "Which number? Type it, or below it where to look for one."
    return None, None


class _Values:
    """`view.state.values`: what stands in each block, whichever element it has."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def chosen(self, block: str) -> str | None:
        """The value of a menu."""
        element = self._element(block)
        option = text_of(part(element, "selected_option"), "value")
        return option or text_of(element, "selected_conversation")

    def typed(self, block: str, what: str, most: int, errors: dict[str, str]) -> str:
        text = " ".join((text_of(self._element(block), "value") or "").split())
        if len(text) > most:
            errors[block] = too_long(what, text, most)
            return ""
        return text

    def _element(self, block: str) -> Mapping[str, Any]:
        return part(part(self._values, block), block)


def _provider(draft: Draft, providers: Sequence[str]) -> Block:
    options = [_option(f"{title(each)}: {_kind(each)}", each) for each in providers]
    initial = next((each for each in options if each["value"] == draft.provider), None)
    menu: Block = {"type": "static_select", "options": options}
    if initial is not None:
        menu["initial_option"] = initial
    return {**_input(ids.PROVIDER, "Where to buy", menu), "dispatch_action": True}


def _is_chosen(provider: str) -> bool:
    """Whether people choose the number that they buy there."""
    return sellers.of(provider).command == ids.NUMBER


def _kind(provider: str) -> str:
    return "a number of your choice" if _is_chosen(provider) else f"a {sellers.of(provider).sells}"


def _wanted(draft: Draft) -> list[Block]:
    number = _line(draft.order.number, _NUMBER_MOST, "+1 604-555-1234")
    place = _line(None, CITY_MOST, "604, Denver or toll-free")
    name = _line(draft.order.name, NAME_MOST, "Main Line")
    hint = "Shows what is for sale, each with a button to ask for it. Nothing is requested yet."
    either = "If you know which one. Else say below where to look."
    return [
        _input(NUMBER, "Either the number", number, optional=True, hint=either),
        _input(SEARCH, "Or an area code or city to look in", place, optional=True, hint=hint),
        _input(NAME, "Name for the number", name, optional=True),
    ]


def _agent(draft: Draft, agents: Agents) -> Block:
    wanted = draft.order.agent_id
    if isinstance(agents, Looking):
        return context("Looking up who could answer the number…")
    fits = agents is not None and 0 < len(agents) <= AGENTS_MOST
    if not agents or not fits or any(len(each.id) > _VALUE_MOST for each in agents):
        hint = "Its name or id, as the provider has it. It is checked before anything is bought."
        typed = _line(wanted, NAME_MOST, "Front Desk")
        return _input(AGENT, "Agent who answers", typed, optional=True, hint=hint)
    options = [_option(each.name or each.id, each.id) for each in agents]
    menu: Block = {"type": "static_select", "options": options, "placeholder": _plain("Nobody")}
    meant = [each for each in agents if wanted and wanted.casefold() in _called(each)]
    if len(meant) == 1:
        menu["initial_option"] = _option(meant[0].name or meant[0].id, meant[0].id)
    return _input(AGENT, "Agent who answers", menu, optional=True)


def _called(agent: Agent) -> tuple[str, str]:
    return agent.id.casefold(), agent.name.casefold()


def _reason(draft: Draft) -> Block:
    typed = {**_line(draft.reason, MOST, "What it is for"), "multiline": True}
    hint = "Your approvers want one." if draft.is_reason_wanted else None
    return _input(REASON, "Reason", typed, optional=not draft.is_reason_wanted, hint=hint)


def _channel(draft: Draft) -> Block:
    menu: Block = {
        "type": "conversations_select",
        "default_to_current_conversation": True,
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    if draft.channel_id and not draft.channel_id.startswith("D"):
        menu["initial_conversation"] = draft.channel_id
    return _input(CHANNEL, "Where to announce it", menu)


def _line(initial: str | None, most: int, example: str) -> Block:
    made: Block = {
        "type": "plain_text_input",
        "max_length": most,
        "placeholder": _plain(example),
    }
    return {**made, "initial_value": initial} if initial else made


def _input(
    block_id: str, label: str, element: Block, *, optional: bool = False, hint: str | None = None
) -> Block:
    made: Block = {
        "type": "input",
        "block_id": block_id,
        "label": _plain(label),
        "element": {**element, "action_id": block_id},
        "optional": optional,
    }
    return {**made, "hint": _plain(hint)} if hint else made


def _option(text: str, value: str) -> Block:
    return {"text": _plain(clip(text, _OPTION_MOST)), "value": value}


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}
