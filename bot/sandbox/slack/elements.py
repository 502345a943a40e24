"""Interactive elements: finding one in a message or view, and what Slack sends when it is used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Element = dict[str, Any]
Value = str | list[str] | None

_ONE_OPTION = {"static_select", "radio_buttons", "overflow", "external_select"}
_MANY_OPTIONS = {"checkboxes", "multi_static_select"}
_PLAIN = {
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "plain_text_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "number_input": "value",
}
_INITIAL = {
    "value": "initial_value",
    "selected_option": "initial_option",
    "selected_options": "initial_options",
    "selected_user": "initial_user",
    "selected_conversation": "initial_conversation",
    "selected_channel": "initial_channel",
    "selected_date": "initial_date",
    "selected_time": "initial_time",
}
STATEFUL = (_ONE_OPTION | _MANY_OPTIONS | set(_PLAIN)) - {"overflow"}


def elements(blocks: list[dict[str, Any]]) -> Iterator[tuple[str, Element]]:
    """Each interactive element with the id of its block."""
    for block in blocks:
        parts = [block.get("accessory"), block.get("element"), *(block.get("elements") or [])]
        for part in parts:
            if isinstance(part, dict) and "action_id" in part:
                yield block["block_id"], part


def find(blocks: list[dict[str, Any]], wanted: str, block_id: str = "") -> tuple[str, Element]:
    """The element by its label, its action_id, or the action_id's beginning, in this order.

    LookupError names what there is.
    """
    there = [pair for pair in elements(blocks) if not block_id or pair[0] == block_id]
    by_label = [pair for pair in there if pair[1].get("text", {}).get("text") == wanted]
    by_id = [pair for pair in there if pair[1]["action_id"] == wanted]
    by_start = [pair for pair in there if pair[1]["action_id"].startswith(wanted)]
    for found in (by_label, by_id, by_start):
        if found:
            return found[0]
    known = [f"{e.get('text', {}).get('text', '')} ({e['action_id']})" for _, e in there]
    raise LookupError(f"nothing called {wanted!r} to press or fill in; there is {known}")


def used(element: Element, value: Value) -> dict[str, Any]:
    """What the element says once `value` is chosen or typed: the value part of action and state."""
    kind = element["type"]
    said: dict[str, Any] = {"type": kind}
    if kind == "button":
        said |= {name: element[name] for name in ("text", "value", "style") if name in element}
    elif kind in _ONE_OPTION:
        said["selected_option"] = _option(element, value) if isinstance(value, str) else None
    elif kind in _MANY_OPTIONS:
        chosen = [value] if isinstance(value, str) else value or []
        said["selected_options"] = [_option(element, each) for each in chosen]
    elif kind in _PLAIN:
        said[_PLAIN[kind]] = value or None
    return said


def initial(element: Element) -> dict[str, Any]:
    """The element's state before anybody touched it."""
    said = used(element, None)
    for name in list(said):
        if name in _INITIAL and _INITIAL[name] in element:
            said[name] = element[_INITIAL[name]]
    return said


def initial_state(blocks: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """`{block_id: {action_id: state}}` for every element that has one."""
    state: dict[str, dict[str, Any]] = {}
    for block_id, element in elements(blocks):
        if element["type"] in STATEFUL:
            state.setdefault(block_id, {})[element["action_id"]] = initial(element)
    return state


def _option(element: Element, value: str) -> dict[str, Any]:
    options = list(element.get("options", []))
    for group in element.get("option_groups", []):
        options += group["options"]
    for option in options:
        if value in {option["value"], option["text"]["text"]}:
            found: dict[str, Any] = option
            return found
    raise LookupError(f"no option {value!r} in {element['action_id']}")
