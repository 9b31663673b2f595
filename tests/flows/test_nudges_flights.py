"""Nudges of people who fly: at most one a local day, and one wherever the day's hours were met."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from checkin import core, flows, store
from checkin.core.nudge_plans import Edit
from checkin.core.nudges import Plan
from checkin.core.people import Person, Role
from checkin.flows.people import NewPerson
from checkin.store.pool import Connection
from tests.people import DAY

HOUR = timedelta(hours=1)
START = datetime(2026, 11, 16, tzinfo=UTC)
FLIGHTS = START + 2 * DAY
"""From here on one of 24 people flies every hour."""
END = START + 5 * DAY
ROUTES = [
    ("Pacific/Auckland", "Pacific/Honolulu"),
    ("Pacific/Kiritimati", "Pacific/Niue"),
    ("America/New_York", "Europe/London"),
]
WAYS = ROUTES + [(there, here) for here, there in ROUTES]


async def enrol(conn: Connection, zone: str, times: tuple[time, ...]) -> list[Person]:
    """Add a mentee for each hour of the day."""
    program = await store.people.add_program(conn, "Harbor", "US", zone, START)
    return [
        await flows.people.add(
            conn,
            NewPerson(
                line=0,
                program="",
                name="Ana",
                phone=f"+1212555{number:04}",
                roles=frozenset({Role.mentee}),
                time_zone=zone,
                language="en",
                nudge_at=times,
                consented=True,
            ),
            program,
            START,
        )
        for number in range(24)
    ]


Flights = dict[datetime, str]
"""Where one person flies, and when."""


def days_met(mentee: Person, times: tuple[time, ...], flights: Flights, ticks: list[datetime]) -> set[date]:
    """Return the local days whose hours for the nudge were met at one of the *ticks*, wherever the mentee was."""
    met = set()
    for tick in ticks:
        zone = next((there for at, there in reversed(flights.items()) if at <= tick), mentee.time_zone)
        plan = Plan(mentee=mentee.id, zone=zone, times=times)
        slot = core.nudges.next_slot(plan, core.nudge_plans.day_begins(tick, zone))
        assert slot is not None
        if START < slot.at <= tick < slot.closes_at:  # whoever comes in the middle of a day begins with the next
            met.add(slot.day)
    return met


@pytest.mark.parametrize(
    ("times", "stay"),
    [
        ((time(18),), None),
        ((time(18),), 9 * HOUR),
        ((time(18),), 26 * HOUR),
        ((time(9), time(18)), 9 * HOUR),
    ],
    ids=["one way", "back after 9 hours", "back after 26 hours", "with a reminder, back after 9 hours"],
)
@pytest.mark.parametrize(("here", "there"), WAYS)
async def test_a_flight_at_any_hour_repeats_no_day_and_loses_none(
    conn: Connection, here: str, there: str, times: tuple[time, ...], stay: timedelta | None
) -> None:
    mentees = await enrol(conn, here, times)
    ticks = [START + n * HOUR / 2 for n in range((END - START) // HOUR * 2)]
    plans: dict[UUID, Flights] = {}
    for number, mentee in enumerate(mentees):
        out = FLIGHTS + number * HOUR
        plans[mentee.id] = {out: there} | ({} if stay is None else {out + stay: here})

    for tick in ticks:
        for mentee in mentees:
            if tick in plans[mentee.id]:
                edit = Edit(zone=plans[mentee.id][tick])
                await flows.nudge_plans.change(conn, mentee, edit, tick, source="app", actor=mentee.id)
        await flows.nudges.ask_due(conn, tick)

    rows = await conn.fetch("select mentee_id, day, kind from nudges where decision = 'sent'")
    asked = Counter((row["mentee_id"], row["day"]) for row in rows if row["kind"] == "nudge")
    texts = Counter((row["mentee_id"], row["day"]) for row in rows)
    met = {(mentee.id, day) for mentee in mentees for day in days_met(mentee, times, plans[mentee.id], ticks)}
    assert asked.keys() == met
    assert set(asked.values()) == {1}
    assert max(texts.values()) == len(times)
    assert await conn.fetchval("select count(*) from outbox where lane = 'nudge'") == len(rows)


@pytest.mark.parametrize(
    ("here", "there", "at", "days"),
    [
        ("Pacific/Auckland", "Pacific/Honolulu", datetime(2026, 11, 18, 6, tzinfo=UTC), [17, 18, 19]),
        ("Pacific/Honolulu", "Pacific/Auckland", datetime(2026, 11, 18, 6, tzinfo=UTC), [17, 18, 19, 20]),
        ("America/New_York", "Europe/London", datetime(2026, 11, 18, 20, tzinfo=UTC), [17, 18, 19]),
    ],
)
async def test_known_flights_have_the_days_one_expects(
    conn: Connection, here: str, there: str, at: datetime, days: list[int]
) -> None:
    mentee = (await enrol(conn, here, (time(18),)))[0]
    moment = START + DAY - 2 * HOUR

    while moment < datetime(2026, 11, 20, 6, tzinfo=UTC):
        if moment == at:
            await flows.nudge_plans.change(conn, mentee, Edit(zone=there), at, source="app", actor=mentee.id)
        await flows.nudges.ask_due(conn, moment)
        moment += HOUR / 2

    asked = await conn.fetch(
        "select day from nudges where mentee_id = $1 and decision = 'sent' and day > '2026-11-16' order by day",
        mentee.id,
    )
    assert [row["day"].day for row in asked] == days


async def test_the_preview_after_a_flight_west_leaves_out_the_day_that_was_asked(conn: Connection) -> None:
    mentee = (await enrol(conn, "Pacific/Auckland", (time(18),)))[0]
    landed = datetime(2026, 11, 18, 6, tzinfo=UTC)  # Wednesday evening there, Tuesday evening here
    await flows.nudges.ask_due(conn, landed)
    await flows.nudge_plans.change(conn, mentee, Edit(zone="Pacific/Honolulu"), landed, source="app", actor=mentee.id)
    mentee = replace(mentee, time_zone="Pacific/Honolulu")

    coming = await flows.nudge_plans.preview(conn, mentee, landed, 3)

    assert [slot.day.day for slot, _ in coming.nudges] == [19, 20, 21]


async def test_every_zone_is_kept_with_its_dates_and_days_are_told_by_the_zone_they_had(conn: Connection) -> None:
    mentee = (await enrol(conn, "America/New_York", (time(18),)))[0]
    first, second = START + DAY, START + 3 * DAY
    await flows.nudge_plans.change(conn, mentee, Edit(zone="Europe/London"), first, source="app", actor=mentee.id)
    await flows.nudge_plans.change(conn, mentee, Edit(zone="Asia/Tokyo"), second, source="coordinator", actor=None)

    history = await store.zones.history(conn, mentee.id)

    assert [(stay.since, stay.zone) for stay in history] == [
        (START, "America/New_York"),
        (first, "Europe/London"),
        (second, "Asia/Tokyo"),
    ]
    zones = [core.nudge_plans.zone_on(history, date(2026, 11, day), "Asia/Tokyo") for day in (1, 15, 17, 18, 19, 30)]
    assert zones == [
        "America/New_York",
        "America/New_York",
        "Europe/London",
        "Europe/London",
        "Asia/Tokyo",
        "Asia/Tokyo",
    ]
    found = [row["source"] for row in await conn.fetch("select source from zone_history order by since")]
    assert found == ["enrolment", "app", "coordinator"]
