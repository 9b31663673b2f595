"""Hostile bodies: each row of a table is a body, the status it gets and the kind of problem it is told."""

import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from asyncpg import Connection

from tests.api.calls import (
    ANSWER,
    INVALID,
    JSON,
    OK,
    OUT_OF_REACH,
    TAKEN,
    TODAY,
    TOO_LARGE,
    WRONG_TYPE,
    Bearer,
    Client,
    Outcome,
    outcome,
    saying,
)
from tests.people import Cast

DEVICE = "/v1/me/devices/0193d5b2-7c00-7aaa-8bbb-0000000000d1"
BAD_SCORES: tuple[str, ...] = (
    '"7"',
    "7.0",
    "7.5",
    "7e0",
    "70e-1",
    "true",
    "null",
    "1e400",
    "-1e400",
    str(2**70),
    "-1",
    "11",
    "9" * 5000,
)
BAD_SCORES += ("NaN", "Infinity", "07", "+7", "0x7", "[7]", '{"value": 7}', "", "７")
BAD_MOMENTS: tuple[str, ...] = (
    "2026-11-16",
    "2026-11-16T14:00:00",
    "1700000000",
    "0001-01-01T00:00:00",
    "tomorrow",
    "",
    "\\u0000",
)
BAD_MOMENTS += ("2026-11-16T24:00:00Z", "2026-02-30T14:00:00Z", "2026-11-16T14:00:00+24:00", "10000-01-01T00:00:00Z")
FAR_MOMENTS = ("2028-11-16T14:00:00Z", "2026-10-16T14:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59")
BAD_ZONES: tuple[str, ...] = (
    "Mars/Phobos",
    "../etc/passwd",
    "/etc/passwd",
    "America/New_York/..",
    "america/new_york",
    "EST5EDT,M3.2.0",
)
BAD_ZONES += ("", "posixrules", "localtime", "+05:00", "A" * 65, "America/New_York\\u0000", "Europe/Ber\\nlin")

