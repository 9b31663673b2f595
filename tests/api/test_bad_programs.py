"""Hostile calls about a program's settings: each row is a call, its status and the kind of problem it tells."""

import pytest

from checkin.store.pool import Connection
from tests.api.calls import INVALID, NOTHING, OK, WRONG_TYPE, Bearer, Client, Outcome, outcome
from tests.people import Cast

BAD_CLOCKS = ("", "8am", "24:00", "8:00", "08:60", "08:00:00", "08:00Z", "٠٩:٠٠", "08:00\\n", "08:00\\u0000")
ODD: tuple[str, ...] = ("null", "7", "true", "[]", "{}", "1e400")
BODIES: dict[str, Outcome] = {
    **{f'{{"{name}": {odd}}}': INVALID for name in ("name", "country", "time_zone", "texts_from") for odd in ODD},
    **{f'{{"{name}": {odd}}}': INVALID for name in ("texts_until", "pass_on_after", "crisis_line") for odd in ODD},
    **{f'{{"first_names": {odd}}}': INVALID for odd in ("null", "1", '"true"', "[]")},
    **{f'{{"texts_from": "{clock}"}}': INVALID for clock in BAD_CLOCKS},
    **{f'{{"texts_until": "{clock}"}}': INVALID for clock in BAD_CLOCKS},
    **{f'{{"country": "{code}"}}': INVALID for code in ("", "us", "USA", "U", "ZZ", "U1", "ＵＳ", "US\\n")},
    **{f'{{"time_zone": "{zone}"}}': INVALID for zone in ("", "Mars/Phobos", "../etc/passwd", "localtime")},
    **{f'{{"pass_on_after": "{said}"}}': INVALID for said in ("", "0 h", "4", "-4 h", "8 d", "4h ", "PT4H", "9999 d")},
    **{f'{{"crisis_line": "{said}"}}': INVALID for said in (" ", "x", "{line} 5", "Call 5.", "call 5\\n", "☎ 5")},
    '{"crisis_line": "' + "5" * 41 + '"}': INVALID,
    '{"crisis_line": "' + "5" * 61 + '"}': INVALID,
    '{"name": ""}': INVALID,
    '{"name": "  "}': INVALID,
    '{"name": "' + "n" * 81 + '"}': INVALID,
    '{"name": "\\ud800"}': INVALID,
    '{"name": "a\\u0000"}': INVALID,
    '{"texts_from": "07:59"}': INVALID,
    '{"texts_until": "21:01"}': INVALID,
    '{"texts_from": "12:00", "texts_until": "12:00"}': INVALID,
    '{"texts_from": "20:00", "texts_until": "09:00"}': INVALID,
    '{"id": "0193d5b2-7c00-7aaa-8bbb-000000000041"}': INVALID,
    '{"begun_at": "2026-11-16T20:00:00Z"}': INVALID,
    '{"false_alerts_per_year": 6}': INVALID,
    '{"name": "a", "name": "b"}': INVALID,
    "[]": INVALID,
    "null": INVALID,
    "": INVALID,
    "{": INVALID,
    "{}": OK,
}
DAYS: dict[str, Outcome] = {
    "2026-11-15": INVALID,
    "0001-01-01": INVALID,
    "9999-12-31": INVALID,
    "2029-11-17": INVALID,
    "2026-02-30": NOTHING,
    "tomorrow": NOTHING,
    "..%2f..": NOTHING,
    "%00": NOTHING,
    "2026-11-16": OK,
}
NAMES: dict[str, Outcome] = {
    '{"name": ""}': INVALID,
    '{"name": "  "}': INVALID,
    '{"name": null}': INVALID,
    '{"name": "' + "n" * 81 + '"}': INVALID,
    '{"name": "a", "day": "2026-11-26"}': INVALID,
    "{}": INVALID,
}
SOURCES: dict[str, Outcome] = {
    '{"source": ""}': INVALID,
    '{"source": null}': INVALID,
    '{"source": 7}': INVALID,
    '{"source": "' + "#" * 20_001 + '"}': INVALID,
    '{"source": "a\\u0000"}': INVALID,
    '{"source": "#", "own": false}': INVALID,
    '{"file": "mentor-first"}': INVALID,
    "{}": INVALID,
    '"[[now.step]]"': INVALID,
}
TYPES: dict[str, Outcome] = {
    "application/toml": WRONG_TYPE,
    "text/plain": WRONG_TYPE,
    "application/merge-patch+json": WRONG_TYPE,
    "application/json": INVALID,
}
NAMES_THAT_ARE_DATA = ("=cmd|' /C calc'!A0", "a\r\nSet-Cookie: b=c", "\x1b[31mred", "<script>", "'; drop table people;")


