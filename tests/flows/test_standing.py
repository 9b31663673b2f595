"""Nobody keeps an alert that is no business of theirs any more, whatever took it from them."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from checkin import flows, store
from checkin.core.alerts import Kind, Urgency
from checkin.core.assignments import Kind as Standing
from checkin.core.consents import Purpose
from checkin.core.people import Person, Role
from checkin.flows.assignments import OPERATOR
from checkin.flows.availability import NewLeave
from checkin.flows.roster import Edit
from checkin.store.availability import Chosen
from checkin.store.pool import Connection
from tests.people import DAY, MONDAY, NOW, Cast
from tests.phones import sent_to, text

MORNING = NOW - timedelta(hours=6)
"""Monday, 09:00 in New York."""
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LEFT = MORNING + HOUR
WORSE = "i took all my pills"

Act = Callable[[Connection, Cast], Awaitable[object]]


async def named_clinic(conn: Connection, people: Cast) -> None:
    await store.people.assign(conn, people.mentee.id, people.other_mentor.id, "clinical_contact", MORNING - DAY)
    await flows.consents.give(conn, people.mentee, Purpose.clinical_contact, "v1", MORNING - DAY)


async def took_consent_back(conn: Connection, people: Cast) -> None:
    await flows.consents.withdraw(conn, people.mentee, Purpose.clinical_contact, LEFT)


async def named_stand_in(conn: Connection, people: Cast) -> None:
    leave = NewLeave(first=MONDAY, last=MONDAY + 5 * DAY, cover_id=people.other_mentor.id)
    await flows.availability.change(conn, people.mentor, Chosen(), [leave], [], MORNING)


async def came_back(conn: Connection, people: Cast) -> None:
    await text(conn, people.mentor, "BACK", at=LEFT)


async def ended_leave(conn: Connection, people: Cast) -> None:
    [leave] = await store.absences.coming(conn, people.mentor.id, LEFT)
    await flows.availability.change(conn, people.mentor, Chosen(), [], [leave.id], LEFT)


async def put_on_call(conn: Connection, people: Cast) -> None:
    """Elsewhere nobody can be asked, so that the one on call is."""
    await flows.programs.put_on_call(conn, people.other_mentor, MORNING)
    everybody = [people.mentor.id, people.cover.id, people.coordinator.id]
    await conn.execute("update people set unreachable_at = $2 where id = any ($1)", everybody, MORNING)


async def took_off_call(conn: Connection, people: Cast) -> None:
    await conn.execute("update people set unreachable_at = null where program_id = $1", people.program)
    await flows.programs.take_off_call(conn, people.other_mentor, LEFT)


async def made_coordinator(conn: Connection, people: Cast) -> None:
    await _change(conn, people.other_mentor, Role.mentor, Role.coordinator)


async def took_role(conn: Connection, people: Cast) -> None:
    await _change(conn, people.other_mentor, Role.mentor)


async def _change(conn: Connection, person: Person, *roles: Role) -> None:
    seen = await store.people.by_id(conn, person.id)
    assert seen is not None
    await flows.roster.change(conn, seen, Edit(roles=frozenset(roles)), LEFT, actor=None, role="operator")


async def lent(conn: Connection, people: Cast) -> None:
    await store.people.assign(conn, people.mentee.id, people.other_mentor.id, "cover", MORNING, LEFT)


async def nothing(conn: Connection, people: Cast) -> None:
    """The time has come by itself."""


GOES: list[tuple[Act, Act]] = [
    (named_clinic, took_consent_back),
    (named_stand_in, came_back),
    (named_stand_in, ended_leave),
    (put_on_call, took_off_call),
    (made_coordinator, took_role),
    (lent, nothing),
]


async def taken(conn: Connection, people: Cast, kind: Kind, comes: Act) -> None:
    """Let the other mentor come, be asked, and have the alert."""
    await comes(conn, people)
    urgency = Urgency.now if kind is Kind.crisis else None
    await store.alerts.raise_for(conn, people.mentee.id, kind, {}, MORNING, urgency)
    await flows.alerts.move_due(conn, MORNING)
    [alert] = await store.alerts.open_for(conn, people.other_mentor.id, MORNING + MINUTE)
    await flows.alerts.acknowledge(conn, people.other_mentor, alert.id, "app", MORNING + MINUTE)


@pytest.mark.parametrize(("comes", "goes"), GOES)
async def test_what_somebody_had_goes_on_when_it_is_no_business_of_theirs(
    conn: Connection, people: Cast, comes: Act, goes: Act
) -> None:
    await taken(conn, people, Kind.call_me, comes)
    before = await flows.assignments.hand_on(conn, LEFT - MINUTE)
    heard = len(await sent_to(conn, people.mentor))

    await goes(conn, people)
    handed_on = await flows.assignments.hand_on(conn, LEFT)
    again = await flows.assignments.hand_on(conn, LEFT)
    await flows.alerts.move_due(conn, LEFT)

    assert (before.total(), handed_on.total(), again.total()) == (0, 1, 0)
    told = (await sent_to(conn, people.mentor))[heard:]
    assert len([body for body in told if "needs you" in body]) == 1


@pytest.mark.parametrize(("comes", "goes"), GOES)
async def test_more_danger_is_not_told_to_who_had_it_and_left_just_before(
    conn: Connection, people: Cast, comes: Act, goes: Act
) -> None:
    await taken(conn, people, Kind.crisis, comes)
    await text(conn, people.mentee, WORSE, at=LEFT - 5 * MINUTE)
    heard = len(await sent_to(conn, people.other_mentor))

    await goes(conn, people)
    await flows.alerts.move_due(conn, LEFT)

    assert (await sent_to(conn, people.other_mentor))[heard:] == []
    asked = await conn.fetch("select person_id from alert_steps where at = $1 and result = 'asked'", LEFT)
    assert people.mentor.id in [row["person_id"] for row in asked]


async def test_whose_business_it_still_is_keeps_it(conn: Connection, people: Cast) -> None:
    await taken(conn, people, Kind.call_me, made_coordinator)
    await store.people.assign(conn, people.mentee.id, people.other_mentor.id, "cover", MORNING)

    await took_role(conn, people)

    assert (await flows.assignments.hand_on(conn, LEFT)).total() == 0


async def test_nobody_answers_an_alert_about_themselves(conn: Connection, people: Cast) -> None:
    await conn.execute("update people set roles = '{coordinator,mentee}' where id = $1", people.mentee.id)
    await store.alerts.raise_for(conn, people.mentee.id, Kind.crisis, {}, MORNING)

    assert await store.alerts.open_for(conn, people.mentee.id, MORNING) == []
    assert len(await store.alerts.open_for(conn, people.coordinator.id, MORNING)) == 1


async def test_a_cover_that_ends_before_it_begins_asks_nobody_again(conn: Connection, people: Cast) -> None:
    planned = await flows.assignments.begin(
        conn, people.mentee, people.other_mentor.id, Standing.cover, MORNING + DAY, None, MORNING, by=OPERATOR
    )
    await store.alerts.raise_for(conn, people.mentee.id, Kind.call_me, {}, MORNING)
    await flows.alerts.move_due(conn, MORNING)

    await flows.assignments.end(conn, planned, MORNING + MINUTE, by=OPERATOR)
    await flows.alerts.move_due(conn, MORNING + MINUTE)

    assert len(await sent_to(conn, people.mentor)) == 1


async def test_whoever_goes_before_their_planned_time_asks_nobody_again(conn: Connection, people: Cast) -> None:
    await store.people.assign(conn, people.mentee.id, people.other_mentor.id, "cover", MORNING + DAY)
    await store.alerts.raise_for(conn, people.mentee.id, Kind.call_me, {}, MORNING)
    await flows.alerts.move_due(conn, MORNING)

    await flows.roster.end(conn, people.other_mentor, MORNING + MINUTE, by=OPERATOR)
    await flows.alerts.move_due(conn, MORNING + MINUTE)

    assert len(await sent_to(conn, people.mentor)) == 1
