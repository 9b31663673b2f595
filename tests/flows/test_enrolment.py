"""People come in by their own yes, and leave whenever they like."""

from datetime import timedelta

import pytest

from checkin import flows, store
from checkin.core.alerts import Kind
from checkin.core.people import Person, Role, Status
from checkin.core.texts import Text
from checkin.flows.people import NewPerson
from checkin.store.pool import Connection
from tests.people import NOW, ZONE, Cast
from tests.phones import sent_to, text, told


async def newcomer(conn: Connection, people: Cast, *, consented: bool = False, language: str = "en") -> Person:
    row = NewPerson(
        line=2,
        program="Harbor",
        name="Nia",
        phone="+12125550188",
        roles=frozenset({Role.mentee}),
        time_zone=ZONE,
        language=language,
        consented=consented,
    )
    return await flows.people.add(conn, row, people.program, NOW)


async def consents(conn: Connection, person: Person) -> list[tuple[str, bool]]:
    rows = await conn.fetch(
        "select source, withdrawn_at is null as stands from consents where person_id = $1 order by given_at", person.id
    )
    return [(row["source"], row["stands"]) for row in rows]


async def current(conn: Connection, person: Person) -> Person:
    found = await store.people.by_id(conn, person.id)
    assert found is not None
    return found


async def test_a_new_mentee_is_asked_first_and_nothing_else_happens(conn: Connection, people: Cast) -> None:
    nia = await newcomer(conn, people)

    await flows.nudges.ask_due(conn, NOW + timedelta(hours=4))

    assert nia.status is Status.invited
    assert await sent_to(conn, nia) == [told(Text.invite, program="Harbor")]
    assert await consents(conn, nia) == []


@pytest.mark.parametrize(("language", "yes"), [("en", "YES"), ("en", "start"), ("es", "sí"), ("es", "Acepto!")])
async def test_their_yes_makes_them_active_and_is_kept_with_its_words(
    conn: Connection, people: Cast, language: str, yes: str
) -> None:
    nia = await newcomer(conn, people, language=language)

    await text(conn, nia, yes)

    assert (await current(conn, nia)).status is Status.active
    assert await consents(conn, nia) == [("sms", True)]
    assert (await sent_to(conn, nia))[-1] == told(Text.welcome, language, program="Harbor")
    version = await conn.fetchval("select version from consents where person_id = $1", nia.id)
    assert len(version) == 12


async def test_scores_before_a_yes_are_answered_with_the_question(conn: Connection, people: Cast) -> None:
    nia = await newcomer(conn, people)

    await text(conn, nia, "7 5")

    assert (await current(conn, nia)).status is Status.invited
    assert await sent_to(conn, nia) == [told(Text.invite, program="Harbor")] * 2


async def test_paper_consent_begins_at_once(conn: Connection, people: Cast) -> None:
    nia = await newcomer(conn, people, consented=True)

    assert nia.status is Status.active
    assert await consents(conn, nia) == [("paper", True)]
    assert await sent_to(conn, nia) == []


async def test_stop_withdraws_and_start_is_a_new_consent(conn: Connection, people: Cast) -> None:
    nia = await newcomer(conn, people)
    for words in ("yes", "stop", "start"):
        await text(conn, nia, words)

    assert await consents(conn, nia) == [("sms", False), ("sms", True)]
    assert not (await current(conn, nia)).opted_out
    assert (await sent_to(conn, nia))[-1] == told(Text.welcome_back)


@pytest.mark.parametrize(
    ("texts", "started", "answers"),
    [
        (["START", "START"], 0, []),
        (["STOP", "START", "START"], 1, [Text.welcome_back]),
        (["STOP", "START", "STOP", "START"], 2, [Text.welcome_back]),
    ],
)
async def test_a_start_is_written_down_when_it_starts_something(
    conn: Connection, people: Cast, texts: list[str], started: int, answers: list[Text]
) -> None:
    for minute, words in enumerate(texts):
        await text(conn, people.mentee, words, at=NOW + timedelta(minutes=minute))

    assert await conn.fetchval("select count(*) from audit where action = 'texts.started'") == started
    assert await sent_to(conn, people.mentee) == [told(one) for one in answers]


async def test_a_mentors_start_is_answered_with_what_comes_again(conn: Connection, people: Cast) -> None:
    for words in ("STOP", "START"):
        await text(conn, people.mentor, words)

    assert await sent_to(conn, people.mentor) == [told(Text.mentor_welcome_back)]


async def test_stop_before_a_yes_is_honoured(conn: Connection, people: Cast) -> None:
    nia = await newcomer(conn, people)

    await text(conn, nia, "STOP")

    assert (await current(conn, nia)).opted_out
    assert await sent_to(conn, nia) == []


