"""Reads the policy's file anew while the bot runs, whenever somebody asks for it."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

from bot.policy_file.reading import BadPolicy, FilePolicy
from bot.ports import Entry, Ports, StoreUnavailable

log = logging.getLogger(__name__)


@contextlib.asynccontextmanager
async def rereading(ports: Ports, asked: asyncio.Event) -> AsyncIterator[None]:
    """Obey `asked`, one reading after the other, also when it was set before."""

    async def obey(source: FilePolicy) -> None:
        while True:
            await asked.wait()
            asked.clear()
            try:
                await reread(source, ports)
            except Exception:  # the next file may be a better one
                log.exception("policy.broke")

    source = ports.policy
    obeying = asyncio.create_task(obey(source)) if isinstance(source, FilePolicy) else None
    try:
        yield
    finally:
        if obeying:
            obeying.cancel()
            await asyncio.wait([obeying])


async def reread(source: FilePolicy, ports: Ports) -> None:
    """Take the policy as its file is now, and write that in the logbook; a faulty file changes
    nothing. Purchases that wait keep their terms."""
    try:
        policy = await asyncio.to_thread(source.reload)
    except BadPolicy as error:
        log.error("policy.refused", extra={"why": f"{error} The old policy stays."})  # noqa: TRY400 - the sentence says it all
        return
    entry = Entry(
        actor_id="dialtone",
        action="policy",
        outcome="done",
        at=ports.clock.now(),
        detail={"file": str(source.file), "rules": [rule.name for rule in policy.rules]},
    )
    try:
        await ports.store.log(entry)
    except StoreUnavailable:
        log.exception("policy.not_in_logbook")
    log.info("policy.read", extra={"file": str(source.file), "rules": len(policy.rules)})
