"""A program begins, and is given its rules and words: never with nobody at the end."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from checkin import core, store
from checkin.core.errors import NobodyAtTheEnd
from checkin.core.people import Person, Role, Status
from checkin.core.routing import Place, Routing
from checkin.core.texts import Text
from checkin.flows import chains, enrolment
from checkin.flows.assignments import OPERATOR, By
from checkin.store.people import Program
from checkin.store.pool import Connection


async def set_routing(conn: Connection, program_id: UUID, source: str, now: datetime, *, by: By = OPERATOR) -> None:
    """Give a program the rules in *source*. Raises BadRouting, and NobodyAtTheEnd where it has begun."""
    routing = core.routing.parse(source)
    async with conn.transaction():
        if await store.routing.is_active(conn, program_id):
            await check_end(conn, program_id, routing, now)
        await store.routing.save(conn, program_id, source, now)
        await write_down(conn, program_id, by, "routing.changed", now)


async def save_texts(conn: Connection, program_id: UUID, own: Mapping[str, Mapping[Text, str]], now: datetime) -> int:
    """Keep a program's *own* words, by language; returns how many texts they are.

    `core.text_rules.check_override` has found nothing wrong with them. What was saved before stays.
    """
    texts = [(text, language, body) for language, words in own.items() for text, body in words.items()]
    async with conn.transaction():
        for text, language, body in texts:
            await store.people.save_text(conn, program_id, text, language, body)
        await write_down(conn, program_id, OPERATOR, "texts.changed", now)
    return len(texts)


async def activate(conn: Connection, program_id: UUID, now: datetime, *, by: By = OPERATOR) -> bool:
    """Let a program begin: its mentees are invited and nudged from now on. False when it had begun.

    Raises NobodyAtTheEnd where an alert could end with nobody to ask.
    """
    async with conn.transaction():
        await check_end(conn, program_id, await chains.routing_of(conn, program_id), now)
        if not await store.routing.activate(conn, program_id, now):
            return False
        await write_down(conn, program_id, by, "program.begun", now)
        program = await store.people.program(conn, program_id)
        for person in await store.people.in_program(conn, program_id):
            if Role.mentee in person.roles and person.status is not Status.ended:
                await _begin(conn, person, program, now)
    return True


async def _begin(conn: Connection, mentee: Person, program: Program, now: datetime) -> None:
    plan = await store.nudges.plan_of(conn, mentee.id)
    slot = None if plan is None else core.nudges.next_slot(plan, now)
    await store.nudges.plan_next(conn, [(mentee.id, None if slot is None else slot.at)])
    if mentee.status is Status.invited:
        await enrolment.invite(conn, mentee, program, now)


async def put_on_call(conn: Connection, person: Person, now: datetime, *, by: By = OPERATOR) -> None:
    """Put somebody on call for their program, after those who are."""
    async with conn.transaction():
        await store.routing.put_on_call(conn, person, now)
        await store.audit.add(conn, person.id, by.id, by.actor, "on_call.began", now)


async def take_off_call(conn: Connection, person: Person, now: datetime, *, by: By = OPERATOR) -> None:
    """Take somebody off call. Raises NobodyAtTheEnd where their program has begun and would have nobody left."""
    async with conn.transaction():
        await store.routing.take_off_call(conn, person)
        await store.audit.add(conn, person.id, by.id, by.actor, "on_call.ended", now)
        await keep_end(conn, person.program_id, now)


async def keep_end(conn: Connection, program_id: UUID, now: datetime) -> None:
    """Raise NobodyAtTheEnd where somebody has just left a program that has begun with nobody at the end of its alerts.

    Runs inside the caller's transaction, whose change it undoes by that.
    """
    await store.roster.lock_program(conn, program_id)
    if await store.routing.is_active(conn, program_id):
        await check_end(conn, program_id, await chains.routing_of(conn, program_id), now)


async def check_end(conn: Connection, program_id: UUID, routing: Routing, now: datetime) -> None:
    """Raise NobodyAtTheEnd unless every last step has somebody whom texts can reach; leave ends, so it does not count.

    The message says what to do.
    """
    people = {
        Place.coordinator: await store.people.coordinators(conn, program_id, now),
        Place.on_call: await store.routing.on_call(conn, program_id, now),
    }
    empty = [
        urgency
        for urgency, places in core.routing.last_places(routing)
        if not any(core.alerts.why_not(one) in ("asked", "away") for place in places for one in people[place])
    ]
    if empty:
        program = await store.people.program(conn, program_id)
        raise NobodyAtTheEnd(
            f"{program.name}: alerts would end with nobody to ask ({', '.join(empty)}). Import a coordinator with a "
            f'phone, or put somebody on call: checkin programs oncall "{program.name}" PERSON'
        )


async def write_down(conn: Connection, program_id: UUID, by: By, action: str, now: datetime) -> None:
    """Write down what somebody did to a program: under their own name, or the program's where an operator did it."""
    await store.audit.add(conn, by.id or program_id, by.id, by.actor, action, now, str(program_id))