async def test_a_wrong_number_is_also_told_to_the_coordinator(conn: Connection, people: Cast) -> None:
    nia = await newcomer(conn, people)

    await text(conn, nia, "wrong number")

    assert (await current(conn, nia)).opted_out
    assert await sent_to(conn, people.coordinator) == [told(Text.wrong_number)]


async def test_a_wrong_number_is_told_again_on_another_day(conn: Connection, people: Cast) -> None:
    for days, words in [(0, "wrong number"), (0, "wrong number"), (1, "START"), (60, "wrong number")]:
        await text(conn, people.mentee, words, at=NOW + timedelta(days=days))

    assert await sent_to(conn, people.coordinator) == [told(Text.wrong_number)] * 2


async def test_a_mentors_stop_is_told_to_the_coordinator(conn: Connection, people: Cast) -> None:
    await text(conn, people.mentor, "STOP")

    assert await sent_to(conn, people.coordinator) == [told(Text.mentor_stopped)]


async def test_leave_sends_alerts_to_the_cover_and_ends_with_back(conn: Connection, people: Cast) -> None:
    await text(conn, people.mentor, "AWAY 2 WEEKS")
    away = await store.people.assigned(conn, people.mentee.id, NOW + timedelta(days=13))
    await text(conn, people.mentor, "BACK", at=NOW + timedelta(days=1))
    again = await store.people.assigned(conn, people.mentee.id, NOW + timedelta(days=2))

    assert [one.away for one in away["primary"]] == [True]
    assert [one.away for one in again["primary"]] == [False]
    assert await sent_to(conn, people.mentor) == [told(Text.away_until, days=14), told(Text.back)]


async def test_two_robots_never_talk_for_ever(conn: Connection, people: Cast) -> None:
    for number in range(6):
        await text(conn, people.mentee, "SKIP", at=NOW + timedelta(minutes=number))
    await text(conn, people.mentee, "SKIP", at=NOW + timedelta(minutes=65))

    assert await sent_to(conn, people.mentee) == [told(Text.skipped)] * 4


@pytest.mark.parametrize(("often", "apart"), [(12, timedelta(minutes=20)), (4, timedelta(hours=23, minutes=59))])
@pytest.mark.parametrize(
    ("who", "words", "expected"),
    [
        ("mentee", "75", Text.unclear),
        ("mentor", "Main Street Pizza, we open at eleven", Text.mentor_unclear),
        ("newcomer", "Main Street Pizza, we open at eleven", Text.invite),
    ],
)
async def test_what_answers_anything_is_said_once_a_day_and_every_day(
    conn: Connection, people: Cast, who: str, words: str, expected: Text, often: int, apart: timedelta
) -> None:
    nia = await newcomer(conn, people)
    sender = {"mentee": people.mentee, "mentor": people.mentor, "newcomer": nia}[who]
    before = await sent_to(conn, sender)

    for number in range(often):
        await text(conn, sender, words, at=NOW + number * apart)

    days = 1 if apart < timedelta(hours=1) else often
    assert await sent_to(conn, sender) == [*before, *[told(expected)] * days]


async def test_who_is_mentor_and_mentee_is_read_as_both(conn: Connection, people: Cast) -> None:
    await conn.execute("update people set roles = '{mentee,mentor}' where id = $1", people.mentee.id)

    assert await text(conn, people.mentee, "7 5") == "scores"
    assert await text(conn, people.mentee, "OK 41") == "acknowledge"


@pytest.mark.parametrize(
    ("words", "without_alert", "with_alert"),
    [
        ("pass", "skip", "pass"),
        ("ok 7 5", "scores", "scores"),
        ("ok 7", "partial", "acknowledge"),
        ("safe", "safe", "safe"),
    ],
)
async def test_who_is_both_answers_as_a_mentee_where_no_alert_is_meant(
    conn: Connection, people: Cast, words: str, without_alert: str, with_alert: str
) -> None:
    await conn.execute("update people set roles = '{mentee,mentor}' where id = $1", people.mentee.id)

    assert await text(conn, people.mentee, words) == without_alert

    hers = "update assignments set mentor_id = $1 where mentee_id = $2"
    await conn.execute(hers, people.mentee.id, people.other_mentee.id)
    await store.alerts.raise_for(conn, people.other_mentee.id, Kind.call_me, {}, NOW)
    await conn.execute("update alerts set number = 7 where kind = 'call_me'")
    await flows.alerts.move_due(conn, NOW)
    assert await text(conn, people.mentee, words) == with_alert


async def test_a_programs_own_words_and_crisis_line_are_used(conn: Connection, people: Cast) -> None:
    await store.people.save_text(conn, people.program, "thanks", "en", "Harbor says thank you.")
    await conn.execute("update programs set crisis_line = 'call 555 0100' where id = $1", people.program)

    await text(conn, people.mentee, "7 5")
    await text(conn, people.mentee, "i want to die")

    first, second = await sent_to(conn, people.mentee)
    assert first == "Harbor says thank you."
    assert "call 555 0100" in second
