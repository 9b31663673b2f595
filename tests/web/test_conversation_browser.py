"""A conversation in Spanish, typed into the sandbox page from invitation to STOP, and what every phone shows of it."""

import asyncio
import os
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest

from checkin import store
from checkin.clock import Clock
from checkin.config import Settings, new_secrets
from checkin.core.texts import Text
from checkin.embedded import Embedded
from checkin.store.vault import Vault
from tests.running import running_system, sandbox_environ
from tests.skipping import skip
from tests.web import conversation
from tests.web.browsers import CHROMIUM
from tests.web.conftest import Stage
from tests.web.conversation import COORDINATOR, COVER, IN_DANGER, MENTEE, MENTOR, PHONES, Seen, casa

DATABASES = count(1)


@pytest.fixture(scope="module")
def seen(server: Embedded, template: str) -> Iterator[Seen]:
    """The conversation, had once in a browser with a running system whose people came by `checkin people import`."""
    if CHROMIUM is None:
        skip("no Chromium on this machine: install it (apt-get install chromium) to try the page in a browser")
    name = f"casa{os.getpid()}_{next(DATABASES)}"
    server.create_database(name, template)
    secrets = new_secrets()
    keys = Settings(
        token_secret=secrets["token_secret"],
        encryption_keys=secrets["encryption_keys"],
        lookup_key=secrets["lookup_key"],
    )
    environ = sandbox_environ(keys)
    url = server.url(name)
    zone = conversation.zone_at_midday(Clock().now())
    conversation.bring_in(url, environ, zone)
    with running_system(url, environ) as base:
        yield asyncio.run(conversation.converse(Stage(base, url, Vault(keys.encryption_keys, keys.lookup_key)), zone))


def test_her_phone_shows_every_answer_and_nothing_after_alto(seen: Seen) -> None:
    assert seen.phones[MENTEE] == [
        ("us", casa(Text.invite)),
        ("them", "si"),
        ("us", casa(Text.welcome)),
        ("them", "7 5"),
        ("us", casa(Text.thanks)),
        ("them", "corrige 4 6"),
        ("us", casa(Text.changed)),
        ("them", "PAUSA 3 DIAS"),
        ("us", casa(Text.paused, days=3)),
        ("them", "REANUDAR"),
        ("us", casa(Text.resumed)),
        ("them", IN_DANGER),
        ("us", casa(Text.crisis)),
        ("them", "ALTO"),
    ]


def test_a_day_after_alto_nothing_has_come(seen: Seen) -> None:
    assert seen.day_after == seen.phones[MENTEE]


def test_the_answer_to_danger_names_the_line_and_the_emergency_number(seen: Seen) -> None:
    answer = casa(Text.crisis)

    assert "988" in answer
    assert "911" in answer
    assert IN_DANGER not in answer
    assert ("us", answer) in seen.phones[MENTEE]


def test_the_mentor_hears_of_danger_takes_it_and_hears_that_she_has_left(seen: Seen) -> None:
    assert seen.phones[MENTOR] == [
        ("us", casa(Text.crisis_alert, number=seen.crisis)),
        ("them", f"VOY {seen.crisis}"),
        ("us", casa(Text.alert_yours, number=seen.crisis)),
        ("us", casa(Text.alert, number=seen.left)),
    ]


def test_the_coordinator_hears_of_danger_together_with_the_mentor(seen: Seen) -> None:
    assert seen.phones[COORDINATOR] == [("us", casa(Text.crisis_alert, number=seen.crisis))]


def test_the_cover_is_left_in_peace_while_the_mentor_answers(seen: Seen) -> None:
    assert seen.phones[COVER] == []


def test_the_panel_says_how_urgent_it_is_and_who_was_asked_but_not_her_words(seen: Seen) -> None:
    assert "Urgent" in seen.views["crisis"].panel
    assert f"asked: {MENTOR}, {COORDINATOR}" in seen.views["crisis"].panel
    assert f"taken by {MENTOR}" in seen.views["taken"].panel
    assert IN_DANGER not in seen.views["crisis"].panel + seen.views["taken"].panel


def test_her_phone_suggests_what_is_worth_texting_now(seen: Seen) -> None:
    assert seen.views["invited"].hint == "Try SI, ALTO, AYUDA"
    assert seen.views["active"].hint == "Try 7 5 dormi bien, CORRIGE 6 5, SALTAR, PAUSA 3 DIAS, LLAMAME, ALTO"
    assert seen.views["paused"].hint == "Try REANUDAR, 7 5 dormi bien, LLAMAME, ALTO"
    assert seen.views["left"].hint == "Try SI"


def test_the_clock_says_when_she_is_asked_next_or_why_not(seen: Seen) -> None:
    resumes_on = Clock().now().astimezone(ZoneInfo(seen.zone)).date() + timedelta(days=3)

    assert seen.views["invited"].nudge == f"{MENTEE} has not said yes, so no nudge will leave"
    assert seen.views["paused"].nudge.startswith(f"Next nudge: {resumes_on:%a %d %b}")
    assert seen.views["left"].nudge == f"{MENTEE} has stopped texts, so no nudge will leave"


def test_the_page_fits_at_every_width_with_all_of_it(seen: Seen) -> None:
    assert seen.too_wide == []


async def test_the_correction_stands_and_what_it_replaced_is_kept(seen: Seen) -> None:
    async with seen.database() as conn:
        mentee = await seen.mentee(conn)
        standing = await store.check_ins.latest(conn, mentee.id, None, 9)
        earlier = await conn.fetch("select mood, hope from check_in_history order by answered_at")

    assert [(one.mood, one.hope, one.note) for one in standing] == [(4, 6, IN_DANGER)]
    assert tuple(earlier[0]) == (7, 5)


async def test_her_yes_and_her_no_are_both_written_down(seen: Seen) -> None:
    async with seen.database() as conn:
        mentee = await seen.mentee(conn)
        consents = await conn.fetch(
            "select purpose, source, withdrawn_source, withdrawn_at > given_at as later from consents"
        )

    assert mentee.opted_out
    assert [tuple(one) for one in consents] == [("check_ins_by_sms", "sms", "sms", True)]


async def test_the_crisis_is_the_mentors_and_her_leaving_is_an_alert_of_its_own(seen: Seen) -> None:
    async with seen.database() as conn:
        rosa = (await store.people.by_phone(conn, PHONES[MENTOR]))[0]
        alerts = await conn.fetch("select number, kind, urgency::text, acknowledged_by from alerts order by number")

    assert [tuple(one) for one in alerts] == [
        (seen.crisis, "crisis", "now", rosa.id),
        (seen.left, "opted_out", "hours", None),
    ]
