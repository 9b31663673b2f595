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


async def test_the_feed_tells_an_alert_as_the_list_does_and_again_in_no_other_language(
    client: Client, people: Cast, bearer: Bearer
) -> None:
    await client.post("/v1/me/calls", headers=bearer(people.mentee))
    plain, spanish = bearer(people.mentor), bearer(people.mentor) | {"Accept-Language": "es"}

    listed = await client.get("/v1/alerts", headers=spanish)
    told = await client.get("/v1/changes", headers=spanish)
    again = await client.get(f"/v1/changes?cursor={told.json()['next_cursor']}", headers=plain)

    assert [one["alert"] for one in told.json()["items"] if "alert" in one] == listed.json()["items"]
    assert told.headers["content-language"] == listed.headers["content-language"] == "es"
    assert again.json()["items"] == []
    assert "content-language" not in again.headers


async def test_what_holds_no_sentence_is_in_no_language(client: Client, people: Cast, bearer: Bearer) -> None:
    answered = await client.get("/v1/me", headers=bearer(people.mentee) | {"Accept-Language": "es"})

    assert "content-language" not in answered.headers
