"""Block Kit's limits, from Slack's public reference (docs.slack.dev/reference/block-kit).

Lists of elements that an app has no use for here are short; an unlisted type is refused, as an
unknown one is.
"""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack.charts import CHART
from bot.sandbox.slack.schema import (
    Check,
    Problem,
    anything,
    boolean,
    choice,
    fields,
    listing,
    number,
    string,
    text,
    typed,
)
from bot.sandbox.slack.tables import data_table

IDENTIFIER = string(255)
URL = string(3000)
STYLE = choice("primary", "danger")
CONFIRM = fields(
    {
        "title": text(100, plain=True),
        "text": text(300),
        "confirm": text(30, plain=True),
        "deny": text(30, plain=True),
    },
    {"style": STYLE},
)
OPTION = fields({"text": text(75), "value": string(150)}, {"description": text(75), "url": URL})
OPTION_GROUP = fields({"label": text(75, plain=True), "options": listing(OPTION, 100)})
PLACEHOLDER = text(150, plain=True)
FOCUSED = {"action_id": IDENTIFIER, "confirm": CONFIRM, "focus_on_load": boolean}
SELECT = {**FOCUSED, "placeholder": PLACEHOLDER}


def _static(required: dict[str, Check], extra: dict[str, Check]) -> Check:
    """A menu has `options` or `option_groups`, never both and never neither."""
    menu = fields(
        required,
        {
            **SELECT,
            **extra,
            "options": listing(OPTION, 100),
            "option_groups": listing(OPTION_GROUP, 100),
        },
    )

    def check(value: Any, at: str, problems: list[Problem]) -> None:
        menu(value, at, problems)
        if isinstance(value, dict) and ("options" in value) == ("option_groups" in value):
            problems.append(Problem(at, "exactly one of options and option_groups is required"))

    return check


MULTI = {"max_selected_items": number}
BUTTON = fields(
    {"text": text(75, plain=True)},
    {
        "action_id": IDENTIFIER,
        "url": URL,
        "value": string(2000),
        "style": STYLE,
        "confirm": CONFIRM,
        "accessibility_label": string(75),
    },
)
IMAGE = fields(
    {"alt_text": string(2000)},
    {
        "image_url": URL,
        "slack_file": anything,
        "title": text(2000, plain=True),
        "block_id": IDENTIFIER,
    },
)

_CHOICES = {**FOCUSED, "initial_options": listing(OPTION, 10)}
_CONVERSATIONS = {
    "default_to_current_conversation": boolean,
    "filter": anything,
    "response_url_enabled": boolean,
}
_TYPED_TEXT = {
    **SELECT,
    "initial_value": string(3000, least=0),
    "dispatch_action_config": anything,
    "multiline": boolean,
    "min_length": number,
    "max_length": number,
}
_MENUS: dict[str, Check] = {
    "static_select": _static({}, {"initial_option": OPTION}),
    "multi_static_select": _static({}, {"initial_options": listing(OPTION, 100), **MULTI}),
    "users_select": fields({}, {**SELECT, "initial_user": string(255)}),
    "multi_users_select": fields({}, {**SELECT, "initial_users": anything, **MULTI}),
    "conversations_select": fields(
        {}, {**SELECT, "initial_conversation": string(255), **_CONVERSATIONS}
    ),
    "channels_select": fields(
        {}, {**SELECT, "initial_channel": string(255), "response_url_enabled": boolean}
    ),
    "external_select": fields({}, {**SELECT, "initial_option": OPTION, "min_query_length": number}),
    "datepicker": fields({}, {**SELECT, "initial_date": string(10)}),
    "timepicker": fields({}, {**SELECT, "initial_time": string(5), "timezone": string(100)}),
    "datetimepicker": fields({}, {**FOCUSED, "initial_date_time": number}),
    "checkboxes": fields({"options": listing(OPTION, 10)}, _CHOICES),
    "radio_buttons": fields(
        {"options": listing(OPTION, 10)}, {**FOCUSED, "initial_option": OPTION}
    ),
}
_CLICKED: dict[str, Check] = {
    "button": BUTTON,
    "overflow": fields(
        {"options": listing(OPTION, 5)}, {"action_id": IDENTIFIER, "confirm": CONFIRM}
    ),
}
_WRITTEN: dict[str, Check] = {
    "plain_text_input": fields({}, _TYPED_TEXT),
    "email_text_input": fields({}, _TYPED_TEXT),
    "url_text_input": fields({}, _TYPED_TEXT),
    "number_input": fields(
        {"is_decimal_allowed": boolean},
        {
            **SELECT,
            "initial_value": string(100),
            "min_value": string(100),
            "max_value": string(100),
            "dispatch_action_config": anything,
        },
    ),
}

_ACCESSORY = typed({**_MENUS, **_CLICKED, "image": IMAGE})
_ACTION = typed({**_MENUS, **_CLICKED})
_INPUT = typed({**_MENUS, **_WRITTEN})
_CONTEXT = typed(
    {
        "image": IMAGE,
        "plain_text": fields({"text": string(2000)}, {"emoji": boolean}),
        "mrkdwn": fields({"text": string(2000)}, {"verbatim": boolean}),
    }
)
_ID: dict[str, Check] = {"block_id": IDENTIFIER}


def _section(value: Any, at: str, problems: list[Problem]) -> None:
    fields(
        {},
        {
            **_ID,
            "text": text(3000),
            "fields": listing(text(2000), 10),
            "accessory": _ACCESSORY,
            "expand": boolean,
        },
    )(value, at, problems)
    if isinstance(value, dict) and "text" not in value and "fields" not in value:
        problems.append(Problem(at, "one of text and fields is required"))


_CELL = typed(
    {
        "raw_text": fields({"text": string(3000)}),
        "raw_number": fields({"value": number}, {"text": string(3000)}),
        "rich_text": fields({"elements": listing(anything, 100)}, _ID),
    }
)

EVERYWHERE: dict[str, Check] = {
    "section": _section,
    "divider": fields({}, _ID),
    "header": fields({"text": text(150, plain=True)}, {**_ID, "level": number}),
    "context": fields({"elements": listing(_CONTEXT, 10)}, _ID),
    "actions": fields({"elements": listing(_ACTION, 25)}, _ID),
    "image": IMAGE,
    "rich_text": fields({"elements": listing(anything, 100)}, _ID),
    "input": fields(
        {"label": text(2000, plain=True), "element": _INPUT},
        {**_ID, "hint": text(2000, plain=True), "optional": boolean, "dispatch_action": boolean},
    ),
}
MESSAGES_ONLY: dict[str, Check] = {
    "table": fields(
        {"rows": listing(listing(_CELL, 20), 100)},
        {**_ID, "column_settings": listing(anything, 20)},
    ),
    "data_table": data_table,
    "markdown": fields({"text": string(12_000)}, _ID),
    "data_visualization": fields({"title": string(50), "chart": CHART}, _ID),
}
