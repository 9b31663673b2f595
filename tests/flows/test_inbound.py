"""Texts that come in, against a real database."""

import asyncio
from datetime import timedelta

import pytest

from checkin import flows, store
from checkin.core.texts import Text
from checkin.flows.inbound import InboundText
from checkin.store.pool import Connection, Pool
from tests.people import DAY, FALLING, MONDAY, NOW, STEADY, Cast, check_in_daily
from tests.phones import sent_to, text, told


async def test_two_numbers_are_a_check_in_and_get_a_thank_you(conn: Connection, people: Cast) -> None:
    kind = await text(conn, people.mentee, "7 5 rough day, slept 4 hours")

    stored = await store.check_ins.one(conn, people.mentee.id, MONDAY)
    assert kind == "scores"
    assert stored is not None
    assert (stored.mood, stored.hope, stored.note, stored.source) == (7, 5, "rough day, slept 4 hours", "sms")
    assert await sent_to(conn, people.mentee) == [told(Text.thanks)]


async def test_one_number_is_asked_for_the_other_and_completed_by_it(conn: Connection, people: Cast) -> None:
    await text(conn, people.mentee, "7 tired")
    await text(conn, people.mentee, "4", at=NOW + timedelta(hours=1))

    stored = await store.check_ins.one(conn, people.mentee.id, MONDAY)
    assert stored is not None
    assert (stored.mood, stored.hope, stored.note) == (7, 4, "tired")
    assert await sent_to(conn, people.mentee) == [told(Text.ask_hope), told(Text.thanks)]


async def test_after_two_hours_a_single_number_is_a_new_answer(conn: Connection, people: Cast) -> None:
    await text(conn, people.mentee, "7")
    await text(conn, people.mentee, "4", at=NOW + timedelta(hours=2, minutes=1))

    stored = await store.check_ins.one(conn, people.mentee.id, MONDAY)
    assert stored is not None
    assert (stored.mood, stored.hope) == (4, None)


async def test_the_detector_hears_a_text_only_once_it_has_both_scores(conn: Connection, people: Cast) -> None:
    await text(conn, people.mentee, "7")
    half = await store.check_ins.read(conn, people.mentee.id, MONDAY)
    await text(conn, people.mentee, "4")
    whole = await store.check_ins.read(conn, people.mentee.id, MONDAY)

    assert half is not None
    assert whole is not None
    assert half.trail.state.reports == 0
    assert whole.trail.state.reports == 1


async def test_a_correction_replaces_and_the_first_answer_stays_in_the_history(conn: Connection, people: Cast) -> None:
    await text(conn, people.mentee, "7 5")
    await text(conn, people.mentee, "sorry i meant 4 6", at=NOW + timedelta(minutes=1))

    stored = await store.check_ins.one(conn, people.mentee.id, MONDAY)
    assert stored is not None
    assert (stored.mood, stored.hope) == (4, 6)
    assert await conn.fetchval("select mood from check_in_history") == 7
    assert await sent_to(conn, people.mentee) == [told(Text.thanks), told(Text.changed)]


async def test_a_skip_does_not_take_an_answer_away(conn: Connection, people: Cast) -> None:
    await text(conn, people.mentee, "7 5")
    await text(conn, people.mentee, "skip")

    stored = await store.check_ins.one(conn, people.mentee.id, MONDAY)
    assert stored is not None
    assert stored.mood == 7


async def test_the_same_message_five_times_at_once_is_one_check_in_and_one_answer(
    pool: Pool, conn: Connection, people: Cast
) -> None:
    incoming = InboundText(sid="SM1", phone=people.mentee.phone or "", body="7 5")

    async def once() -> str:
        async with pool.acquire(patience=10) as own:
            return await flows.inbound.receive(own, incoming, NOW)

    taken = await asyncio.gather(*(once() for _ in range(5)))

    assert sorted(taken) == ["repeated"] * 4 + ["scores"]
    assert await sent_to(conn, people.mentee) == [told(Text.thanks)]


