"""Hostile posts to the webhooks: forged, changed, repeated, out of order, too large, and texts nobody meant."""

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from asyncpg import Connection
from msgspec.structs import replace

from checkin import gateway
from checkin.config import Settings
from tests.api.calls import (
    FORGED,
    FORM,
    INVALID,
    NO_METHOD,
    SMS,
    STATUS,
    TAKEN,
    TOO_LARGE,
    WRONG_TYPE,
    Client,
    Headers,
    outcome,
    post_form,
    served,
    text,
)
from tests.people import Cast


async def kept(conn: Connection) -> int:
    count: int = await conn.fetchval("select count(*) from inbox")
    return count


async def test_a_text_that_is_not_signed_by_the_carrier_is_refused(
    client: Client, settings: Settings, conn: Connection
) -> None:
    fields = list(text(settings).items())
    good = gateway.signatures.sign(settings.public_url + SMS, fields, settings.carrier.tokens[0])
    elsewhere = gateway.signatures.sign("https://evil.example" + SMS, fields, settings.carrier.tokens[0])
    bare = gateway.signatures.sign(settings.public_url + SMS, [], settings.carrier.tokens[0])
    stranger = gateway.signatures.sign(settings.public_url + SMS, fields, "s" * 32)
    signatures: dict[str, bytes | None] = {
        "none": None,
        "empty": b"",
        "blank": b" ",
        "non-ASCII": "é".encode() * 14,
        "Latin-1": b"\xe9" * 28,
        "too short": good[:-1].encode(),
        "too long": good.encode() + b"=",
        "64 KiB": b"a" * 65_536,
        "changed": (good[:-2] + ("A" if good[-2] != "A" else "B") + "=").encode(),
        "another case": good.swapcase().encode(),
        "with another token": stranger.encode(),
        "for another address": elsewhere.encode(),
        "for another path": gateway.signatures.sign(settings.public_url + STATUS, fields, "t" * 32).encode(),
        "of no fields": bare.encode(),
        "twice": f"{good}, {good}".encode(),
    }

    found = {}
    for name, signature in signatures.items():
        headers = [(b"Content-Type", FORM["Content-Type"].encode())]
        headers += [] if signature is None else [(b"X-Twilio-Signature", signature)]
        found[name] = outcome(await client.post(SMS, content=urlencode(fields).encode(), headers=headers))

    assert found == dict.fromkeys(signatures, FORGED)
    assert await kept(conn) == 0


async def test_a_signed_text_that_was_changed_is_refused(client: Client, settings: Settings, conn: Connection) -> None:
    fields = list(text(settings).items())
    signature = gateway.signatures.sign(settings.public_url + SMS, fields, settings.carrier.tokens[0])
    body = urlencode(fields)
    blank = urlencode([(name, value) for name, value in fields if value])
    changed: dict[str, tuple[str, str | bytes]] = {
        "a field added": (SMS, body + "&OptOutType=STOP"),
        "a blank field added": (SMS, body + "&OptOutType="),
        "a field without a name": (SMS, body + "&=STOP"),
        "a field repeated with another value": (SMS, body + "&Body=9+9"),
        "a blank field left out": (SMS, blank),
        "a field left out": (SMS, body.replace("&NumMedia=0", "")),
        "another body": (SMS, body.replace("7+6", "1+1")),
        "another sender": (SMS, body.replace("2125550101", "2125550104")),
        "a byte order mark": (SMS, b"\xef\xbb\xbf" + body.encode()),
        "raw bytes": (SMS, body.encode() + b"&x=\xff"),
        "semicolons": (SMS, body.replace("&", ";")),
        "a query": (SMS + "?x=1", body),
        "a forged bodySHA256": (SMS + "?bodySHA256=" + "0" * 64, body),
        "nothing": (SMS, ""),
    }

    found = {}
    for name, (path, content) in changed.items():
        headers = FORM | {"X-Twilio-Signature": signature}
        found[name] = outcome(await client.post(path, content=content, headers=headers))

    assert found == dict.fromkeys(changed, FORGED)
    assert await kept(conn) == 0


