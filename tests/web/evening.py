"""An evening with open alerts, on a running system: mentees with every kind of history, and links to their alerts."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from checkin import core, flows, store
from checkin.clock import Clock
from checkin.config import Settings, new_secrets
from checkin.core.alerts import Kind
from checkin.core.people import Person, Role
from checkin.core.trend import Report
from checkin.embedded import Embedded
from checkin.flows.people import NewPerson
from checkin.store.links import Bound
from checkin.store.pool import Connection
from checkin.store.vault import Vault
from tests.people import DAY, FALLING, STEADY, ZONE, answer
from tests.running import running_system, sandbox_environ

NOTE = "could not get up <today>, sorry"


class Evening(Struct, frozen=True):
    """A running system: its address, its database and the keys to it; and its mentees' alerts by name."""

    base: str
    url: str
    vault: Vault
    alerts: dict[str, Bound]

    async def link(self, name: str) -> str:
        """Return the address of a fresh link to a mentee's alert."""
        token = secrets.token_hex(11)
        now = Clock().now()
        pool = await store.pool.connect(self.url, self.vault)
        async with pool.acquire() as conn:
            await store.links.add(conn, self.alerts[name], token, now, now + timedelta(minutes=15), asked_for=False)
        await pool.close()
        return f"{self.base}/a/{token}"

    async def reports(self, name: str) -> list[Report]:
        """Return a mentee's reports, in day order."""
        pool = await store.pool.connect(self.url, self.vault)
        async with pool.acquire() as conn:
            found = await store.check_ins.reports_since(conn, self.alerts[name].mentee_id, None)
        await pool.close()
        return found

    async def number(self, name: str) -> int:
        """Return the number that a mentee's alert has in texts."""
        pool = await store.pool.connect(self.url, self.vault)
        async with pool.acquire() as conn:
            number: int = await conn.fetchval("select number from alerts where id = $1", self.alerts[name].alert_id)
        await pool.close()
        return number

    async def outcome(self, name: str) -> tuple[str | None, bool]:
        """Return the outcome written for a mentee's alert, and whether it is closed."""
        pool = await store.pool.connect(self.url, self.vault)
        async with pool.acquire() as conn:
            row = await conn.fetchrow(
                "select outcome, resolved_at from alerts where id = $1", self.alerts[name].alert_id
            )
        await pool.close()
        assert row is not None
        return row["outcome"], row["resolved_at"] is not None


def histories(today: date) -> dict[str, list[Report]]:
    """Return what every mentee answered, by name."""
    usual = [(today - back * DAY, *scores) for back, scores in zip(range(59, 6, -1), STEADY * 8, strict=False)]
    fallen = [(today - back * DAY, *scores) for back, scores in zip(range(6, -1, -1), FALLING, strict=True)]
    gaps = {5, 6, 7, 20, 33, 34, 35, 36, 50, 55}
    return {
        "Ana": [Report(*one) for number, one in enumerate([*usual, *fallen]) if number not in gaps],
        "Bea": [Report(today - 3 * DAY, 4, 5)],
        "Cid": [],
        "Dot": [Report(*one) for one in [*usual, *usual[:7]]][:53]
        + [Report(today - back * DAY, *scores) for back, scores in zip(range(6, -1, -1), STEADY, strict=True)],
        "Eva": [Report(today - back * DAY, 6, 5) for back in (9, 8, 2, 1)],
        "Kim": [],
        "Sol": [Report(*one) for one in [*usual, *fallen]],
    }


@contextmanager
def evening(server: Embedded, template: str, name: str) -> Iterator[tuple[str, dict[str, str], Vault]]:
    """Lend the address of a fresh database, the variables and the vault of a system on it."""
    server.create_database(name, template)
    fresh = new_secrets()
    keys = Settings(
        token_secret=fresh["token_secret"], encryption_keys=fresh["encryption_keys"], lookup_key=fresh["lookup_key"]
    )
    yield server.url(name), sandbox_environ(keys), Vault(keys.encryption_keys, keys.lookup_key)


@contextmanager
def running_evening(url: str, environ: dict[str, str], vault: Vault, alerts: dict[str, Bound]) -> Iterator[Evening]:
    with running_system(url, environ) as base:
        yield Evening(base, url, vault, alerts)


async def bring_in(url: str, vault: Vault) -> dict[str, Bound]:
    """Write people, answers and alerts into the database; returns the alerts, each with its mentor, by mentee."""
    pool = await store.pool.connect(url, vault)
    async with pool.acquire() as conn:
        found = await _bring_in(conn, Clock().now())
    await pool.close()
    return found


async def _bring_in(conn: Connection, now: datetime) -> dict[str, Bound]:
    program = await store.people.add_program(conn, "Harbor", "US", ZONE, now - 90 * DAY)
    people: dict[str, Person] = {}

    async def person(name: str, number: int, role: Role, language: str = "en") -> Person:
        row = NewPerson(
            line=0,
            program="",
            name=name,
            phone=f"+121255502{number:02d}",
            roles=frozenset({role}),
            time_zone=ZONE,
            language=language,
            consented=True,
        )
        people[name] = await flows.people.add(conn, row, program, now - 90 * DAY)
        return people[name]

    await person("Jo", 1, Role.coordinator)
    ben, rosa = await person("Ben", 2, Role.mentor), await person("Rosa", 3, Role.mentor, "es")
    kinds = {
        "Bea": Kind.call_me,
        "Cid": Kind.unreachable,
        "Dot": Kind.practical_help,
        "Eva": Kind.crisis,
        "Kim": Kind.crisis,
    }
    for number, (name, reports) in enumerate(histories(core.wall.local_day(now, ZONE)).items()):
        mentee, mentor = await person(name, 10 + number, Role.mentee), rosa if name == "Sol" else ben
        await store.people.assign(conn, mentee.id, mentor.id, "primary", now - 90 * DAY)
        await store.people.assign(conn, mentee.id, (ben if mentor is rosa else rosa).id, "cover", now - 90 * DAY)
        for report in reports:
            note = NOTE if name == "Ana" and report is reports[-1] else None
            said = replace(answer(report.day, report.mood, report.hope, note=note), note_shared=True)
            at = min(said.answered_at, now)
            await flows.check_ins.record(conn, mentee.id, replace(said, answered_at=at), at)
        await store.nudges.plan_next(conn, [(mentee.id, None)])
        if name in kinds:
            evidence = {"topic": "transport"} if name == "Dot" else {"source": "text", "tier": "B", "family": ""}
            await store.alerts.raise_for(conn, mentee.id, kinds[name], evidence, now)
    rows = await conn.fetch("select mentee_id, id from alerts")
    alerts: dict[UUID, UUID] = {row["mentee_id"]: row["id"] for row in rows}
    return {
        name: Bound(mentee_id=one.id, alert_id=alerts[one.id], person_id=(rosa if name == "Sol" else ben).id)
        for name, one in people.items()
        if one.id in alerts
    }
