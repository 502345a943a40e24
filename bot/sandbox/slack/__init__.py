"""A Slack workspace on this machine, written from Slack's public documentation."""

from bot.sandbox.slack.delivery import Answer, Delivery, Retry
from bot.sandbox.slack.simulator import SlackSimulator, rate_limited, slack_error
from bot.sandbox.slack.workspace import ApiCall, Message, View

__all__ = [
    "Answer",
    "ApiCall",
    "Delivery",
    "Message",
    "Retry",
    "SlackSimulator",
    "View",
    "rate_limited",
    "slack_error",
]