async def test_words_we_cannot_read_are_kept_as_a_note_and_answered_once_a_day(conn: Connection, people: Cast) -> None:
    for minute, words in enumerate(["the weather is what it is", "and so on", "and on"]):
        await text(conn, people.mentee, words, at=NOW + timedelta(minutes=minute))

    stored = await store.check_ins.one(conn, people.mentee.id, MONDAY)
    assert stored is not None
    assert stored.note == "the weather is what it is\nand so on\nand on"
    assert await sent_to(conn, people.mentee) == [told(Text.unclear)]


async def test_stop_ends_texts_cancels_what_waits_and_tells_the_mentor(conn: Connection, people: Cast) -> None:
    await text(conn, people.mentee, "HELP")
    await text(conn, people.mentee, "7 5 STOP")

    person = await store.people.by_id(conn, people.mentee.id)
    assert person is not None
    assert person.opted_out
    assert await conn.fetch("select 1 from outbox where status <> 'cancelled'") == []
    assert await conn.fetchval("select mood from check_ins") == 7
    kinds = {alert.kind for alert in await store.alerts.open_for(conn, people.mentor.id, NOW)}
    assert kinds == {"opted_out", "practical_help"}


async def test_start_brings_texts_back(conn: Connection, people: Cast) -> None:
    await text(conn, people.mentee, "STOP")
    await text(conn, people.mentee, "START")

    person = await store.people.by_id(conn, people.mentee.id)
    assert person is not None
    assert not person.opted_out
    assert await sent_to(conn, people.mentee) == [told(Text.welcome_back)]


async def test_scores_after_stop_are_kept_but_not_answered(conn: Connection, people: Cast) -> None:
    await text(conn, people.mentee, "STOP")
    await text(conn, people.mentee, "7 5")

    assert await conn.fetchval("select mood from check_ins") == 7
    assert await sent_to(conn, people.mentee) == []


async def test_what_the_carrier_took_for_stop_is_stop_whatever_it_says(conn: Connection, people: Cast) -> None:
    incoming = InboundText(sid="SM1", phone=people.mentee.phone or "", body="adios", opt_out="STOP")

    assert await flows.inbound.receive(conn, incoming, NOW) == "opt_out"
    person = await store.people.by_id(conn, people.mentee.id)
    assert person is not None
    assert person.opted_out


async def test_a_pause_silences_the_days_it_names_and_resume_brings_nudges_back(conn: Connection, people: Cast) -> None:
    evening = NOW + timedelta(hours=4)
    await flows.nudges.ask_due(conn, NOW)
    await text(conn, people.mentee, "pause 3 days")
    for day in range(2):
        await flows.nudges.ask_due(conn, evening + day * DAY)
    await text(conn, people.mentee, "resume", at=NOW + 2 * DAY)
    await flows.nudges.ask_due(conn, evening + 2 * DAY)

    rows = await conn.fetch(
        "select day, decision from nudges where mentee_id = $1 and day >= $2 order by day", people.mentee.id, MONDAY
    )
    assert [(row["day"], row["decision"]) for row in rows] == [
        (MONDAY, "paused"),
        (MONDAY + DAY, "paused"),
        (MONDAY + 2 * DAY, "sent"),
    ]
    said = await sent_to(conn, people.mentee)
    assert said[:2] == [told(Text.paused, days=3), told(Text.resumed)]
    assert len(said) == 3


@pytest.mark.parametrize(
    ("words", "kind"),
    [("call me please", "call_me"), ("need bus pass", "practical_help"), ("7 5 need food", "practical_help")],
)
async def test_asking_for_a_person_raises_an_alert(conn: Connection, people: Cast, words: str, kind: str) -> None:
    await text(conn, people.mentee, words)

    assert [alert.kind for alert in await store.alerts.open_for(conn, people.mentor.id, NOW)] == [kind]


@pytest.mark.parametrize("words", ["7 5 help", "2 1 i need to talk to someone", "7 5 STOP"])
async def test_scores_in_front_of_a_request_are_kept(conn: Connection, people: Cast, words: str) -> None:
    await text(conn, people.mentee, words)

    assert await conn.fetchval("select mood from check_ins") == int(words[0])


