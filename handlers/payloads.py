"""What Slack sends → typed values, or a sentence that says what is wrong. Pure, never raises.

https://docs.slack.dev/interactivity/implementing-slash-commands,
https://docs.slack.dev/reference/interaction-payloads
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.domain.decision import Action
from bot.domain.phone_number import BadPhoneNumber, PhoneNumber
from handlers import ids, paging
from handlers.paging import Page

MOST = 500  # characters of a reason or a note
_ALERT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who did it, where, and how to answer. `response_url` is as good as a password."""

    user_id: str
    channel_id: str | None
    trigger_id: str
    response_url: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Click:
    """A button on a card, as it was drawn: `revision` is what the person saw."""

    origin: Origin
    action: Action
    purchase_id: str
    revision: int
    message_ts: str | None


@dataclass(frozen=True, slots=True)
class Pick:
    """A number was chosen among those on offer."""

    origin: Origin
    number: str  # E.164


@dataclass(frozen=True, slots=True)
class Again:
    """The same is asked for once more."""

    origin: Origin
    purchase_id: str  # of the one that led nowhere


@dataclass(frozen=True, slots=True)
class Turn:
    """Another page of an answer."""

    origin: Origin
    page: Page


@dataclass(frozen=True, slots=True)
class OpenForm:
    """The form that buys is wanted."""

    origin: Origin


@dataclass(frozen=True, slots=True)
class Snooze:
    """An alert is to keep quiet."""

    origin: Origin
    alert_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A filled-in form about a purchase."""

    origin: Origin
    action: Action
    purchase_id: str
    revision: int
    number: str | None = None
    note: str | None = None
    message_ts: str | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What was sent makes no sense; `sentence` is for the one who sent it."""

    sentence: str


def origin(body: Mapping[str, Any]) -> Origin | Unreadable:
    """Of a command, a click or a form."""
    user_id = text_of(body, "user_id") or text_of(part(body, "user"), "id")
    channel_id = (
        text_of(body, "channel_id")
        or text_of(part(body, "container"), "channel_id")
        or text_of(part(body, "channel"), "id")
    )
    trigger_id = text_of(body, "trigger_id")
    if user_id is None or trigger_id is None:
        return Unreadable("Slack did not say who did this.")
    return Origin(
        user_id=user_id,
        channel_id=channel_id,
        trigger_id=trigger_id,
        response_url=text_of(body, "response_url"),
    )


Pressed = Click | Pick | Again | Turn | OpenForm | Snooze


def click(body: Mapping[str, Any]) -> Pressed | Unreadable:
    """Read a `block_actions` body."""
    who = origin(body)
    if isinstance(who, Unreadable):
        return who
    pressed = body.get("actions")
    first = pressed[0] if isinstance(pressed, list) and pressed else None
    if not isinstance(first, Mapping):
        return Unreadable("Slack did not say which button was pressed.")
    action_id, value = text_of(first, "action_id") or "", text_of(first, "value") or ""
    read: Pressed | None
    if ids.is_request(action_id):
        read = _pick(who, value)
    elif action_id == ids.AGAIN:
        key = ids.split(value)
        read = Again(who, key[0]) if key else None
    elif action_id in {ids.MORE, ids.BACK}:
        page = paging.read(value)
        read = Turn(who, page) if page else None
    elif action_id == ids.OPEN_FORM:
        read = OpenForm(who)
    elif action_id == ids.SNOOZE:
        read = Snooze(who, value) if _ALERT_ID.fullmatch(value) else None
    else:
        read = _decision(who, action_id, value, body)
    return read or Unreadable("This button is not one of mine as I am now.")


def _pick(who: Origin, value: str) -> Pick | None:
    try:
        return Pick(who, PhoneNumber(value).e164)
    except BadPhoneNumber:
        return None


def _decision(who: Origin, action_id: str, value: str, body: Mapping[str, Any]) -> Click | None:
    action, key = ids.BUTTONS.get(action_id), ids.split(value)
    if action is None or key is None:
        return None
    container = part(body, "container")
    message_ts = text_of(container, "message_ts") or text_of(part(body, "message"), "ts")
    # A private answer is no copy of the card: nobody can update it, so it would be posted anew.
    is_private = container.get("is_ephemeral") is True
    return Click(
        origin=who,
        action=action,
        purchase_id=key[0],
        revision=key[1],
        message_ts=None if is_private else message_ts,
    )


def submission(body: Mapping[str, Any]) -> Submission | Unreadable:
    """Read a `view_submission` body; Unreadable also for what the person has to correct."""
    who = origin(body)
    if isinstance(who, Unreadable):
        return who
    view = part(body, "view")
    action = ids.FORMS.get(text_of(view, "callback_id") or "")
    about = metadata_of(view)
    key = ids.split(text_of(about, "key") or "")
    if action is None or key is None:
        return Unreadable("This form is not one of mine as I am now; close it and press again.")
    written = _written(view)
    number = note = None
    if action is Action.BOUGHT:
        try:
            number = PhoneNumber.parse(written).e164
        except BadPhoneNumber as error:
            return Unreadable(str(error))
    else:
        note = " ".join(written.split())
        if not note and action is not Action.REASON:  # which nobody has to give
            return Unreadable("Write down how it was sorted out.")
        if len(note) > MOST:
            return Unreadable(too_long("note", note))
    return Submission(
        origin=Origin(
            user_id=who.user_id, channel_id=text_of(about, "channel"), trigger_id=who.trigger_id
        ),
        action=action,
        purchase_id=key[0],
        revision=key[1],
        number=number,
        note=note,
        message_ts=text_of(about, "ts"),
    )


def metadata(click: Click) -> str:
    """What a form carries along, so that its submission knows what it is about."""
    key = ids.join(click.purchase_id, click.revision)
    return json.dumps({"key": key, "channel": click.origin.channel_id, "ts": click.message_ts})


def too_long(what: str, text: str, most: int = MOST) -> str:
    return (
        f"Your {what} has {len(text)} characters; {most} fit. Nothing was done; shorten it and"
        " send it again."
    )


def metadata_of(view: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a form carried along."""
    try:
        found = json.loads(text_of(view, "private_metadata") or "")
    except ValueError:
        return {}
    return found if isinstance(found, Mapping) else {}


def _written(view: Mapping[str, Any]) -> str:
    values = part(part(view, "state"), "values")
    return text_of(part(part(values, ids.INPUT_BLOCK), ids.INPUT), "value") or ""


def part(body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """A part of what was sent; empty where there is none."""
    found = body.get(key)
    return found if isinstance(found, Mapping) else {}


def text_of(body: Mapping[str, Any], key: str) -> str | None:
    """A text that was sent, unless it is empty."""
    found = body.get(key)
    return found if isinstance(found, str) and found else None
