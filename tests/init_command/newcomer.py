"""Somebody who sets Dialtone up, with a workspace and both providers to ask."""

import asyncio
import io

from bot.init_command import main
from bot.init_command.command import DONE
from bot.init_command.env_file import read
from bot.sandbox.slack.people import NORA, PHONE_MANAGERS
from bot.settings import load
from tests.stories.office import Office

SOCKET, HTTP = "socket", "http"


class Newcomer:
    """Somebody who answers the questions, in the order in which they come."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.file = office.folder / ".env"
        self.environ = {name: office.settings[name] for name in office.settings if "_URL" in name}
        del self.environ["DATABASE_URL"]
        self.said = ""

    async def answers(self, *answers: str) -> int:
        """The exit status, once all is answered or the answers have come to their end."""
        lines, out = io.StringIO("".join(f"{each}\n" for each in answers)), io.StringIO()
        asked = asyncio.to_thread(
            main, [], environ=self.environ, file=self.file, lines=lines, out=out
        )
        status = await asked
        self.said = " ".join(out.getvalue().split())
        self.left = lines.read()
        return status

    @property
    def values(self) -> dict[str, str]:
        return read(self.file)

    # ── parts of a conversation ──
    @property
    def tokens(self) -> tuple[str, ...]:
        """Socket Mode."""
        slack = self.office.slack.state
        return (SOCKET, slack.bot_token, slack.app_token)

    @property
    def keys(self) -> tuple[str, ...]:
        """Sendblue's and Magpipe's, each with the price that is offered."""
        sendblue, magpipe = self.office.sendblue, self.office.magpipe
        return (sendblue.api_key_id, sendblue.api_secret_key, "", magpipe.api_token, "")

    def conversation(
        self,
        *,
        slack: tuple[str, ...] = (),
        approvers: tuple[str, ...] = (f"{PHONE_MANAGERS},{NORA}",),
        channels: tuple[str, ...] = ("", ""),
        keys: tuple[str, ...] = (),
        database: tuple[str, ...] = ("", ""),
    ) -> tuple[str, ...]:
        return (*(slack or self.tokens), *approvers, *channels, *(keys or self.keys), *database)

    async def goes_through(self, **parts: tuple[str, ...]) -> None:
        """Every answer is asked for, and the file is written."""
        file_was = self.values
        assert await self.answers(*self.conversation(**parts)) == DONE, self.said
        assert self.left == ""
        assert self.values != file_was
        load({}, self.file)  # the bot takes it