async def test_an_answer_after_midnight_belongs_to_the_day_of_its_nudge(conn: Connection, people: Cast) -> None:
    six_in_the_evening = NOW + timedelta(hours=3, minutes=6)
    await flows.nudges.ask_due(conn, six_in_the_evening)

    await text(conn, people.mentee, "7 5", at=NOW + timedelta(hours=11))

    assert await store.check_ins.one(conn, people.mentee.id, MONDAY) is not None


async def test_a_number_nobody_has_gets_no_answer_and_is_kept(conn: Connection, people: Cast) -> None:
    incoming = InboundText(sid="SM1", phone="+12125559999", body="7 5")

    assert await flows.inbound.receive(conn, incoming, NOW) == "unknown_number"
    assert await conn.fetchval("select count(*) from inbox") == 1
    assert await conn.fetchval("select count(*) from outbox") == 0


async def test_two_people_on_one_number_are_never_guessed_between(conn: Connection, people: Cast) -> None:
    await conn.execute(
        "update people set phone_hash = (select phone_hash from people where id = $1) where id = $2",
        people.mentee.id,
        people.other_mentee.id,
    )

    assert await text(conn, people.mentee, "7 5") == "shared_phone"
    assert await conn.fetchval("select count(*) from check_ins") == 0


async def test_the_mentor_takes_an_alert_by_ok_with_or_without_its_number(conn: Connection, people: Cast) -> None:
    await check_in_daily(conn, people.mentee, STEADY * 4 + FALLING)
    await flows.alerts.move_due(conn, NOW)

    assert await text(conn, people.mentor, "ok", at=NOW + timedelta(minutes=5)) == "acknowledge"

    alert = (await store.alerts.open_for(conn, people.mentor.id, NOW))[0]
    assert alert.acknowledged_by == people.mentor.id
    assert (await sent_to(conn, people.mentor))[-1] == told(Text.alert_yours, number=alert.number)


async def test_a_mentor_who_comes_second_is_told_that_somebody_has_it(conn: Connection, people: Cast) -> None:
    await check_in_daily(conn, people.mentee, STEADY * 4 + FALLING)
    alert = (await store.alerts.open_for(conn, people.mentor.id, NOW))[0]
    await text(conn, people.mentor, f"OK {alert.number}")

    await text(conn, people.cover, f"OK {alert.number}")

    assert await sent_to(conn, people.cover) == [told(Text.alert_taken, number=alert.number)]


async def test_pass_asks_the_cover_at_once(conn: Connection, people: Cast) -> None:
    await check_in_daily(conn, people.mentee, STEADY * 4 + FALLING)
    await flows.alerts.move_due(conn, NOW)
    alert = (await store.alerts.open_for(conn, people.mentor.id, NOW))[0]

    await text(conn, people.mentor, f"PASS {alert.number}", at=NOW)
    await flows.alerts.move_due(conn, NOW)

    assert await sent_to(conn, people.cover) == [told(Text.alert, number=alert.number)]


async def test_called_closes_with_its_note_and_a_new_fall_opens_a_new_alert(conn: Connection, people: Cast) -> None:
    await check_in_daily(conn, people.mentee, STEADY * 4 + FALLING)
    alert = (await store.alerts.open_for(conn, people.mentor.id, NOW))[0]

    await text(conn, people.mentor, f"CALLED {alert.number} she is ok", at=NOW)

    row = await conn.fetchrow("select id, outcome, outcome_note, resolved_at from alerts")
    assert row is not None
    assert (row["outcome"], row["resolved_at"]) == ("talked", NOW)
    assert conn.vault.open("alerts.outcome_note", row["id"], row["outcome_note"]) == "she is ok"


async def test_somebody_elses_alert_is_unknown_to_a_mentor(conn: Connection, people: Cast) -> None:
    await check_in_daily(conn, people.mentee, STEADY * 4 + FALLING)
    alert = (await store.alerts.open_for(conn, people.mentor.id, NOW))[0]

    await text(conn, people.other_mentor, f"OK {alert.number}")

    assert await sent_to(conn, people.other_mentor) == [told(Text.alert_unknown)]
    assert (await store.alerts.open_for(conn, people.mentor.id, NOW))[0].acknowledged_by is None
