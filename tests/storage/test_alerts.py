"""Alerts: what is in force, who snoozed it, and an audit that nobody can change."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from bot.domain.alerts import Alert, Subject
from bot.ports import Entry, Queue, Store
from bot.storage import SqlStore
from bot.storage.errors import AuditBroken
from tests.queues import next_due
from tests.storage.conftest import Database
from tests.storage.values import (
    EVERY,
    MORGAN,
    RILEY,
    SECOND,
    START,
    AuditedStore,
    a_check,
    a_message,
    an_alert,
    an_entry,
    claimed_one,
    found_by,
    with_alert,
)

LATER = START + EVERY
UNTIL = START + timedelta(hours=3)
_FACTS = {"used": 2, "by": ["UMAX", "🙂"], "frees_at": None, "left": 1.5}


def snoozing(actor_id: str = MORGAN) -> Entry:
    return Entry(actor_id=actor_id, action="snooze", outcome="done", at=START, detail={"hours": 3})


async def check_again(store: Store, **found: object) -> None:
    """The next check, at LATER."""
    claimed, check = await a_check(store, LATER)
    assert await store.checked(claimed, found_by(check, at=LATER, **found))


# ── In force ─────────────────────────────────────────────────────────────────────────────────────
async def test_an_alert_comes_back_as_it_was_raised(store: Store) -> None:
    raised = await with_alert(store, an_alert(facts=_FACTS))
    assert await store.alerts("sendblue") == [raised]
    assert await store.alert(raised.id) == raised
    assert await store.alerts("magpipe") == []
    assert await store.alert("another") is None


async def test_a_later_alert_takes_the_place_of_the_one_of_its_subject(store: Store) -> None:
    first = await with_alert(store)
    second = an_alert(level=3, raised_at=LATER)
    month = an_alert(subject=Subject.MONTH, level=8, raised_at=LATER)
    await check_again(store, raised=[second, month])
    found = await store.alerts("sendblue")
    assert sorted(found, key=lambda each: each.subject) == [second, month]
    assert await store.alert(first.id) == replace(first, ended_at=LATER, ended_by=second.id)


async def test_alerts_of_two_providers_do_not_meet(store: Store) -> None:
    first = await with_alert(store)
    await store.keep_checks(["magpipe"], at=START + SECOND)
    claimed, check = await a_check(store, START + SECOND, "magpipe")
    other = an_alert(provider="magpipe")
    done = found_by(check, at=START + SECOND, raised=[other])
    assert await store.checked(claimed, done)
    assert await store.alerts("sendblue") == [first]
    assert await store.alerts("magpipe") == [other]


async def test_a_check_changes_only_what_it_found(store: Store) -> None:
    raised = await with_alert(store, an_alert(facts=_FACTS))
    await store.alert_posted(raised.id, "17.5")
    assert await store.snooze(raised.id, UNTIL, snoozing()) is not None
    # It was read before somebody snoozed it.
    await check_again(store, changed=[replace(raised, level=1, below=2, facts={})])
    assert await store.alerts("sendblue") == [
        replace(raised, level=1, below=2, ts="17.5", snoozed_until=UNTIL, snoozed_by=MORGAN)
    ]


async def test_an_alert_that_is_over_is_in_force_no_more_and_stays_so(store: Store) -> None:
    raised = await with_alert(store)
    over = replace(raised, below=2, ended_at=LATER)
    await check_again(store, changed=[over])
    assert await store.alerts("sendblue") == []
    assert await store.alert(raised.id) == over
    claimed, check = await a_check(store, LATER + EVERY)
    done = found_by(check, at=LATER + EVERY, changed=[raised], raised=[an_alert(id="new")])
    assert await store.checked(claimed, done)
    assert await store.alert(raised.id) == over
    assert [each.id for each in await store.alerts("sendblue")] == ["new"]


async def test_the_database_takes_one_alert_in_force_for_each_subject(
    sql_store: SqlStore, database: Database
) -> None:
    raised = await with_alert(sql_store)
    copy = (
        "INSERT INTO alerts (id, provider, subject, level, raised_at, channel_id, facts, below,"
        " audit_seq, audit_hash) SELECT 'copy', provider, subject, level, raised_at, channel_id,"
        " facts, below, audit_seq, audit_hash FROM alerts"
    )
    with pytest.raises(DBAPIError, match=r"(?i)unique"):
        database.execute(copy)
    await check_again(sql_store, changed=[replace(raised, ended_at=LATER)])
    database.execute(copy)


async def test_one_alert_is_in_force_whatever_races(store: Store) -> None:
    """Checks, of which one has the lease, and clicks on the alert whose place is taken."""
    first = await with_alert(store)
    claimed, check = await a_check(store, LATER)
    rivals = [an_alert(level=3, raised_at=LATER) for _ in range(4)]
    await asyncio.gather(
        *(store.checked(claimed, found_by(check, at=LATER, raised=[each])) for each in rivals),
        *(store.snooze(first.id, UNTIL, snoozing()) for _ in range(4)),
        *(store.alert_posted(first.id, "17.5") for _ in range(2)),
    )
    (winner,) = await store.alerts("sendblue")
    assert winner in rivals
    ended = await store.alert(first.id)
    assert ended is not None
    assert (ended.ended_by, ended.ts) == (winner.id, "17.5")
    assert len(await store.alert_audit(first.id)) == (ended.snoozed_by is not None)


# ── Snoozed ──────────────────────────────────────────────────────────────────────────────────────
async def test_an_alert_is_snoozed_once_audited_and_answered(store: AuditedStore) -> None:
    raised = await with_alert(store)
    snoozed = replace(raised, snoozed_until=UNTIL, snoozed_by=MORGAN)
    said = a_message(id="said", purchase_id=None)
    assert await store.snooze(raised.id, UNTIL, snoozing(), [said]) == snoozed
    assert await store.snooze(raised.id, UNTIL + EVERY, snoozing(RILEY), [a_message()]) is None
    assert await store.alert(raised.id) == snoozed
    assert (await claimed_one(store, Queue.OWED, now=START)).id == "said"
    (row,) = await store.alert_audit(raised.id)
    assert (row.purchase_id, row.seq, row.actor_id, row.action, row.detail) == (
        raised.id,
        1,
        MORGAN,
        "snooze",
        {"hours": 3},
    )
    assert (row.from_status, row.to_status) == (None, None)
    await store.verify_alert(raised.id)


async def test_of_many_who_snooze_at_once_one_does(store: AuditedStore) -> None:
    raised = await with_alert(store)
    found = await asyncio.gather(
        *(store.snooze(raised.id, UNTIL, snoozing(f"U{n}"), [a_message()]) for n in range(6))
    )
    (snoozed,) = [each for each in found if each is not None]
    assert await store.alert(raised.id) == snoozed
    (row,) = await store.alert_audit(raised.id)
    assert row.actor_id == snoozed.snoozed_by
    await claimed_one(store, Queue.OWED, now=START)
    await store.verify_alert(raised.id)


async def test_an_alert_whose_snooze_has_run_out_can_be_snoozed_again(store: Store) -> None:
    raised = await with_alert(store)
    await store.snooze(raised.id, UNTIL, snoozing())
    at_the_end = replace(snoozing(RILEY), at=UNTIL)
    assert await store.snooze(raised.id, UNTIL, replace(at_the_end, at=UNTIL - SECOND)) is None
    assert await store.snooze(raised.id, UNTIL + EVERY, at_the_end) == replace(
        raised, snoozed_until=UNTIL + EVERY, snoozed_by=RILEY
    )


async def over(store: Store) -> Alert:
    raised = await with_alert(store)
    ended = replace(raised, ended_at=LATER)
    await check_again(store, changed=[ended])
    return ended


async def test_what_is_not_in_force_cannot_be_snoozed(store: Store) -> None:
    ended = await over(store)
    assert await store.snooze("another", UNTIL, snoozing(), [a_message()]) is None
    assert await store.snooze(ended.id, UNTIL, snoozing(), [a_message()]) is None
    assert await store.alert(ended.id) == ended
    assert await store.alert_audit(ended.id) == []
    assert await next_due(store, [Queue.OWED]) is None


# ── Audited ──────────────────────────────────────────────────────────────────────────────────────
async def test_what_was_refused_is_recorded_even_when_the_alert_is_over(
    store: AuditedStore,
) -> None:
    ended = await over(store)
    refused = replace(snoozing(RILEY), outcome="refused", detail={"why": "🙂 \0 \ud800"})
    await asyncio.gather(*(store.record_alert(ended.id, refused) for _ in range(3)))
    rows = await store.alert_audit(ended.id)
    assert [row.seq for row in rows] == [1, 2, 3]
    assert {row.outcome for row in rows} == {"refused"}
    assert rows[0].detail == {"why": "🙂 \0 \ud800"}
    assert len({row.hash for row in rows}) == 3
    assert await store.alert(ended.id) == ended
    await store.verify_alert(ended.id)


async def test_a_record_of_no_alert_is_a_bug(store: Store) -> None:
    with pytest.raises(LookupError):
        await store.record_alert("another", snoozing())
    assert await store.alert_audit("another") == []


async def audited(store: SqlStore) -> str:
    """An alert whose audit has three rows."""
    raised = await with_alert(store)
    for _ in range(3):
        await store.record_alert(raised.id, an_entry("snooze", nothing=None))
    return raised.id


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE alert_audit SET actor_id = 'UEVIL'",
        "UPDATE alert_audit SET hash = hash",
        "DELETE FROM alert_audit",
    ],
)
async def test_the_audit_of_alerts_is_append_only(
    sql_store: SqlStore, database: Database, statement: str
) -> None:
    alert_id = await audited(sql_store)
    with pytest.raises(DBAPIError, match="append-only"):
        database.execute(statement)
    await sql_store.verify_alert(alert_id)


_AROUND = {
    "sqlite": "INSERT OR REPLACE INTO alert_audit SELECT * FROM alert_audit WHERE seq = 2",
    "postgresql": "TRUNCATE alert_audit",
}


async def test_there_is_no_way_around_it(sql_store: SqlStore, database: Database) -> None:
    alert_id = await audited(sql_store)
    with pytest.raises(DBAPIError, match="append-only"):
        database.execute(_AROUND["sqlite" if database.is_sqlite else "postgresql"])
    await sql_store.verify_alert(alert_id)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE alert_audit SET actor_id = 'UEVIL' WHERE seq = 2", "Row 2 .* alert .* changed"),
        ("UPDATE alert_audit SET at = at + 1 WHERE seq = 3", "Row 3 .* was changed"),
        ("UPDATE alert_audit SET detail = '{}' WHERE seq = 1", "Row 1 .* was changed"),
        ("DELETE FROM alert_audit WHERE seq = 2", "alert .* lacks row 2"),
        ("DELETE FROM alert_audit WHERE seq = 3", "alert .* has 2 rows"),
    ],
)
async def test_tampering_with_the_audit_of_alerts_is_found(
    sql_store: SqlStore, database: Database, statement: str, said: str
) -> None:
    alert_id = await audited(sql_store)
    if database.is_sqlite:
        protection = [
            f"DROP TRIGGER alert_audit_refuses_{each}" for each in ("update", "delete", "replace")
        ]
    else:
        protection = ["SET LOCAL session_replication_role = replica"]
    database.execute(*protection, statement)
    with pytest.raises(AuditBroken, match=said):
        await sql_store.verify_alert(alert_id)


async def test_the_audit_of_no_alert_cannot_be_verified(sql_store: SqlStore) -> None:
    with pytest.raises(AuditBroken, match="no alert"):
        await sql_store.verify_alert("x")
