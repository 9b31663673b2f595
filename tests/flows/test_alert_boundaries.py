"""Mentors' boundaries are kept: hours, leave with a stand-in, limits, digests; a crisis goes through all but leave."""

from datetime import date, time, timedelta
from uuid import UUID

import pytest

from checkin import core, flows, store
from checkin.core.alerts import Kind
from checkin.core.availability import Window
from checkin.core.errors import BadInput, UnknownPerson
from checkin.core.people import Person
from checkin.core.texts import Text
from checkin.flows.availability import NewLeave
from checkin.store.availability import Chosen
from checkin.store.pool import Connection
from tests.people import MONDAY, NOW, Cast
from tests.phones import sent_to, text, told

MORNING = NOW - timedelta(hours=6)
"""Monday, 09:00 in New York."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PLAIN = "i want to kill myself"
CLOSING = NOW + 2 * HOUR
MINUTE = timedelta(minutes=1)
OFFICE = tuple(Window(weekday, time(9), time(17)) for weekday in range(1, 6))
AFTERNOONS = tuple(Window(weekday, time(13), time(18)) for weekday in range(1, 6))


async def raised(conn: Connection, mentee: Person, kind: Kind = Kind.call_me) -> int:
    await store.alerts.raise_for(conn, mentee.id, kind, {}, MORNING)
    number: int = await conn.fetchval("select number from alerts where mentee_id = $1 and kind = $2", mentee.id, kind)
    return number


async def chose(conn: Connection, person: Person, chosen: Chosen, *leave: NewLeave) -> None:
    await flows.availability.change(conn, person, chosen, list(leave), [], MORNING)


async def steps(conn: Connection) -> list[tuple[str, str]]:
    rows = await conn.fetch("select role, result from alert_steps order by at, step")
    return [(row["role"], row["result"]) for row in rows]


async def asked(conn: Connection) -> list[tuple[str, UUID]]:
    rows = await conn.fetch("select role, person_id from alert_steps where result = 'asked' order by at, step")
    return [(row["role"], row["person_id"]) for row in rows]


async def test_an_alert_waits_for_the_mentors_own_hours(conn: Connection, people: Cast) -> None:
    await chose(conn, people.mentor, Chosen(hours=AFTERNOONS))
    await raised(conn, people.mentee)

    waiting = await flows.alerts.move_due(conn, MORNING)
    still = await flows.alerts.move_due(conn, MORNING + 4 * HOUR - timedelta(seconds=1))
    found = await flows.alerts.move_due(conn, MORNING + 4 * HOUR)

    assert (waiting["waiting"], dict(still), found["asked"]) == (1, {}, 1)
    assert await asked(conn) == [("mentor", people.mentor.id)]


async def test_the_time_to_answer_is_the_clocks_and_the_next_one_is_asked_in_their_hours(
    conn: Connection, people: Cast
) -> None:
    evening = MORNING + timedelta(hours=11, minutes=30)  # half an hour before everybody's hours end
    opening = MORNING + 23 * HOUR
    await raised(conn, people.mentee)
    await flows.alerts.move_due(conn, evening)

    night = await flows.alerts.move_due(conn, evening + 4 * HOUR)
    before = await flows.alerts.move_due(conn, opening - timedelta(seconds=1))
    kept = await asked(conn)
    await flows.alerts.move_due(conn, opening)

    assert (night["waiting"], dict(before), kept) == (1, {}, [("mentor", people.mentor.id)])
    assert await asked(conn) == [("mentor", people.mentor.id), ("cover", people.cover.id)]


async def test_a_mentor_may_take_an_alert_at_night_before_the_next_one_is_asked(conn: Connection, people: Cast) -> None:
    evening = MORNING + timedelta(hours=11, minutes=30)
    number = await raised(conn, people.mentee)
    await flows.alerts.move_due(conn, evening)
    await flows.alerts.move_due(conn, evening + 4 * HOUR)

    await text(conn, people.mentor, f"OK {number}", at=evening + 5 * HOUR)
    await flows.alerts.move_due(conn, MORNING + 23 * HOUR)

    assert await asked(conn) == [("mentor", people.mentor.id)]
    assert await conn.fetchval("select acknowledged_by from alerts") == people.mentor.id


async def test_who_is_in_only_days_from_now_is_passed_over_and_the_step_says_so(conn: Connection, people: Cast) -> None:
    await chose(conn, people.mentor, Chosen(hours=(Window(4, time(9), time(12)),)))
    await raised(conn, people.mentee)

    await flows.alerts.move_due(conn, MORNING)

    assert await steps(conn) == [("mentor", "off_hours"), ("cover", "asked")]


async def test_a_crisis_goes_through_hours_limit_and_digest(conn: Connection, people: Cast) -> None:
    await chose(conn, people.mentor, Chosen(hours=AFTERNOONS, digest_at=time(14), limit=1))
    await raised(conn, people.mentee)
    await conn.execute("update alerts set owner_id = $1, next_step_at = next_step_at + '1 day'", people.mentor.id)
    await text(conn, people.mentee, PLAIN, at=MORNING)

    await flows.alerts.move_due(conn, MORNING)

    row = await conn.fetchrow("select result, outside from alert_steps where role = 'mentor'")
    assert row is not None
    assert (row["result"], row["outside"]) == ("asked", True)


async def test_not_even_a_crisis_is_texted_to_somebody_on_leave(conn: Connection, people: Cast) -> None:
    leave = NewLeave(first=MONDAY, last=MONDAY + 6 * DAY)
    await chose(conn, people.mentor, Chosen(), leave)
    await text(conn, people.mentee, PLAIN, at=MORNING)

    await flows.alerts.move_due(conn, MORNING)

    assert await steps(conn) == [("mentor", "away"), ("cover", "asked"), ("coordinator", "asked")]
    assert await sent_to(conn, people.mentor) == []


async def test_whoever_stands_in_for_a_leave_comes_before_the_cover_and_may_take_the_alert(
    conn: Connection, people: Cast
) -> None:
    leave = NewLeave(first=MONDAY, last=MONDAY, cover_id=people.other_mentor.id)
    await chose(conn, people.mentor, Chosen(), leave)
    number = await raised(conn, people.mentee)

    await flows.alerts.move_due(conn, MORNING)
    await text(conn, people.other_mentor, f"OK {number}", at=MORNING + HOUR)

    assert await asked(conn) == [("cover", people.other_mentor.id)]
    assert (await sent_to(conn, people.other_mentor))[-1] == told(Text.alert_yours, number=number)


async def test_after_the_leave_the_stand_in_has_no_say(conn: Connection, people: Cast) -> None:
    leave = NewLeave(first=MONDAY, last=MONDAY, cover_id=people.other_mentor.id)
    await chose(conn, people.mentor, Chosen(), leave)
    await raised(conn, people.mentee)

    assert len(await store.alerts.open_for(conn, people.other_mentor.id, MORNING)) == 1
    assert await store.alerts.open_for(conn, people.other_mentor.id, MORNING + DAY) == []


async def test_over_the_limit_the_next_person_is_asked_at_once(conn: Connection, people: Cast) -> None:
    await chose(conn, people.mentor, Chosen(limit=1))
    await raised(conn, people.mentee, Kind.trend)
    await flows.alerts.move_due(conn, MORNING)

    await raised(conn, people.mentee)
    await flows.alerts.move_due(conn, MORNING + timedelta(minutes=1))

    assert await steps(conn) == [("mentor", "asked"), ("mentor", "over_limit"), ("cover", "asked")]


async def test_what_can_wait_comes_together_at_the_chosen_time_and_names_nobody(conn: Connection, people: Cast) -> None:
    await conn.execute("update assignments set mentor_id = $1 where kind = 'primary'", people.mentor.id)
    await chose(conn, people.mentor, Chosen(digest_at=time(12, 30)))
    numbers = [
        await raised(conn, people.mentee, Kind.silence),
        await raised(conn, people.mentee, Kind.practical_help),
        await raised(conn, people.other_mentee, Kind.practical_help),
    ]

    early = await flows.alerts.move_due(conn, MORNING)
    await flows.alerts.move_due(conn, MORNING + timedelta(hours=3, minutes=30))

    assert early["waiting"] == 3
    listed = ", ".join(str(number) for number in sorted(numbers))
    assert await sent_to(conn, people.mentor) == [
        f"3 things can wait: {listed}. Reply OK and a number once you have seen it."
    ]


async def test_a_digest_that_does_not_arrive_moves_all_of_its_alerts_on(conn: Connection, people: Cast) -> None:
    await raised(conn, people.mentee, Kind.silence)
    await raised(conn, people.mentee, Kind.practical_help)
    await flows.alerts.move_due(conn, MORNING)
    message = await conn.fetchval("select id from outbox where person_id = $1", people.mentor.id)

    await store.alert_steps.undelivered(conn, [message], MORNING + timedelta(minutes=1))
    await flows.alerts.move_due(conn, MORNING + timedelta(minutes=1))

    assert (await steps(conn)).count(("coordinator", "asked")) == 2
    assert await conn.fetchval("select count(*) from alert_steps where became = 'undelivered'") == 2


@pytest.mark.parametrize("language", core.texts.LANGUAGES)
@pytest.mark.parametrize("count", [2, 8, 9, 40])
def test_a_digest_is_one_segment_however_many_there_are(language: str, count: int) -> None:
    body = core.texts.render(Text.digest, language, numbers=range(99_999 - count, 99_999))

    assert core.segments.segments(body) == 1
    assert str(count) in body
    assert ("..." in body) == (count > 8)


async def test_a_digest_outside_the_hours_is_refused_and_nothing_is_changed(conn: Connection, people: Cast) -> None:
    with pytest.raises(BadInput):
        await chose(conn, people.mentor, Chosen(hours=AFTERNOONS, digest_at=time(9)))

    assert await store.availability.of(conn, people.mentor.id) == Chosen()


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (MONDAY - 3 * DAY, MONDAY - DAY),
        (MONDAY + 3 * DAY, MONDAY + DAY),
        (MONDAY, MONDAY + 400 * DAY),
        (date(1, 1, 1), MONDAY),
    ],
)
async def test_leave_that_is_over_backwards_or_endless_is_refused(
    conn: Connection, people: Cast, first: date, last: date
) -> None:
    with pytest.raises(BadInput):
        await chose(conn, people.mentor, Chosen(), NewLeave(first=first, last=last))

    assert await store.absences.coming(conn, people.mentor.id, MORNING) == []


@pytest.mark.parametrize("name", ["mentor", "mentee", "stranger"])
async def test_only_another_mentor_or_coordinator_of_the_program_can_stand_in(
    conn: Connection, people: Cast, name: str
) -> None:
    cover: Person = getattr(people, name)

    with pytest.raises(BadInput):
        await chose(conn, people.mentor, Chosen(), NewLeave(first=MONDAY, last=MONDAY, cover_id=cover.id))


async def test_a_mentee_has_nothing_to_choose(conn: Connection, people: Cast) -> None:
    with pytest.raises(UnknownPerson):
        await flows.availability.read(conn, people.mentee, MORNING)


async def test_leave_is_by_the_mentors_own_calendar_and_ends_by_itself_or_by_hand(
    conn: Connection, people: Cast
) -> None:
    coming = NewLeave(first=MONDAY + DAY, last=MONDAY + 2 * DAY)
    later = NewLeave(first=MONDAY + 20 * DAY, last=MONDAY + 20 * DAY)
    await chose(conn, people.mentor, Chosen(), coming, later)

    found = (await flows.availability.read(conn, people.mentor, MORNING)).leave
    await flows.availability.change(conn, people.mentor, Chosen(), [], [found[1].id], MORNING)
    left = (await flows.availability.read(conn, people.mentor, MORNING)).leave

    zone = people.mentor.time_zone
    midnight = core.wall.instant(MONDAY + DAY, core.wall.MIDNIGHT, zone)
    assert (found[0].starts_at, found[0].ends_at) == (midnight, midnight + 2 * DAY)
    assert left == found[:1]


async def test_a_mentee_who_comes_back_after_a_stop_is_told_of_once_it_can_wait(conn: Connection, people: Cast) -> None:
    await text(conn, people.mentee, "STOP", at=MORNING)
    await text(conn, people.mentee, "START", at=MORNING + HOUR)

    kinds = await conn.fetch("select kind, urgency::text from alerts order by raised_at")

    assert [tuple(row) for row in kinds] == [("opted_out", "hours"), ("came_back", "digest")]


@pytest.mark.parametrize("kind", [Kind.call_me, Kind.silence])
async def test_what_did_not_leave_in_a_mentors_hours_does_not_leave_after_them(
    conn: Connection, people: Cast, kind: Kind
) -> None:
    await chose(conn, people.mentor, Chosen(hours=OFFICE))
    await store.alerts.raise_for(conn, people.mentee.id, kind, {}, MORNING)

    await flows.alerts.move_due(conn, CLOSING - 2 * MINUTE)

    assert len((await store.outbox.claim_due(conn, CLOSING - MINUTE, MINUTE, 10)).readable) == 1
    await conn.execute("update outbox set status = 'queued', claimed_until = null")
    assert (await store.outbox.claim_due(conn, CLOSING, MINUTE, 10)).readable == []


async def test_a_digest_that_did_not_leave_in_a_mentors_hours_does_not_leave_after_them(
    conn: Connection, people: Cast
) -> None:
    await chose(conn, people.mentor, Chosen(hours=OFFICE))
    for kind in (Kind.silence, Kind.practical_help):
        await store.alerts.raise_for(conn, people.mentee.id, kind, {}, MORNING)

    await flows.alerts.move_due(conn, CLOSING - 2 * MINUTE)

    assert await conn.fetchval("select expires_at from outbox") == CLOSING


async def test_a_crisis_that_did_not_leave_in_a_mentors_hours_leaves_after_them(conn: Connection, people: Cast) -> None:
    await chose(conn, people.mentor, Chosen(hours=OFFICE))
    await text(conn, people.mentee, PLAIN, at=CLOSING - 2 * MINUTE)

    await flows.alerts.move_due(conn, CLOSING - 2 * MINUTE)

    expires_at = await conn.fetchval("select expires_at from outbox where person_id = $1", people.mentor.id)
    assert expires_at > CLOSING


async def test_asking_how_it_went_ends_with_the_hours_too(conn: Connection, people: Cast) -> None:
    await chose(conn, people.mentor, Chosen(hours=OFFICE))
    number = await raised(conn, people.mentee)
    await text(conn, people.mentor, f"SNOOZE {number}", at=CLOSING - 4 * HOUR - 2 * MINUTE)

    await flows.alerts.move_due(conn, CLOSING - 2 * MINUTE)

    assert (await sent_to(conn, people.mentor))[-1] == told(Text.alert_again, number=number)
    assert await conn.fetchval("select max(expires_at) from outbox where lane = 'alert'") == CLOSING


async def test_a_notice_waits_for_the_hours_that_a_coordinator_chose(conn: Connection, people: Cast) -> None:
    await chose(conn, people.coordinator, Chosen(hours=OFFICE))

    await text(conn, people.mentor, "STOP", at=MORNING - DAY)

    assert await conn.fetchval("select not_before from outbox") == MORNING
