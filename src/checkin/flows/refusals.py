"""A number takes no texts any more: somebody stopped them, or the carrier says so; what waits for it goes elsewhere."""

from datetime import datetime
from uuid import UUID

import structlog

from checkin import core, store
from checkin.core.alerts import Kind
from checkin.core.carrier_errors import Remedy
from checkin.core.delivery import Dropped
from checkin.core.people import Role
from checkin.core.texts import Text
from checkin.flows import say
from checkin.store.claims import Claimed
from checkin.store.pool import Connection
from checkin.store.reports import Standing

log = structlog.get_logger()


async def carry_out(conn: Connection, message: Claimed | Standing, dropped: Dropped, now: datetime) -> None:
    """Carry out what a final refusal asks for, with whoever has the number that the message went to.

    An alert that will not arrive by text goes by push where that may help, and else on to the next person at once.
    """
    for person in await store.people.by_phone_hash(conn, message.phone_hash):
        assert person.phone is not None  # they were found by it
        kind: Kind | None = None
        text = Text.mentor_unreachable
        if dropped.remedy is Remedy.STOP_SMS:
            await stop_texts(conn, [person.id], person.phone, "carrier", now)
            kind, text = Kind.opted_out, Text.mentor_stopped
        elif dropped.remedy is Remedy.SUSPEND_NUMBER:
            await store.people.mark_unreachable(conn, person.id, now)
            await _cancel_to(conn, person.phone, now)
            await store.alerts.let_go(conn, person.id, now)
            kind = Kind.unreachable
        if kind is not None:
            if Role.mentee in person.roles:
                await store.alerts.raise_for(conn, person.id, kind, {"source": "carrier"}, now)
            program = await store.people.program(conn, person.program_id)
            await say.tell_of_lost_reader(conn, program, person, text, now)
    if dropped.remedy is Remedy.GIVE_UP:
        log.warning("message.refused", message=str(message.id), code=dropped.code)
    if not core.delivery.moves_on(message.lane):
        return
    if dropped.remedy is Remedy.NEXT_CHANNEL and await store.pushes.instead_of_text(
        conn, message.mentee_id, message.id, now
    ):
        return
    await store.alert_steps.undelivered(conn, [message.id], now)


async def stop_texts(conn: Connection, people: list[UUID], phone: str, source: str, now: datetime) -> None:
    """Honour an opt-out: nothing that has not left goes to *phone* any more, and the consent is withdrawn.

    What *people* were asked about and have not answered goes on to the next person at once.
    """
    await store.consents.opt_out(conn, people, source, now)
    await _cancel_to(conn, phone, now)
    for person_id in people:
        await store.alerts.let_go(conn, person_id, now)


async def _cancel_to(conn: Connection, phone: str, now: datetime) -> None:
    """Cancel what has not left for *phone*; an alert that was asked about there goes to the next person."""
    await store.alert_steps.undelivered(conn, await store.closings.cancel_to(conn, phone, now), now)