BODIES: dict[str, tuple[bytes, Outcome]] = {
    **{f"mood {value[:20]}": (saying(mood=value), INVALID) for value in BAD_SCORES},
    **{f"answered_at {value}": (saying(answered_at=f'"{value}"'), INVALID) for value in BAD_MOMENTS},
    **{f"answered_at {value}": (saying(answered_at=f'"{value}"'), OUT_OF_REACH) for value in FAR_MOMENTS},
    **{f"time_zone {value}": (saying(time_zone=f'"{value}"'), INVALID) for value in BAD_ZONES},
    "answered_at a number": (saying(answered_at="1763319600"), INVALID),
    "time_zone null": (saying(time_zone="null"), INVALID),
    "somebody else's id": (saying(mentee_id='"0193d5b2-7c00-7aaa-8bbb-00000000000a"'), INVALID),
    "a role": (saying(role='"coordinator"'), INVALID),
    "a day": (saying(day='"2026-11-15"'), INVALID),
    "a source": (saying(source='"sms"'), INVALID),
    "an unknown field": (saying(__class__="1"), INVALID),
    "mood twice": (saying().replace(b"{", b'{"mood": 1, ', 1), INVALID),
    "mood twice, once escaped": (saying().replace(b"{", b'{"mo\\u006fd": 1, ', 1), INVALID),
    "an unknown field twice inside": (saying(x='{"a": 1, "a": 2}'), INVALID),
    "no scores": (b'{"answered_at": "2026-11-16T14:00:00-05:00", "time_zone": "UTC"}', INVALID),
    "mood alone": (b'{"mood": 7, "answered_at": "2026-11-16T14:00:00-05:00", "time_zone": "UTC"}', INVALID),
    "hope alone": (b'{"hope": 7, "answered_at": "2026-11-16T14:00:00-05:00", "time_zone": "UTC"}', INVALID),
    "skipped with scores": (saying(skipped="true"), INVALID),
    "skipped 1": (saying(skipped="1"), INVALID),
    "note_shared yes": (saying(note_shared='"yes"'), INVALID),
    "note null": (saying(note="null"), INVALID),
    "note empty": (saying(note='""'), INVALID),
    "note 7": (saying(note="7"), INVALID),
    "note of 1,001 characters": (saying(note='"' + "n" * 1001 + '"'), INVALID),
    "note with an escaped NUL": (saying(note='"a\\u0000b"'), INVALID),
    "note with an escaped NUL behind a backslash": (saying(note='"a\\\\\\u0000b"'), INVALID),
    "note with a raw NUL": (saying(note='"a\0b"'), INVALID),
    "note with a raw line break": (saying(note='"a\nb"'), INVALID),
    "note with a high surrogate": (saying(note='"\\ud83d"'), INVALID),
    "note with a low surrogate": (saying(note='"\\ude00"'), INVALID),
    "note with a pair the wrong way round": (saying(note='"\\ude00\\uD83D"'), INVALID),
    "note with an encoded surrogate": (saying(note='"~"').replace(b"~", b"\xed\xa0\x80"), INVALID),
    "note with an overlong slash": (saying(note='"~"').replace(b"~", b"\xc0\xaf"), INVALID),
    "note in Latin-1": (saying(note='"~"').replace(b"~", b"\xe9"), INVALID),
    "a field name with half a character": (saying(**{"\\ud800": "1"}), INVALID),
    "empty": (b"", INVALID),
    "blank": (b"  \n ", INVALID),
    "null": (b"null", INVALID),
    "a list": (b"[]", INVALID),
    "a number": (b"7", INVALID),
    "a text": (b'"7"', INVALID),
    "truncated": (saying()[:-1], INVALID),
    "truncated in a text": (saying()[:-3], INVALID),
    "two bodies": (saying() + saying(), INVALID),
    "single quotes": (saying().replace(b'"', b"'"), INVALID),
    "a comment": (saying() + b"// please", INVALID),
    "a trailing comma": (saying().replace(b"}", b",}"), INVALID),
    "UTF-16": (saying().decode().encode("utf-16"), INVALID),
    "a byte order mark": (b"\xef\xbb\xbf" + saying(), INVALID),
    "noise": (bytes(range(256)) * 10, INVALID),
    "a form": (b"mood=7&hope=6", INVALID),
    "15,000 [": (b"[" * 15_000, INVALID),
    "15,000 [ in a field": (saying(note="[" * 15_000), INVALID),
    "10,000 {": (b'{"a":' * 10_000, INVALID),
    "15,000 [ and ]": (b"[" * 15_000 + b"]" * 15_000, INVALID),
    "65,537 bytes": (saying(note='"' + "n" * 65_537 + '"')[:65_537], TOO_LARGE),
    "5 MiB": (b"[" * 5 * 1024 * 1024, TOO_LARGE),
}

NOTES: dict[str, str] = {
    "an emoji": "\U0001f600",
    "an escape spelled out": "\\u0000 and \\ud800",
    "brackets": "[{" * 100,
    "a formula": "=cmd|' /C calc'!A0",
    "line breaks": "a\r\nSet-Cookie: b=c\r\n\r\n<script>alert(1)</script>",
    "colours of a terminal": "\x1b[31mred\x1b[0m",
    "right to left": "\u202eabc\u2066",
    "1,000 characters of four bytes": "\U0001f600" * 1000,
    "quotes and backslashes": '"\\"\\\\',
    "SQL": "'; drop table check_ins; --",
}

NO_BODIES: dict[str, tuple[str, bytes, Outcome]] = {
    "nothing": ("", b"", TAKEN),
    "nothing, as JSON": ("application/json", b"", TAKEN),
    "nothing, as text": ("text/plain", b"", TAKEN),
    "an empty object": ("application/json", b"{}", TAKEN),
    "an empty object with blanks": ("application/json; charset=utf-8", b" { }\n", TAKEN),
    "a field": ("application/json", b'{"hours": 48}', INVALID),
    "null": ("application/json", b"null", INVALID),
    "a list": ("application/json", b"[]", INVALID),
    "a text": ("application/json", b'"48"', INVALID),
    "blank": ("application/json", b" ", INVALID),
    "truncated": ("application/json", b"{", INVALID),
    "two objects": ("application/json", b"{}{}", INVALID),
    "noise": ("application/json", bytes(range(256)), INVALID),
    "15,000 [": ("application/json", b"[" * 15_000, INVALID),
    "10,000 {": ("application/json", b'{"a":' * 10_000, INVALID),
    "an empty object without a type": ("", b"{}", WRONG_TYPE),
    "an empty object as text": ("text/plain", b"{}", WRONG_TYPE),
    "a merge patch": ("application/merge-patch+json", b"{}", WRONG_TYPE),
    "a form": ("application/x-www-form-urlencoded", b"hours=48", WRONG_TYPE),
    "65,537 bytes": ("application/json", b"[" * 65_537, TOO_LARGE),
    "65,537 bytes of text": ("text/plain", b"[" * 65_537, TOO_LARGE),
}
"""What comes with an operation that takes no body."""

