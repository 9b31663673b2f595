"""Practical help by text and through its alert: asked for, taken, overdue, brought to an end."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from checkin import core, flows, store
from checkin.core.alerts import Kind
from checkin.core.errors import AlreadyEnded, BadInput, UnknownHelpRequest
from checkin.core.help_requests import Outcome, Topic
from checkin.core.people import Person
from checkin.core.texts import Text
from checkin.store.help_requests import HelpRequest
from checkin.store.pool import Connection
from tests.people import DAY, MONDAY, NOW, Cast
from tests.phones import sent_to, text, told

A_MINUTE = timedelta(minutes=1)


async def requests(conn: Connection, mentee: Person) -> list[HelpRequest]:
    return await store.help_requests.own(conn, mentee.id)


async def asked(conn: Connection, people: Cast, words: str = "a bus pass", due_on: date | None = None) -> UUID:
    """Let the mentee ask in the app, and the mentor be told."""
    request = await flows.help_requests.ask(conn, people.mentee, Topic.transport, words, NOW, wanted=due_on)
    await flows.alerts.move_due(conn, NOW)
    return request


async def standing(conn: Connection, people: Cast) -> list[str]:
    return [one.standing.status.value for one in await requests(conn, people.mentee)]


@pytest.mark.parametrize(
    ("body", "words"), [("NEED bus pass", "NEED bus pass"), ("7 5 need a bus pass", "need a bus pass")]
)
async def test_a_text_that_needs_something_is_a_request_under_one_alert(
    conn: Connection, people: Cast, body: str, words: str
) -> None:
    await text(conn, people.mentee, body)
    await flows.alerts.move_due(conn, NOW + A_MINUTE)

    [request] = await requests(conn, people.mentee)
    assert (request.topic, request.words, request.due_on) == (Topic.transport, words, MONDAY + 7 * DAY)
    assert (request.standing.status, request.owner_id) == ("open", people.mentor.id)
    number = await conn.fetchval("select number from alerts")
    assert await sent_to(conn, people.mentor) == [told(Text.notice, number=number)]


async def test_the_same_words_on_the_same_day_are_one_request_until_it_has_its_outcome(
    conn: Connection, people: Cast
) -> None:
    first = await asked(conn, people)
    again = await asked(conn, people)
    await flows.help_requests.end(conn, people.mentor, first, Outcome.helped, None, NOW)

    anew = await asked(conn, people)

    assert (first == again, first == anew) == (True, False)
    assert sorted(await standing(conn, people)) == ["done", "open"]


async def test_a_second_request_joins_the_alert_and_it_is_announced_anew(conn: Connection, people: Cast) -> None:
    await asked(conn, people)
    await text(conn, people.mentor, "OK")

    await asked(conn, people, "something to eat")

    assert await conn.fetchval("select count(*) from alerts") == 1
    notice = told(Text.notice, number=await conn.fetchval("select number from alerts"))
    assert (await sent_to(conn, people.mentor)).count(notice) == 2
    assert await standing(conn, people) == ["open", "open"]


@pytest.mark.parametrize(("word", "outcome"), [("CALLED", "talked"), ("REFERRED", "referred"), ("SAFE", "safe")])
async def test_closing_the_alert_by_text_closes_what_was_asked_under_it(
    conn: Connection, people: Cast, word: str, outcome: str
) -> None:
    await asked(conn, people)
    await asked(conn, people, "something to eat")
    number = await conn.fetchval("select number from alerts")

    await text(conn, people.mentor, f"{word} {number} she has it")

    found = [(one.standing.status, one.standing.outcome, one.note) for one in await requests(conn, people.mentee)]
    assert found == [("done", outcome, "she has it")] * 2


async def test_the_last_outcome_closes_the_alert_and_no_earlier_one(conn: Connection, people: Cast) -> None:
    first, second = await asked(conn, people), await asked(conn, people, "something to eat")

    await flows.help_requests.end(conn, people.mentor, first, Outcome.not_needed, None, NOW)
    between = await conn.fetchval("select resolved_at from alerts")
    await flows.help_requests.end(conn, people.cover, second, Outcome.referred, "the pantry on 5th", NOW)

    row = await conn.fetchrow("select resolved_at, outcome, next_step_at from alerts")
    assert between is None
    assert row is not None
    assert tuple(row) == (NOW, "referred", None)
    assert {(one.id, one.standing.status) for one in await requests(conn, people.mentee)} == {
        (first, "dropped"),
        (second, "done"),
    }


async def test_an_alert_that_asks_for_more_than_its_requests_stays_open(conn: Connection, people: Cast) -> None:
    await text(conn, people.mentee, "HELP")
    request = await asked(conn, people)

    await flows.help_requests.end(conn, people.mentor, request, Outcome.helped, None, NOW)

    assert await standing(conn, people) == ["done"]
    assert await conn.fetchval("select resolved_at from alerts") is None


async def test_what_is_taken_and_overdue_reaches_the_mentor_again_then_the_coordinator(
    conn: Connection, people: Cast
) -> None:
    request = await asked(conn, people, due_on=MONDAY + 2 * DAY)
    await flows.help_requests.take(conn, people.mentor, request, None, NOW)
    over = core.wall.instant(MONDAY + 3 * DAY, core.wall.MIDNIGHT, people.mentee.time_zone)
    noon = over + timedelta(hours=12)

    before = await flows.alerts.move_due(conn, over - A_MINUTE)
    await flows.alerts.move_due(conn, noon)
    to_mentor, to_coordinator = len(await sent_to(conn, people.mentor)), len(await sent_to(conn, people.coordinator))
    await flows.alerts.move_due(conn, noon + DAY)

    assert not before
    assert (to_mentor, to_coordinator) == (2, 0)
    assert len(await sent_to(conn, people.coordinator)) == 1
    assert await sent_to(conn, people.cover) == []


async def test_taken_by_text_it_comes_back_when_it_is_overdue_too(conn: Connection, people: Cast) -> None:
    await asked(conn, people, due_on=MONDAY + DAY)

    await text(conn, people.mentor, "OK")

    over = core.wall.instant(MONDAY + 2 * DAY, core.wall.MIDNIGHT, people.mentee.time_zone)
    assert await conn.fetchval("select next_step_at from alerts") == over
    assert await standing(conn, people) == ["taken"]


async def test_whoever_takes_it_sets_another_day(conn: Connection, people: Cast) -> None:
    request = await asked(conn, people)

    taken = await flows.help_requests.take(conn, people.mentor, request, MONDAY + 20 * DAY, NOW)

    assert (taken.due_on, taken.taken_by, taken.standing.status) == (MONDAY + 20 * DAY, people.mentor.id, "taken")
    over = core.wall.instant(MONDAY + 21 * DAY, core.wall.MIDNIGHT, people.mentee.time_zone)
    assert await conn.fetchval("select next_step_at from alerts") == over


async def test_what_somebody_has_stays_with_them(conn: Connection, people: Cast) -> None:
    request = await asked(conn, people)
    await flows.help_requests.take(conn, people.mentor, request, None, NOW)

    seen = await flows.help_requests.take(conn, people.cover, request, MONDAY + DAY, NOW)

    assert (seen.taken_by, seen.due_on) == (people.mentor.id, MONDAY + 7 * DAY)


async def test_an_outcome_is_written_once(conn: Connection, people: Cast) -> None:
    request = await asked(conn, people)
    await flows.help_requests.end(conn, people.mentor, request, Outcome.helped, "done", NOW)

    for again in (
        flows.help_requests.end(conn, people.cover, request, Outcome.not_possible, "no", NOW),
        flows.help_requests.take(conn, people.cover, request, None, NOW),
    ):
        with pytest.raises(AlreadyEnded):
            await again

    [found] = await requests(conn, people.mentee)
    assert (found.standing.outcome, found.note) == ("helped", "done")


@pytest.mark.parametrize("days", [-1, 91])
async def test_a_day_out_of_reach_is_refused(conn: Connection, people: Cast, days: int) -> None:
    with pytest.raises(BadInput):
        await asked(conn, people, due_on=MONDAY + days * DAY)

    assert await conn.fetchval("select count(*) from alerts") == 0


async def test_nobody_else_finds_it(conn: Connection, people: Cast) -> None:
    request = await asked(conn, people)

    for name in ("mentee", "other_mentee", "other_mentor", "stranger"):
        with pytest.raises(UnknownHelpRequest):
            await flows.help_requests.end(conn, getattr(people, name), request, Outcome.helped, None, NOW)

    assert await standing(conn, people) == ["open"]


async def test_asking_for_a_call_twice_is_one_call_until_somebody_called(conn: Connection, people: Cast) -> None:
    first = await flows.help_requests.call(conn, people.mentee.id, NOW)
    again = await flows.help_requests.call(conn, people.mentee.id, NOW + A_MINUTE)
    [alert] = await store.alerts.open_for(conn, people.mentor.id, NOW)
    async with conn.transaction():
        await flows.alerts.close(conn, people.mentor, alert, "sms", core.alerts.Outcome.talked, None, NOW)

    later = await flows.help_requests.call(conn, people.mentee.id, NOW + DAY)

    assert (alert.kind, len(alert.evidence)) == (Kind.call_me, 1)
    assert (first, again, later) == (NOW, NOW, NOW + DAY)


async def test_danger_in_the_words_of_a_request_is_heard(conn: Connection, people: Cast) -> None:
    await asked(conn, people, "a ride, i want to kill myself")

    kinds = {row["kind"] for row in await conn.fetch("select kind from alerts")}
    assert kinds == {"practical_help", "crisis"}
    assert await sent_to(conn, people.mentee) == [told(Text.crisis)]