async def test_only_forms_are_taken(client: Client, settings: Settings) -> None:
    types = ("", "application/json", "multipart/form-data; boundary=x", "text/plain", "application/x-msgpack", "x;;;")
    found = {}

    for given in types:
        for path in (SMS, STATUS):
            answered = await post_form(client, settings, path, text(settings), headers={"Content-Type": given})
            found[given, path] = outcome(answered)

    assert found == {(given, path): WRONG_TYPE for given in types for path in (SMS, STATUS)}


async def test_what_is_too_large_is_refused(client: Client, settings: Settings, conn: Connection) -> None:
    forms: dict[str, dict[str, str]] = {
        "20,000 fields": {f"f{number}": "" for number in range(20_000)},
        "101 fields": {f"f{number}": "" for number in range(101)},
        "1 MiB": text(settings, Body="b" * 1024 * 1024),
        "64 KiB and a bit": text(settings, Body="b" * 65_536),
    }

    found = {name: outcome(await post_form(client, settings, SMS, form)) for name, form in forms.items()}

    assert found == dict.fromkeys(forms, TOO_LARGE)
    assert await kept(conn) == 0


async def test_only_post_is_taken(client: Client) -> None:
    calls = [(method, path) for method in ("GET", "PUT", "DELETE", "PATCH") for path in (SMS, STATUS)]

    found = {call: outcome(await client.request(*call)) for call in calls}

    assert found == dict.fromkeys(calls, NO_METHOD)


async def test_spoofed_headers_have_no_influence(client: Client, settings: Settings, conn: Connection) -> None:
    spoofed: Headers = {
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-For": "127.0.0.1",
        "X-Original-URL": "/elsewhere",
        "Forwarded": "host=evil.example;proto=http",
    }
    fields = list(text(settings).items())
    forged = gateway.signatures.sign("http://evil.example" + SMS, fields, settings.carrier.tokens[0])

    good = await post_form(client, settings, SMS, fields, headers=spoofed)
    bad = await post_form(client, settings, SMS, fields, headers=spoofed | {"X-Twilio-Signature": forged})

    assert (outcome(good), outcome(bad)) == (TAKEN, FORGED)
    assert await kept(conn) == 1


async def test_what_was_not_sent_to_us_is_refused(client: Client, settings: Settings, conn: Connection) -> None:
    forms = {
        "another account": (SMS, text(settings, AccountSid="AC" + "9" * 32)),
        "no account": (SMS, text(settings, AccountSid="")),
        "another number": (SMS, text(settings, To="+15005550007")),
        "no number": (SMS, text(settings, To="")),
        "another service": (SMS, text(settings, To="", MessagingServiceSid="MG" + "9" * 32)),
        "a report of another account": (STATUS, text(settings, AccountSid="AC" + "9" * 32, MessageStatus="delivered")),
        "a report of no account": (STATUS, {"MessageSid": "SM1", "MessageStatus": "delivered"}),
    }

    found = {name: outcome(await post_form(client, settings, *form)) for name, form in forms.items()}

    assert found == dict.fromkeys(forms, FORGED)
    assert await kept(conn) == 0


@pytest.mark.parametrize("path", [SMS, STATUS])
async def test_a_message_id_of_another_form_is_refused(client: Client, settings: Settings, path: str) -> None:
    ids = ("", "\0", "SM\0", "S" * 65, "SM 1", "SM-1", "é", "\ud7ff", "'; --", "../1", "S" * 64 + "\n")

    found = {one: outcome(await post_form(client, settings, path, text(settings, MessageSid=one))) for one in ids}
    nobody = await post_form(client, settings, SMS, text(settings, From=""))

    assert found == dict.fromkeys(ids, INVALID)
    assert outcome(nobody) == INVALID


async def test_a_text_that_is_replayed_after_40_days_does_nothing(
    client: Client, settings: Settings, conn: Connection, people: Cast
) -> None:
    first = await post_form(client, settings, SMS, text(settings))
    before = await conn.fetch("select * from check_ins"), await conn.fetch("select dedupe_key from outbox")

    client.app.state.clock.ahead += timedelta(days=40)
    again = await post_form(client, settings, SMS, text(settings))

    assert outcome(first) == outcome(again) == TAKEN
    assert before == (await conn.fetch("select * from check_ins"), await conn.fetch("select dedupe_key from outbox"))
    assert len(before[0]) == len(before[1]) == 1


