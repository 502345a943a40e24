"""Who is away, and who does their part meanwhile: one row per person, which ends by itself."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select, update

from bot.ports import Absence, Entry
from bot.storage import audit
from bot.storage.rows import read_absence, write_absence
from bot.storage.tables import Instant, absences
from bot.storage.writing import insert_new

_IN_FORCE = (
    select(absences)
    .where(absences.c.until > bindparam("now", type_=Instant))
    .order_by(absences.c.until)
)


def put(connection: Connection, absence: Absence, entry: Entry) -> None:
    row = write_absence(absence) | {"created_at": entry.at}
    if insert_new(connection, absences, row) is None:
        mine = absences.c.user_id == absence.user_id
        connection.execute(update(absences).where(mine).values(row))
    audit.append_to_logbook(connection, entry)


def end(connection: Connection, user_id: str, entry: Entry) -> bool:
    """False also for one that has ended by itself."""
    in_force = (absences.c.user_id == user_id) & (absences.c.until > entry.at)
    ended = connection.execute(delete(absences).where(in_force).returning(absences.c.user_id))
    if ended.first() is None:
        return False
    audit.append_to_logbook(connection, entry)
    return True


def in_force(connection: Connection, now: datetime) -> list[Absence]:
    return [read_absence(row) for row in connection.execute(_IN_FORCE, {"now": now}).mappings()]
