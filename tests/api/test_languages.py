"""Sentences are told in the language the caller asks for, or else in their own, and the answer says in which."""

import pytest

from tests.api.calls import Bearer, Client
from tests.people import Cast

TREND = "/v1/me/trend"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (None, "en"),
        ("", "en"),
        ("es", "es"),
        ("es-MX, en;q=0.5", "es"),
        ("en;q=0.3, ES;q=0.9", "es"),
        ("fr, de;q=0.9, es;q=0.1", "es"),
        ("fr, de", "en"),
        ("es;q=0", "en"),
        ("*", "en"),
        ("es;q=nonsense", "es"),
        (",;q=1,,\t;;es", "en"),
        ("é" * 300, "en"),
    ],
)
async def test_a_sentence_comes_in_the_language_that_is_asked_for(
    client: Client, people: Cast, bearer: Bearer, asked: str | None, told: str
) -> None:
    headers = bearer(people.mentee) | ({} if asked is None else {"Accept-Language": asked})

    answered = await client.get(TREND, headers=[(name.encode(), value.encode()) for name, value in headers.items()])

    assert (answered.status_code, answered.headers["content-language"]) == (200, told)
    assert ("Todavía" in answered.json()["sentence"]) is (told == "es")


async def test_what_holds_no_sentence_is_in_no_language(client: Client, people: Cast, bearer: Bearer) -> None:
    answered = await client.get("/v1/me", headers=bearer(people.mentee) | {"Accept-Language": "es"})

    assert "content-language" not in answered.headers
