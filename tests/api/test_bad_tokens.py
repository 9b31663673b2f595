"""Tokens that are not ours, not now, or not tokens: 401, whatever is wrong with them, and nothing is told."""

import base64
import hmac
import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from msgspec.structs import replace

from checkin.api import auth
from checkin.clock import Clock
from checkin.config import Settings
from checkin.store.pool import Connection
from tests.api.calls import OK, UNKNOWN, Bearer, Client, Headers, outcome, served
from tests.people import Cast

PATH = "/v1/me/check-ins"
Claims = dict[str, Any]  # Any: JSON


def claims_of(person: UUID, **changes: object) -> Claims:
    """Return the claims of a good token of *person* with *changes*; those changed to None are left out."""
    now = Clock().now()
    good = {"sub": str(person), "iat": now, "exp": now + timedelta(minutes=5), "iss": "checkin", "aud": "checkin"}
    return {name: value for name, value in (good | changes).items() if value is not None}


def raw(header: bytes, payload: bytes, signature: bytes = b"x") -> str:
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (header, payload, signature))


def by_hand(header: bytes, payload: bytes, key: bytes) -> str:
    """Return a token under HMAC-SHA256, whatever its header says and whatever the key is."""
    unsigned = raw(header, payload, b"").rstrip(".")
    return raw(header, payload, hmac.digest(key, unsigned.encode(), "sha256"))


def bad_tokens(secret: str, person: UUID) -> dict[str, str]:
    """Return tokens that would be *person*'s, but for the one thing that is wrong with each."""
    kid = auth.key_id(secret)

    def claims(**changes: object) -> Claims:
        return claims_of(person, **changes)

    def signed(given: Claims, algorithm: str = "HS256", **header: object) -> str:
        return jwt.encode(given, secret, algorithm, headers={"kid": kid} | header)

    def head_of(**header: object) -> bytes:
        return json.dumps({"kid": kid} | header).encode()

    now = Clock().now()
    good = signed(claims())
    head, body, mark = good.split(".")
    key = rsa.generate_private_key(65537, 2048)
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    other = json.dumps(
        {"sub": str(person), "exp": 9_999_999_999, "iat": 1, "iss": "checkin", "aud": "checkin"}
    ).encode()
    return {
        "alg none": jwt.encode(claims(), "", "none", headers={"kid": kid}),
        "alg None": raw(head_of(alg="None", typ="JWT"), other, b""),
        "alg none with our signature": raw(head_of(alg="none"), other, b"") + mark,
        "alg missing": raw(head_of(), other),
        "alg a list": raw(head_of(alg=["HS256"]), other),
        "signed with RS256": jwt.encode(claims(), key, "RS256", headers={"kid": kid}),
        "signed HS256 with a public key": by_hand(head_of(alg="HS256"), other, public),
        "RS256 signed with our secret": by_hand(head_of(alg="RS256"), other, secret.encode()),
        "HS512 with our secret": signed(claims(), "HS512"),
        "another secret": jwt.encode(claims(), "another secret" * 4, "HS256", headers={"kid": kid}),
        "another secret under its own name": jwt.encode(
            claims(), "another secret" * 4, "HS256", headers={"kid": auth.key_id("another secret" * 4)}
        ),
        "no kid": jwt.encode(claims(), secret, "HS256"),
        "kid a number": by_hand(head_of(alg="HS256", kid=7), other, secret.encode()),
        "kid null": by_hand(head_of(alg="HS256", kid=None), other, secret.encode()),
        "kid a list": by_hand(head_of(alg="HS256", kid=[kid]), other, secret.encode()),
        "kid the secret itself": signed(claims(), kid=secret),
        "kid in capitals": signed(claims(), kid=kid.upper()),
        "kid with a blank": signed(claims(), kid=f"{kid} "),
        "an empty secret": raw(head_of(alg="HS256"), other, b""),
        "kid to nowhere": jwt.encode(claims(), "\0" * 32, "HS256", headers={"kid": "../../dev/null"}),
        "kid to SQL": jwt.encode(claims(), "x" * 32, "HS256", headers={"kid": "' union select 'x"}),
        "a key of its own": jwt.encode(
            claims(), "x" * 32, "HS256", headers={"kid": kid, "jwk": {"kty": "oct", "k": "eHh4"}}
        ),
        "unknown critical header": signed(claims(), crit=["exp2"], exp2=1),
        "payload of another": f"{head}.{base64.urlsafe_b64encode(other).decode().rstrip('=')}.{mark}",
        "signature cut": good[:-4],
        "signature changed": f"{head}.{body}.{'A' * len(mark)}",
        "no signature": f"{head}.{body}.",
        "expired": signed(claims(exp=now - timedelta(seconds=1), iat=now - timedelta(minutes=16))),
        "expired long ago": signed(claims(exp=1, iat=0)),
        "not before tomorrow": signed(claims(nbf=now + timedelta(days=1))),
        "issued tomorrow": signed(claims(iat=now + timedelta(days=1), exp=now + timedelta(days=2))),
        "another audience": signed(claims(aud="elsewhere")),
        "no audience": signed(claims(aud=None)),
        "another issuer": signed(claims(iss="elsewhere")),
        "no issuer": signed(claims(iss=None)),
        "no expiry": signed(claims(exp=None)),
        "no issue time": signed(claims(iat=None)),
        "nobody": signed(claims(sub=None)),
        "an empty name": signed(claims(sub="")),
        "a name that is no id": signed(claims(sub="admin")),
        "a name with NUL": signed(claims(sub=f"{person}\0")),
        "a session that is none": signed(claims(sid="../1")),
        "a session that is a number": signed(claims(sid=7)),
        "expiry a word": signed(claims(exp=None) | {"exp": "never"}),
        "expiry beyond all dates": signed(claims(exp=None) | {"exp": 1e300}),
        "expiry without end": by_hand(head_of(alg="HS256"), b'{"exp":Infinity}', secret.encode()),
        "nested without end": raw(b"[" * 2_000, b"{}"),
        "header not UTF-8": raw(b"\xff\xfe", b"{}"),
        "not base64": "a.b.c",
        "dots": "...",
        "a word": "token",
        "64 KiB": "a" * 65_536,
        "64 KiB in three parts": raw(b"a" * 20_000, b"b" * 20_000),
    }


