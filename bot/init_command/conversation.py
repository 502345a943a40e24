"""What is asked, and in which order."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from bot.init_command import env_file
from bot.init_command.checks import Draft, Verdict, only_one
from bot.init_command.questions import Question, ask, choose, settled
from bot.init_command.terminal import Terminal, as_typed

_APP = "https://api.slack.com/apps → your app"
_SOCKET, _HTTP = "socket", "http"
_SQLITE, _POSTGRESQL = "sqlite", "postgresql"


def converse(terminal: Terminal, draft: Draft, present: Mapping[str, str]) -> None:
    """Ask everything; the answers are in the draft then. Raises EOFError at the input's end."""
    terminal.say(
        "Dialtone's settings, one after the other. Each is checked as you give it, and nothing is"
        " written before the end. Enter takes what stands in [brackets]; Ctrl-C stops. Tokens and"
        " keys are not shown while you type or paste them."
    )
    terminal.say()
    terminal.say(
        "No Slack app yet? Make one at https://api.slack.com/apps → Create New App → From a"
        f" manifest, with what {as_typed('manifest')} prints, and install it."
    )
    asking = _Asking(terminal, draft, present)
    asking.slack()
    asking.approvers()
    asking.channels()
    asking.sendblue()
    asking.magpipe()
    asking.database()


@dataclass(frozen=True, slots=True)
class _Asking:
    terminal: Terminal
    draft: Draft
    present: Mapping[str, str]

    def slack(self) -> None:
        present = self.present
        is_http = "SLACK_SIGNING_SECRET" in present and "SLACK_APP_TOKEN" not in present
        way = choose(
            self.terminal,
            "How do commands and clicks come from Slack?",
            "socket: the bot connects to Slack (Socket Mode) and needs no public address; http:"
            " Slack posts to a public https:// address of yours.",
            (_SOCKET, _HTTP),
            _HTTP if is_http else _SOCKET,
        )
        self._ask(
            Question(
                title="Bot token",
                where=f"{_APP} → OAuth & Permissions → Bot User OAuth Token (xoxb-…).",
                name="SLACK_BOT_TOKEN",
                check=self.draft.bot_token,
                is_secret=True,
            )
        )
        if way == _SOCKET:
            self._ask(
                Question(
                    title="App-level token",
                    where=f"{_APP} → Basic Information → App-Level Tokens, with the scope"
                    " connections:write (xapp-…).",
                    name="SLACK_APP_TOKEN",
                    check=self.draft.app_token,
                    is_secret=True,
                )
            )
            return
        self._ask(
            Question(
                title="Signing secret",
                where=f"{_APP} → Basic Information → App Credentials → Signing Secret.",
                name="SLACK_SIGNING_SECRET",
                check=self.draft.signing_secret,
                is_secret=True,
            )
        )
        self.draft.answers["SLACK_APP_TOKEN"] = ""  # else it would be Socket Mode all the same

    def approvers(self) -> None:
        verdict = self._ask(
            Question(
                title="Who approves purchases?",
                where="People and user groups, separated by commas: @names, or ids (in Slack: the"
                " person's profile → ⋮ → Copy member ID).",
                name="APPROVERS",
                check=self.draft.approvers,
            )
        )
        if only_one(verdict):
            self.draft.answers["SELF_APPROVAL"] = choose(
                self.terminal,
                "May approvers approve what they requested themselves?",
                "With false, nobody can approve what the only approver requests.",
                ("false", "true"),
                "true" if self.draft.is_true(self.present.get("SELF_APPROVAL", "")) else "false",
            )

    def channels(self) -> None:
        where = "Its link (right-click on the channel → Copy → Copy link), or its id; without one,"
        for name, title, without in (
            ("APPROVAL_CHANNEL", "Channel for all cards", "cards go where the command was typed."),
            ("ALERT_CHANNEL", "Channel told when a purchase limit is near", "nobody is told."),
        ):
            self._ask(
                Question(
                    title=f"{title} (optional)",
                    where=f"{where} {without}",
                    name=name,
                    check=self.draft.channel(name),
                    is_optional=True,
                )
            )

    def sendblue(self) -> None:
        names = ("SENDBLUE_API_KEY_ID", "SENDBLUE_API_SECRET_KEY")
        key_id = Question(
            title="Sendblue's key id (optional)",
            where="From Sendblue's dashboard; without it, /line buys nothing.",
            name=names[0],
            check=self.draft.form(names[0]),
            is_secret=True,
            is_optional=True,
        )
        secret = Question(
            title="Sendblue's secret key",
            where="From there, too: the one that belongs to that key id.",
            name=names[1],
            check=self.draft.form(names[1]),
            is_secret=True,
        )
        while self._ask(key_id).value:
            self._ask(secret)
            given = {name: self.draft.answers[name] for name in names}
            check = partial(self.draft.account, "sendblue", given)
            if settled(self.terminal, names[0], check):
                self._price("SENDBLUE_LINE_PRICE", "What does a line cost per month?")
                return
        self.draft.answers[names[1]] = ""

    def magpipe(self) -> None:
        name = "MAGPIPE_API_TOKEN"

        def check(text: str) -> Verdict:
            bad = self.draft.badly_formed(name, text)
            return bad or replace(self.draft.account("magpipe", {name: text}), value=text)

        verdict = self._ask(
            Question(
                title="Magpipe's token (optional)",
                where="From Magpipe's dashboard; without it, /number buys nothing.",
                name=name,
                check=check,
                is_secret=True,
                is_optional=True,
            )
        )
        if verdict.value:
            self._price("MAGPIPE_NUMBER_PRICE", "What does a number cost per month?")
        elif not self.draft.answers["SENDBLUE_API_KEY_ID"]:
            self.terminal.say("Without either of them Dialtone can buy nothing.", indent="  ")

    def database(self) -> None:
        name = "DATABASE_URL"
        present = self.present.get(name, "")
        kind = choose(
            self.terminal,
            "Where are purchases kept?",
            "sqlite: in a file beside the bot, for one bot; postgresql: on a server, also for"
            " several bots.",
            (_SQLITE, _POSTGRESQL),
            _POSTGRESQL if present.startswith("postgres") else _SQLITE,
        )
        is_kept = present.startswith("postgres") == (kind == _POSTGRESQL)
        question = Question(
            title="Address of the database",
            where="postgresql://USER:PASSWORD@HOST/NAME"
            if kind == _POSTGRESQL
            else "sqlite:///FILE, where the folder of the file is there.",
            name=name,
            check=self.draft.database,
            is_secret=kind == _POSTGRESQL,
        )
        default = "" if kind == _POSTGRESQL else env_file.default(name)
        self._ask(question, (present if is_kept else "") or default)

    def _price(self, name: str, title: str) -> None:
        question = Question(
            title=title,
            where="An amount and a currency, shown on the cards.",
            name=name,
            check=self.draft.form(name),
        )
        self._ask(question, self.present.get(name) or env_file.default(name))

    def _ask(self, question: Question, present: str | None = None) -> Verdict:
        """Ask, with what is there as the default, and note the answer."""
        there = self.present.get(question.name, "") if present is None else present
        verdict = ask(self.terminal, replace(question, present=there))
        self.draft.answers[question.name] = verdict.value
        return verdict