def program(people: Cast) -> str:
    return f"/v1/programs/{people.program}"


async def test_hostile_changes_change_nothing(client: Client, conn: Connection, people: Cast, bearer: Bearer) -> None:
    headers = bearer(people.coordinator) | {"If-Match": "*", "Content-Type": "application/merge-patch+json"}
    before = await client.get(program(people), headers=bearer(people.coordinator))

    found = {
        body: outcome(await client.patch(program(people), content=body.encode(), headers=headers)) for body in BODIES
    }

    after = await client.get(program(people), headers=bearer(people.coordinator))
    assert found == BODIES
    assert after.json() == before.json()
    assert await conn.fetchval("select count(*) from audit where action = 'program.changed'") == 0


@pytest.mark.parametrize("name", NAMES_THAT_ARE_DATA)
async def test_names_are_data_whatever_they_hold(client: Client, people: Cast, bearer: Bearer, name: str) -> None:
    headers = bearer(people.coordinator) | {"If-Match": "*"}

    renamed = await client.patch(program(people), json={"name": name}, headers=headers)
    day = await client.put(f"{program(people)}/holidays/2026-11-26", json={"name": name}, headers=headers)

    assert (renamed.json()["name"], day.json()["name"]) == (name, name)


async def test_days_and_names_that_are_no_holidays(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    headers, place = bearer(people.coordinator), f"{program(people)}/holidays"
    raw = headers | {"Content-Type": "application/json"}

    deleted = {day: outcome(await client.delete(f"{place}/{day}", headers=headers)) for day in DAYS}
    named = {
        body: outcome(await client.put(f"{place}/2026-11-26", content=body.encode(), headers=raw)) for body in NAMES
    }
    before = await conn.fetchval("select count(*) from holidays")
    put = {day: outcome(await client.put(f"{place}/{day}", json={"name": "A day"}, headers=headers)) for day in DAYS}

    assert (put, named, before) == (DAYS, NAMES, 0)
    assert {day: (200 if status == 204 else status) for day, (status, _) in deleted.items()} == {
        day: (200 if day in ("9999-12-31", "2029-11-17") else status) for day, (status, _) in DAYS.items()
    }


async def test_rules_are_read_strictly(client: Client, conn: Connection, people: Cast, bearer: Bearer) -> None:
    place, headers = f"{program(people)}/routing", bearer(people.coordinator) | {"If-Match": "*"}

    found = {}
    for body in SOURCES:
        sent = client.put(place, content=body.encode(), headers=headers | {"Content-Type": "application/json"})
        found[body] = outcome(await sent)
    types = {}
    for given in TYPES:
        types[given] = outcome(await client.put(place, content=b"{}", headers=headers | {"Content-Type": given}))

    assert (found, types) == (SOURCES, TYPES)
    assert await conn.fetchval("select count(*) from program_routing") == 0


async def test_ids_that_are_none_are_not_found(client: Client, people: Cast, bearer: Bearer) -> None:
    headers = bearer(people.coordinator) | {"If-Match": "*"}
    odd = ("41", "%00", "..%2f..", "10000000000000000000000", str(people.other_program), str(people.mentee.id))
    rest = ("", "/routing", "/on-call", "/holidays")

    found: dict[str, Outcome] = {}
    for one in odd:
        found |= {f"{one}{end}": outcome(await client.get(f"/v1/programs/{one}{end}", headers=headers)) for end in rest}
        found[one + "!"] = outcome(await client.post(f"/v1/programs/{one}/activation", headers=headers))
        found[one + "?"] = outcome(await client.put(f"{program(people)}/on-call/{one}", headers=headers))
    found.pop(f"{people.mentee.id}?")  # somebody of the program, and no mentor: told so

    assert found == dict.fromkeys(found, NOTHING)
