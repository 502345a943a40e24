"""Everything that knows Slack. `register` is its table of contents."""

import re
from functools import partial

from slack_bolt.async_app import AsyncApp

from bot.ports import Ports
from handlers import actions, commands, home, ids, views
from handlers.errors import guarded, tell_in_ack, tell_in_form, tell_nobody, tell_presser
from handlers.opening import Forms
from handlers.tasks import Tasks

_ANY = re.compile("")


def register(app: AsyncApp, ports: Ports) -> None:
    """Tell Bolt who listens to what. The app must run with `process_before_response=True`.

    Few listeners, because Bolt tries them one after the other; each is guarded last, because a
    partial round the guard would hide the arguments that Bolt looks for.
    """
    tasks = Tasks()
    opening = Forms(ports, app.client, tasks)
    typed = guarded(partial(commands.typed, ports, opening), tell_in_ack)
    pressed = partial(actions.pressed, ports, opening, tasks)
    submitted = partial(views.submitted, ports, tasks)
    wanted = partial(views.wanted, opening)
    opened = partial(home.opened, ports)

    for command in ids.COMMANDS:
        app.command(command)(typed)
    app.action(_ANY)(guarded(pressed, partial(tell_presser, ports, tasks)))
    app.view(_ANY)(guarded(submitted, tell_in_form))
    app.shortcut(ids.BUY_SHORTCUT)(guarded(wanted, partial(tell_presser, ports, tasks)))
    app.event("app_home_opened")(guarded(opened, tell_nobody))
