"""The demo's program: a coordinator, two mentors, and five mentees with sixty days behind them."""

import random
from datetime import UTC, datetime, time, timedelta
from typing import Final

from msgspec import Struct

from checkin import core, flows, store
from checkin.core.check_ins import Answer, Source
from checkin.core.people import Role
from checkin.flows.people import NewPerson
from checkin.store.pool import Connection

PROGRAM: Final = "Harbor Peer Support"
ZONE: Final = "America/New_York"
DAYS: Final = 60


class Usual(Struct, frozen=True):
    """A mentee's usual mood and hope, how much they swing, and the share of days they answer."""

    mood: float
    hope: float
    swing: float
    answers: float


MENTEES: Final = (
    ("Ana", "+12125550111", "en", time(18), Usual(7.0, 6.5, 1.1, 0.85)),
    ("Marcus", "+12125550112", "en", time(9), Usual(4.0, 4.5, 1.3, 0.7)),
    ("Lucía", "+12125550113", "es", time(12, 30), Usual(6.0, 7.0, 1.0, 0.9)),
    ("Priya", "+12125550114", "en", time(19, 30), Usual(8.0, 7.5, 0.8, 0.75)),
    ("Tom", "+12125550115", "en", time(20), Usual(5.0, 5.0, 1.6, 0.6)),
)
MENTORS: Final = (("Ben", "+12125550121", "en"), ("Rosa", "+12125550122", "es"))
COORDINATOR: Final = ("Jo", "+12125550131", "en")


async def seed(conn: Connection, now: datetime) -> bool:
    """Write the program unless it is there already; returns whether it was written. The same people every time."""
    if await store.people.program_by_name(conn, PROGRAM) is not None:
        return False
    began = now - timedelta(days=DAYS)
    async with conn.transaction():
        program = await store.people.add_program(conn, PROGRAM, "US", ZONE, began)
        await flows.people.add(conn, _row(*COORDINATOR, Role.coordinator), program, began)
        mentors = [await flows.people.add(conn, _row(*mentor, Role.mentor), program, began) for mentor in MENTORS]
        for number, (name, phone, language, nudge_at, usual) in enumerate(MENTEES):
            row = _row(name, phone, language, Role.mentee, nudge_at)
            mentee = await flows.people.add(conn, row, program, began)
            primary, cover = mentors[number % 2], mentors[(number + 1) % 2]
            await store.people.assign(conn, mentee.id, primary.id, "primary", began)
            await store.people.assign(conn, mentee.id, cover.id, "cover", began)
            for answer in history(phone, usual, now):
                await flows.check_ins.record(conn, mentee.id, answer, answer.answered_at)
            plan = await store.nudges.plan_of(conn, mentee.id)
            slot = None if plan is None else core.nudges.next_slot(plan, now)
            await store.nudges.plan_next(conn, [(mentee.id, None if slot is None else slot.at)])
    return True


def history(seed_word: str, usual: Usual, now: datetime) -> list[Answer]:
    """Return sixty days of plausible answers up to yesterday: a level, day-to-day swing that carries over, gaps."""
    chance = random.Random(seed_word)  # noqa: S311 - the same story every time
    today = core.wall.local_day(now, ZONE)
    mood = hope = 0.0
    answers = []
    for back in range(DAYS, 0, -1):
        shared = chance.gauss(0, 1)
        mood = 0.35 * mood + 0.94 * shared
        hope = 0.35 * hope + 0.94 * (0.6 * shared + 0.8 * chance.gauss(0, 1))
        if chance.random() > usual.answers:
            continue
        day = today - timedelta(days=back)
        at = core.wall.instant(day, time(18, chance.randrange(60)), ZONE)
        answers.append(
            Answer(
                day=day,
                mood=_score(usual.mood + usual.swing * mood),
                hope=_score(usual.hope + usual.swing * hope),
                answered_at=at.astimezone(UTC),
                time_zone=ZONE,
                source=Source.imported,
            )
        )
    return answers


def _score(value: float) -> int:
    return min(10, max(0, round(value)))


def _row(name: str, phone: str, language: str, role: Role, nudge_at: time = time(18)) -> NewPerson:
    return NewPerson(
        line=0,
        program=PROGRAM,
        name=name,
        phone=phone,
        roles=frozenset({role}),
        time_zone=ZONE,
        language=language,
        nudge_at=(nudge_at,),
        consented=True,
    )