async def test_the_same_id_with_another_body_changes_nothing(
    client: Client, settings: Settings, conn: Connection, people: Cast
) -> None:
    await post_form(client, settings, SMS, text(settings, Body="7 6"))

    other = await post_form(client, settings, SMS, text(settings, Body="1 1"))

    assert outcome(other) == TAKEN
    assert [tuple(row) for row in await conn.fetch("select mood, hope from check_ins")] == [(7, 6)]
    assert await kept(conn) == 1


async def test_both_tokens_are_good_while_they_are_rotated(settings: Settings, people: Cast) -> None:
    rotating = replace(settings, twilio_auth_token=f"{'n' * 32},{'t' * 32}")

    async with served(rotating) as client:
        found = [
            outcome(await post_form(client, rotating, SMS, text(rotating, MessageSid=f"SM{mark}"), token=mark * 32))
            for mark in "ntx"
        ]

    assert found == [TAKEN, TAKEN, FORGED]


def odd_texts(settings: Settings) -> Mapping[str, dict[str, str]]:
    """Return texts as no one writes them, by name; blank fields are what Twilio sends with each."""
    return {
        "a tapback": text(settings, Body="Liked “How is your mood today?”"),
        "a removed tapback": text(settings, Body="Removed a heart from “7 6”"),
        "base64": text(settings, Body="aGVsbG8gd29ybGQ=" * 60),
        "a picture without words": text(settings, Body="", NumMedia="1", MediaUrl0="https://api.twilio.com/x"),
        "no Body at all": {name: value for name, value in text(settings).items() if name != "Body"},
        "1,600 characters": text(settings, Body="7 6 " * 400),
        "1,600 emoji": text(settings, Body="\U0001f600" * 1600),
        "16,000 characters": text(settings, Body="9" * 16_000),
        "right to left": text(settings, Body="\u202e6 7\u202c \u2066x\u2069 \u200f"),
        "combining marks": text(settings, Body="7" + "\u0301" * 1500),
        "NUL": text(settings, Body="7\0 6\0"),
        "only NUL": text(settings, Body="\0"),
        "control characters": text(settings, Body="".join(map(chr, range(32))) + "\x7f\x85\u2028"),
        "a formula": text(settings, Body='=HYPERLINK("http://evil")'),
        "a percent sign": text(settings, Body="100% %s %(x)s {0} %00"),
        "brackets": text(settings, Body="[" * 1600),
        "a sender without digits": text(settings, From="+" + "x" * 1000),
        "a sender with NUL": text(settings, From="+1212\0"),
        "a name of a company": text(settings, From="AMAZON"),
        "a strange opt-out": text(settings, OptOutType="stop\0"),
        "another case of opt-out": text(settings, OptOutType="Help"),
    }


@pytest.mark.parametrize("sender", ["mentee", "mentor", "coordinator"])
async def test_odd_texts_are_taken(client: Client, settings: Settings, people: Cast, sender: str) -> None:
    phone = getattr(people, sender).phone
    found = {}

    for number, (name, fields) in enumerate(odd_texts(settings).items()):
        sent = fields | {"MessageSid": f"SM{number}"}
        if sent["From"] == "+12125550101":
            sent["From"] = phone
        found[name] = outcome(await post_form(client, settings, SMS, sent))

    assert found == dict.fromkeys(found, TAKEN)


async def test_a_text_that_is_not_utf8_is_never_our_fault(client: Client, settings: Settings) -> None:
    """The carrier sends UTF-8. What is none is read with marks of replacement, so a signature may fit or not."""
    found = {}

    for number, octets in enumerate(("%ED%A0%80", "%ED%A0%BD%ED%B8%80", "%FF%FE", "%C0%AF", "%F8%88%80%80%80")):
        fields = text(settings, MessageSid=f"SM{number}", Body="")
        content = urlencode(fields).replace("Body=", f"Body=7+6+{octets}")
        read = list(fields.items())
        marks = bytes.fromhex(octets.replace("%", "")).decode("utf-8", "replace")
        read[list(fields).index("Body")] = ("Body", f"7 6 {marks}")
        signature = gateway.signatures.sign(settings.public_url + SMS, read, settings.carrier.tokens[0])
        found[octets] = outcome(
            await client.post(SMS, content=content, headers=FORM | {"X-Twilio-Signature": signature})
        )

    assert found == dict.fromkeys(found, TAKEN)
