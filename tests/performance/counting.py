"""What a piece of work asks of the database, of Slack and of the provider: counts, not times."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, event

from bot.storage import SqlStore
from tests.stories.office import Office


@dataclass
class Work:
    """Transactions and statements; the loop's looks at what is due apart, which are one of each
    and, for every queue with something due, two statements more."""

    transactions: int = 0
    statements: int = 0
    looks: int = 0


@contextmanager
def counted(office: Office, *, is_resting: bool = False) -> Iterator[Work]:
    """Count while the bot of this office works; its loop takes nothing up while it rests, so that
    what is counted was done before the ack."""
    work = Work()
    assert isinstance(office.bot.ports.store, SqlStore)
    store: Any = office.bot.ports.store
    run, take = store._run, store.take

    async def counting_run(*args: Any, **kwargs: Any) -> Any:
        work.transactions += 1
        return await run(*args, **kwargs)

    async def counting_take(*args: Any, **kwargs: Any) -> Any:
        if is_resting:
            return [], None
        work.looks += 1
        work.transactions -= 1
        work.statements -= 1
        return await take(*args, **kwargs)

    def counting_execute(_c: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        work.statements += not statement.startswith(("BEGIN", "PRAGMA"))

    store._run, store.take = counting_run, counting_take
    event.listen(store._engine, "before_cursor_execute", counting_execute)
    try:
        yield work
    finally:
        event.remove(store._engine, "before_cursor_execute", counting_execute)
        del store._run, store.take
        office.bot.loop.wake()


@contextmanager
def calls(office: Office) -> Iterator[Counter[str]]:
    """The calls to Slack and to both providers, by method or path; filled in at the end."""
    logs = (office.slack.received, office.sendblue.requests, office.magpipe.requests)
    before = [len(log) for log in logs]
    found: Counter[str] = Counter()
    yield found
    for log, start in zip(logs, before, strict=True):
        found.update(each.path.removeprefix("/api/") for each in log[start:])
