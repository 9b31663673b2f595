"""A client's copy of what the changes feed tells, from any cursor it ever got."""

import asyncio
from typing import Any

from tests.api.calls import OK, Client, Headers, outcome

Json = dict[str, Any]  # Any: JSON
CHANGES = "/v1/changes"


class Replica:
    """Holds what one device was told; *cursors* are all it ever got, each with the copy it had then."""

    def __init__(self, client: Client, headers: Headers, *, limit: int = 100) -> None:
        self.client, self.headers, self.limit = client, headers, limit
        self.things: dict[tuple[str, str], Json] = {}
        self.cursors: list[tuple[str | None, dict[tuple[str, str], Json]]] = [(None, {})]

    async def page(self) -> Json:
        """Take in one page; returns it."""
        cursor = self.cursors[-1][0]
        query = f"?limit={self.limit}" + ("" if cursor is None else f"&cursor={cursor}")
        for _ in range(100):  # as a client does who is told to come back
            answered = await self.client.get(CHANGES + query, headers=self.headers)
            if answered.status_code != 503:
                break
            await asyncio.sleep(0.1)
        assert outcome(answered) == OK, answered.text
        page: Json = answered.json()
        for one in page["items"]:
            key = one["kind"], one["id"]
            if one["gone"]:
                assert one.keys() == {"kind", "id", "gone"}
                self.things.pop(key, None)
            else:
                assert one.keys() == {"kind", "id", "gone", one["kind"]}
                self.things[key] = one[one["kind"]]
        self.cursors.append((page["next_cursor"], dict(self.things)))
        return page

    async def catch_up(self) -> list[Json]:
        """Take in every page there is; returns all that came."""
        came: list[Json] = []
        while True:
            page = await self.page()
            came += page["items"]
            if not page["has_more"]:
                return came

    def at(self, number: int) -> "Replica":
        """Return the copy as it was when cursor *number* came."""
        other = Replica(self.client, self.headers, limit=self.limit)
        cursor, things = self.cursors[number]
        other.things, other.cursors = dict(things), [(cursor, dict(things))]
        return other

    def kind(self, kind: str) -> dict[str, Json]:
        """Return the things of one kind, by id."""
        return {key[1]: thing for key, thing in self.things.items() if key[0] == kind}


async def server_state(client: Client, headers: Headers) -> dict[tuple[str, str], Json]:
    """Return what the other operations show of all that the feed carries to whoever has *headers*."""

    async def read(path: str) -> Json:
        answered = await client.get(path, headers=headers)
        return answered.json() if answered.status_code == 200 else {}

    async def whole(path: str) -> list[Json]:
        page = await read(f"{path}?limit=100")
        items: list[Json] = page["items"]
        while "next_cursor" in page:
            page = await read(f"{path}?limit=100&cursor={page['next_cursor']}")
            items += page["items"]
        return items

    me = await read("/v1/me")
    found = {("me", me["id"]): me}
    if "mentee" in me["roles"]:
        found["nudge_plan", me["id"]] = await read("/v1/me/nudge-plan")
        found |= {("check_in", one["day"]): one for one in await whole("/v1/me/check-ins")}
        found |= {("help_request", one["id"]): one for one in await whole("/v1/me/help-requests")}
    found |= {("mentee", one["id"]): one for one in await whole("/v1/mentees")}
    found |= {("alert", one["id"]): one for one in await whole("/v1/alerts")}
    return found
