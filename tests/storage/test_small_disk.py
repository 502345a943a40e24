"""A limit on the size of files, as a quota or a full disk: in a child, for it binds a process."""

import asyncio
import multiprocessing
import resource
from pathlib import Path

from bot.domain.purchase import Status
from bot.storage import StorageUnavailable, open_store
from tests.storage.values import START, a_move, a_purchase, an_entry, stored_in


async def _live(url: str) -> str:
    """Write until it fails, then get room again, and go on with the same store."""
    store = await open_store(url)
    purchase = await stored_in(store, Status.PENDING)
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    said = ""
    for _ in range(100):
        try:
            await store.record(purchase, an_entry(text="x" * 5000))
        except StorageUnavailable as error:
            said = str(error)
            break
    rows = len(await store.audit(purchase.id))
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    await store.record(purchase, an_entry())
    assert len(await store.audit(purchase.id)) == rows + 1
    assert await store.move(a_move(purchase, Status.APPROVED, START))
    await store.add_request(a_purchase(), "after")
    await store.verify(purchase.id)
    await store.close()
    return said


def _child(url: str, answers: "multiprocessing.Queue[str]") -> None:
    answers.put(asyncio.run(_live(url)))


def test_a_file_that_may_not_grow_is_told_and_got_over(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    child = context.Process(target=_child, args=(f"sqlite:///{tmp_path / 'small.db'}", answers))
    child.start()
    said = answers.get(timeout=30)
    child.join()
    answers.close()
    answers.join_thread()
    assert said.startswith("The database could not do it: ")
    assert "\n" not in said