CONTENT_TYPES: dict[str, Outcome] = {
    "application/json": OK,
    "application/json; charset=utf-8": OK,
    "Application/JSON": OK,
    "text/plain": WRONG_TYPE,
    "": WRONG_TYPE,
    "application/x-msgpack": WRONG_TYPE,
    "application/vnd.msgpack": WRONG_TYPE,
    "application/x-www-form-urlencoded": WRONG_TYPE,
    "multipart/form-data": WRONG_TYPE,
    "application/jsonx": WRONG_TYPE,
    "application/merge-patch+json": WRONG_TYPE,
    "text/plain, application/json": WRONG_TYPE,
    ";;;": WRONG_TYPE,
    "application/json; charset=UTF-8": OK,
    "application/json; charset=utf8": OK,
    'application/json; Charset="Utf-8"': OK,
    "application/json; charset=us-ascii": OK,
    "application/json; charset=utf-16": WRONG_TYPE,
    "application/json; charset=utf-8-sig": WRONG_TYPE,
    "application/json; charset=iso-8859-1": WRONG_TYPE,
    "application/json;charset=utf7": WRONG_TYPE,
}

ENCODINGS: dict[str, Outcome] = {
    "identity": OK,
    "Identity": OK,
    "gzip": WRONG_TYPE,
    "GZIP": WRONG_TYPE,
    "br": WRONG_TYPE,
    "identity, deflate": WRONG_TYPE,
    "x": WRONG_TYPE,
}


