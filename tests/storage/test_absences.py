"""Who is away, and who wants no direct messages."""

import asyncio
from datetime import datetime, timedelta

from bot.ports import Absence, Entry, Store
from tests.storage.values import MORGAN, RILEY, SECOND, START, AuditedStore, an_entry

FRIDAY = START + timedelta(days=4)
DEPUTY = "UDEPUTY"


def away(user_id: str = MORGAN, until: datetime = FRIDAY, deputy_id: str = DEPUTY) -> Absence:
    return Absence(user_id=user_id, deputy_id=deputy_id, until=until)


def entry(action: str = "ooo", at: datetime = START) -> Entry:
    return an_entry(action, at)


async def logged(store: Store) -> list[str]:
    return [row.action for row in await store.logbook(START)]


async def test_an_absence_is_in_force_until_its_very_end(store: Store) -> None:
    await store.set_absence(away(), entry())
    assert await store.absences(START) == [away()]
    assert await store.absences(FRIDAY - timedelta(microseconds=1)) == [away()]
    assert await store.absences(FRIDAY) == []


async def test_absences_are_listed_the_first_to_end_first(store: Store) -> None:
    for number, days in enumerate((3, 1, 2)):
        await store.set_absence(away(f"U{number}", START + timedelta(days=days)), entry())
    assert [each.user_id for each in await store.absences(START)] == ["U1", "U2", "U0"]


async def test_the_later_absence_of_a_person_counts(store: AuditedStore) -> None:
    later = away(until=FRIDAY + SECOND, deputy_id=RILEY)
    await store.set_absence(away(), entry())
    await store.set_absence(later, entry("ooo again"))
    assert await store.absences(START) == [later]
    assert await logged(store) == ["ooo", "ooo again"]
    await store.verify_logbook()


async def test_one_absence_is_stored_when_several_are_set_at_once(store: AuditedStore) -> None:
    rivals = [away(deputy_id=f"U{number}") for number in range(6)]
    await asyncio.gather(*(store.set_absence(each, entry()) for each in rivals))
    (found,) = await store.absences(START)
    assert found in rivals
    assert len(await logged(store)) == 6
    await store.verify_logbook()


async def test_an_absence_is_ended_once_and_logged(store: AuditedStore) -> None:
    await store.set_absence(away(), entry())
    await store.set_absence(away(RILEY), entry())
    ended = await asyncio.gather(*(store.end_absence(MORGAN, entry("back")) for _ in range(4)))
    assert sorted(ended) == [False, False, False, True]
    assert await store.absences(START) == [away(RILEY)]
    assert await logged(store) == ["ooo", "ooo", "back"]
    await store.verify_logbook()


async def test_what_has_ended_by_itself_or_never_began_cannot_be_ended(store: Store) -> None:
    await store.set_absence(away(), entry())
    assert not await store.end_absence(MORGAN, entry("back", FRIDAY))
    assert not await store.end_absence(RILEY, entry("back"))
    assert await logged(store) == ["ooo"]


async def test_people_are_muted_until_they_are_not(store: AuditedStore) -> None:
    asked = {MORGAN, RILEY, DEPUTY}
    await asyncio.gather(
        *(store.mute(MORGAN, is_muted=True, entry=entry("notify off")) for _ in range(3)),
        store.mute(RILEY, is_muted=True, entry=entry("notify off")),
    )
    assert await store.muted(asked) == {MORGAN, RILEY}
    assert await store.muted([RILEY]) == {RILEY}
    assert await store.muted([]) == set()
    for _ in range(2):
        await store.mute(MORGAN, is_muted=False, entry=entry("notify on"))
    await store.mute(DEPUTY, is_muted=False, entry=entry("notify on"))
    assert await store.muted(asked) == {RILEY}
    assert await logged(store) == ["notify off", "notify off", "notify on"]
    await store.verify_logbook()


async def test_many_people_are_asked_about_at_once(store: Store) -> None:
    await store.mute(RILEY, is_muted=True, entry=entry())
    assert await store.muted([*(f"U{number}" for number in range(1200)), RILEY]) == {RILEY}