async def test_a_bad_token_is_refused_and_nothing_is_told(client: Client, people: Cast, settings: Settings) -> None:
    tokens = bad_tokens(settings.token_secret, people.mentee.id)
    answers = {
        name: await client.get(PATH, headers={"Authorization": f"Bearer {token}"}) for name, token in tokens.items()
    }

    assert {name: outcome(answered) for name, answered in answers.items()} == dict.fromkeys(tokens, UNKNOWN)
    assert {tuple(answered.json()) for answered in answers.values()} == {("type", "title", "status", "instance")}


async def test_a_header_that_is_not_one_bearer_token_is_refused(client: Client, people: Cast, bearer: Bearer) -> None:
    good = bearer(people.mentee)["Authorization"]
    token = good.removeprefix("Bearer ")
    lines: dict[str, list[str]] = {
        "none": [],
        "empty": [""],
        "no token": ["Bearer"],
        "a blank token": ["Bearer "],
        "the scheme twice": [f"Bearer {good}"],
        "two headers": [good, good],
        "two headers, the first bad": ["Bearer x", good],
        "two tokens": [f"{good} {token}"],
        "two tokens with a comma": [f"{good}, {good}"],
        "no scheme": [token],
        "another scheme": [f"Basic {token}"],
        "two blanks": [f"Bearer  {token}"],
        "Latin-1": ["Bearer é"],
        "good": [good],
        "good in small letters": [f"bearer {token}"],
    }

    found = {}
    for name, values in lines.items():
        headers = [(b"Authorization", value.encode("latin-1")) for value in values]
        found[name] = outcome(await client.get(PATH, headers=headers))

    taken = {name: OK for name in lines if name.startswith("good")}
    assert found == dict.fromkeys(lines, UNKNOWN) | taken


async def test_a_token_is_taken_from_the_header_alone(client: Client, people: Cast, bearer: Bearer) -> None:
    token = bearer(people.mentee)["Authorization"].removeprefix("Bearer ")
    elsewhere: list[tuple[str, Headers]] = [
        (f"{PATH}?access_token={token}", {}),
        (PATH, {"Cookie": f"token={token}"}),
        (PATH, {"X-Authorization": f"Bearer {token}"}),
    ]

    found = [outcome(await client.get(path, headers=headers)) for path, headers in elsewhere]

    assert found == [UNKNOWN] * len(elsewhere)


async def test_a_token_of_nobody_we_know_is_refused(client: Client, people: Cast, bearer: Bearer) -> None:
    nobody = replace(people.mentor, id=uuid4())

    found = [outcome(await client.get(path, headers=bearer(nobody))) for path in (PATH, "/v1/alerts")]

    assert found == [UNKNOWN] * 2


@pytest.mark.parametrize("path", [PATH, "/v1/alerts", "/v1/me/nudges", "/v1/me/sessions", "/v1/me/nudge-plan"])
async def test_whoever_has_left_is_refused_at_once(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, path: str
) -> None:
    before = outcome(await client.get(path, headers=bearer(people.mentee)))
    await conn.execute("update people set status = 'ended' where id = $1", people.mentee.id)

    after = outcome(await client.get(path, headers=bearer(people.mentee)))

    assert (before, after) == (OK, UNKNOWN)


async def test_a_secret_is_changed_without_signing_anybody_out(settings: Settings, people: Cast) -> None:
    old, new, now = "o" * 40, "n" * 40, Clock().now()
    given = replace(settings, token_secret=f"{new}, {old}")
    tokens = [auth.mint(people.mentee.id, one, now) for one in (old, new, given.token_secret, "x" * 40)]

    async with served(given) as client:
        found = [outcome(await client.get(PATH, headers={"Authorization": f"Bearer {one}"})) for one in tokens]

    assert found == [OK, OK, OK, UNKNOWN]
    assert jwt.get_unverified_header(tokens[2])["kid"] == auth.key_id(new)