async def test_a_body_that_is_not_a_check_in_is_refused(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    headers = bearer(people.mentee) | JSON

    found = {name: outcome(await client.put(TODAY, content=raw, headers=headers)) for name, (raw, _) in BODIES.items()}

    assert found == {name: expected for name, (_, expected) in BODIES.items()}
    assert await conn.fetchval("select count(*) from check_ins") == 0


async def test_a_refusal_points_at_the_place_and_does_not_repeat_the_input(
    client: Client, people: Cast, bearer: Bearer
) -> None:
    headers = bearer(people.mentee) | JSON

    wrong = await client.put(TODAY, content=saying(mood='"canary"', note='"canary"'), headers=headers)
    listed = await client.get("/v1/me/check-ins?limit=canary", headers=headers)

    assert wrong.json()["errors"] == [{"pointer": "/mood", "detail": "Expected `int`, got `str`"}]
    assert [one["pointer"] for one in listed.json()["errors"]] == ["/limit"]
    assert "canary" not in wrong.text + listed.text


@pytest.mark.parametrize(
    ("query", "pointer"), [("a/b~c=1", "/a~1b~0c"), ("~1=1", "/~01"), ("%2F=1", "/~1"), ("limit=1&limit=2", "/limit")]
)
async def test_a_pointer_is_escaped_whatever_somebody_calls_a_parameter(
    client: Client, people: Cast, bearer: Bearer, query: str, pointer: str
) -> None:
    answered = await client.get(f"/v1/me/check-ins?{query}", headers=bearer(people.mentee))

    assert [one["pointer"] for one in answered.json()["errors"]] == [pointer]


async def test_a_note_may_hold_anything_that_is_text(client: Client, people: Cast, bearer: Bearer) -> None:
    headers = bearer(people.mentee)
    found = {}

    for minute, (name, note) in enumerate(NOTES.items()):
        body = ANSWER | {"note": note, "answered_at": f"2026-11-16T14:{minute:02}:00-05:00"}
        stored = await client.put(TODAY, json=body, headers=headers)
        found[name] = stored.json().get("note")

    assert found == NOTES


async def test_only_json_is_taken(client: Client, people: Cast, bearer: Bearer) -> None:
    found = {}

    for given in CONTENT_TYPES:
        headers = bearer(people.mentee) | ({"Content-Type": given} if given else {})
        found[given] = outcome(await client.put(TODAY, content=saying(), headers=headers))

    assert found == CONTENT_TYPES


async def test_a_body_that_is_encoded_is_not_taken_for_what_it_says(
    client: Client, people: Cast, bearer: Bearer
) -> None:
    headers = bearer(people.mentee) | JSON
    found, empty = {}, {}

    for given in ENCODINGS:
        encoded = headers | {"Content-Encoding": given}
        found[given] = outcome(await client.put(TODAY, content=saying(), headers=encoded))
        empty[given] = outcome(await client.request("DELETE", DEVICE, content=b"{}", headers=encoded))

    assert found == ENCODINGS
    assert empty == {given: TAKEN if expected == OK else expected for given, expected in ENCODINGS.items()}


async def test_a_refusal_says_how_to_send_it(client: Client, people: Cast, bearer: Bearer) -> None:
    headers = bearer(people.mentee)

    latin = await client.put(TODAY, content=saying(), headers=headers | {"Content-Type": "application/json; charset=x"})
    packed = await client.put(TODAY, content=saying(), headers=headers | JSON | {"Content-Encoding": "gzip"})

    assert latin.json()["detail"] == "send the body as application/json, in UTF-8"
    assert packed.json()["detail"] == "send the body as it is, without a Content-Encoding"


async def test_what_takes_no_body_takes_none(client: Client, people: Cast, bearer: Bearer) -> None:
    found, read = {}, {}

    for name, (media_type, raw, _) in NO_BODIES.items():
        headers = bearer(people.mentee) | ({"Content-Type": media_type} if media_type else {})
        found[name] = outcome(await client.request("DELETE", DEVICE, content=raw, headers=headers))
        read[name] = outcome(await client.request("GET", "/v1/me", content=raw, headers=headers))

    assert found == {name: expected for name, (_, _, expected) in NO_BODIES.items()}
    assert read == {name: INVALID if raw else OK for name, (_, raw, _) in NO_BODIES.items()}


async def test_an_alert_is_not_put_off_by_what_nobody_reads(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await client.post("/v1/me/calls", headers=bearer(people.mentee))
    [alert] = (await client.get("/v1/alerts", headers=bearer(people.mentor))).json()["items"]
    path = f"/v1/alerts/{alert['id']}/snooze"

    refused = await client.post(path, json={"hours": 48}, headers=bearer(people.mentor))
    put_off = await client.post(path, json={}, headers=bearer(people.mentor))

    assert (outcome(refused), outcome(put_off)) == (INVALID, OK)
    assert refused.json()["detail"] == "Object contains unknown field `hours`"
    assert await conn.fetchval("select count(*) from audit where action = 'alert.acknowledged'") == 1


async def test_a_body_in_chunks_is_cut_off_at_64_kib(client: Client, people: Cast, bearer: Bearer) -> None:
    async def chunks(count: int) -> AsyncIterator[bytes]:
        for _ in range(count):
            yield b" " * 1024
        yield b"[]"

    headers = bearer(people.mentee) | JSON
    large = await client.put(TODAY, content=chunks(64), headers=headers)
    small = await client.put(TODAY, content=chunks(63), headers=headers)

    assert large.request.headers["transfer-encoding"] == "chunked"
    assert outcome(large) == TOO_LARGE
    assert outcome(small) == INVALID


async def test_a_body_that_breaks_off_is_the_callers_fault(client: Client, people: Cast, bearer: Bearer) -> None:
    app: Any = client.app  # Any: Litestar and httpx spell the same protocol differently

    async def gone() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def cut(scope: Any, _: Any, send: Any) -> None:  # Any: as above
        await app(scope, gone, send)

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(cut), base_url="https://checkin.example.org"
    ) as breaking:
        answered = await breaking.put(TODAY, content=saying(), headers=bearer(people.mentee) | JSON)

    assert outcome(answered) == INVALID


async def test_a_body_that_is_slow_to_read_is_refused_at_once(client: Client, people: Cast, bearer: Bearer) -> None:
    """Looking for the nesting once took 18 seconds for a text of 64 KiB that never ends."""
    hostile = b"{" * 21 + b'"' + b'\\"' * 32_000
    began = time.process_time()

    answered = await client.put(TODAY, content=hostile, headers=bearer(people.mentee) | JSON)

    assert outcome(answered) == INVALID
    assert time.process_time() - began < 3
