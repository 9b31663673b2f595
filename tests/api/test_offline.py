"""Two devices of one person, offline at will: any order, retry or lost answer ends the same, and nothing is lost."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct

from checkin import flows, store
from checkin.core.check_ins import CheckIn, settle
from checkin.core.people import Person, Role
from checkin.flows.people import NewPerson
from checkin.store.pool import Connection
from tests.api.calls import OK, Bearer, Client, Headers, outcome
from tests.api.replicas import Replica, server_state
from tests.people import DAY, MONDAY, NOW, ZONE, Cast

NUMBERS = count(200)
Json = dict[str, Any]  # Any: JSON


class Edit(Struct, frozen=True):
    """Something said on a device, which keeps it until it is answered."""

    device: int
    back: int
    minute: int
    mood: int
    note: str | None


class Send(Struct, frozen=True):
    """A device sends some of what it keeps, together or one by one; the answer may be *lost*, or come *twice*."""

    device: int
    places: list[int]
    together: bool
    lost: bool
    twice: bool


class Read(Struct, frozen=True):
    """A device reads a page of the feed, from the newest cursor it has or from any older one."""

    device: int
    cursor: int
    limit: int


class AtOnce(Struct, frozen=True):
    """Both devices send all they keep, at the same moment."""

    together: bool


DEVICES = st.integers(0, 1)
EDITS = st.builds(
    Edit,
    device=DEVICES,
    back=st.integers(0, 2),
    minute=st.integers(0, 3),
    mood=st.integers(0, 2),
    note=st.sampled_from([None, None, "a walk", "😀 rain"]),
)
SENDS = st.builds(
    Send,
    device=DEVICES,
    places=st.lists(st.integers(0, 9), min_size=1, max_size=4),
    together=st.booleans(),
    lost=st.booleans(),
    twice=st.booleans(),
)
READS = st.builds(Read, device=DEVICES, cursor=st.integers(0, 20), limit=st.integers(1, 4))
STORIES = st.lists(st.one_of(EDITS, EDITS, SENDS, READS, st.builds(AtOnce, st.booleans())), min_size=3, max_size=14)


class Device:
    """Keeps what was said on it until it is answered, and a copy of what the feed tells it."""

    def __init__(self, client: Client, headers: Headers) -> None:
        self.client, self.headers = client, headers
        self.kept: list[Json] = []
        self.copies: list[Replica] = [Replica(client, headers)]

    async def send(self, items: list[Json], *, together: bool, lost: bool = False, twice: bool = False) -> None:
        """Send *items*, and keep them no more unless the answer is *lost*."""
        for _ in range(1 + twice):
            if together and items:
                answered = await self.client.post("/v1/me/check-ins/batch", json={"items": items}, headers=self.headers)
                assert outcome(answered) == OK
                became = [one["outcome"] for one in answered.json()["items"]]
                assert {*became} <= {"stored", "unchanged", "superseded"}
            for one in [] if together else items:
                said = {name: value for name, value in one.items() if name != "day"}
                put = await self.client.put(f"/v1/me/check-ins/{one['day']}", json=said, headers=self.headers)
                assert outcome(put) == OK
        if not lost:
            self.kept = [one for one in self.kept if one not in items]

    async def read(self, cursor: int, limit: int) -> None:
        """Go on from a cursor it got once; each such copy is one more that has to end right."""
        newest = self.copies[-1]
        copy = newest if cursor >= len(newest.cursors) else newest.at(cursor)
        copy.limit = limit
        await copy.page()
        self.copies.append(copy)


async def somebody(conn: Connection, people: Cast) -> Person:
    """Return a mentee nobody has heard of yet."""
    row = NewPerson(
        line=0,
        program="",
        name="Noa",
        phone=f"+1212555{next(NUMBERS):04}",
        roles=frozenset({Role.mentee}),
        time_zone=ZONE,
        language="en",
        consented=True,
    )
    return await flows.people.add(conn, row, people.program, NOW - 60 * DAY)


async def play(story: list[Edit | Send | Read | AtOnce], devices: list[Device]) -> list[Json]:
    """Let a story happen, then let both devices get through; returns all that was ever said."""
    said: list[Json] = []
    for event in story:
        match event:
            case Edit():
                day = MONDAY - event.back * DAY
                at = datetime(day.year, day.month, day.day, 17, event.minute, tzinfo=UTC)
                item = {
                    "day": str(day),
                    "mood": event.mood,
                    "hope": 5,
                    "answered_at": at.isoformat(),
                    "time_zone": ZONE,
                }
                item |= {} if event.note is None else {"note": event.note}
                said.append(item)
                devices[event.device].kept.append(item)
            case Send():
                device = devices[event.device]
                items = [device.kept[place] for place in event.places if place < len(device.kept)]
                await device.send(items, together=event.together, lost=event.lost, twice=event.twice)
            case Read():
                await devices[event.device].read(event.cursor, event.limit)
            case AtOnce():
                await asyncio.gather(*(one.send(list(one.kept), together=event.together) for one in devices))
    await asyncio.gather(*(one.send(list(one.kept), together=True) for one in devices))
    return said


def winners(stored: list[CheckIn]) -> Iterator[CheckIn]:
    """Yield what stands for each day when every answer comes in the order it was given in."""
    for day in {one.day for one in stored}:
        stands: CheckIn | None = None
        for one in sorted(stored, key=lambda one: one.answered_at):
            if one.day == day and settle(stands, one) == "store":
                stands = one
        assert stands is not None
        yield stands


async def test_any_story_of_two_devices_ends_the_same(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    loop = asyncio.get_running_loop()

    async def check(story: list[Edit | Send | Read | AtOnce]) -> None:
        mentee = await somebody(conn, people)
        devices = [Device(client, bearer(mentee)) for _ in range(2)]

        said = await play(story, devices)

        every = await every_answer(conn, mentee)
        kept = [(str(one.day), one.mood, one.note, one.answered_at.isoformat()) for one in every]
        assert {*kept} == {(one["day"], one["mood"], one.get("note"), one["answered_at"]) for one in said}
        assert len(kept) == len({*kept})
        days = [MONDAY - back * DAY for back in range(3)]
        stands = {one.id for one in await store.check_ins.of_days(conn, mentee.id, days)}
        assert stands == {one.id for one in winners(every)}
        state = await server_state(client, bearer(mentee))
        for copy in [copy for device in devices for copy in device.copies]:
            for number in range(len(copy.cursors)):
                other = copy.at(number)
                await other.catch_up()
                assert other.things == state

    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(STORIES)
    def stories(story: list[Edit | Send | Read | AtOnce]) -> None:
        asyncio.run_coroutine_threadsafe(check(story), loop).result(timedelta(minutes=2).total_seconds())

    await asyncio.to_thread(stories)


async def every_answer(conn: Connection, mentee: Person) -> list[CheckIn]:
    """Return all that is kept of a mentee's answers, what stands and what lost."""
    columns = "day, id, mood, hope, skipped, note, note_shared, answered_at, received_at, time_zone, source"
    rows = await conn.fetch(
        f"select {columns} from check_ins where mentee_id = $1"
        f" union all select {columns} from check_in_history where mentee_id = $1",
        mentee.id,
    )
    return [store.check_ins.check_in_of(conn, row) for row in rows]
