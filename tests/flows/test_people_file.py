"""The people file: every line is a person or a named mistake."""

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkin import flows, store
from checkin.core.people import Role
from checkin.store.pool import Connection
from tests.people import NOW

HEADER = "program,name,phone,roles,time_zone,language,mentor,cover"
ANA = "Harbor,Ana,+1 (212) 555-0101,mentee,America/New_York,es,212 555 0102,+12125550103"
BEN = "Harbor,Ben,+12125550102,mentor,America/New_York,en,,"
CLEO = "Harbor,Cleo,+12125550103,mentor coordinator,America/New_York,en,,"
GOOD = [HEADER, ANA, BEN, CLEO]


def lines(*rows: str) -> list[str]:
    return [row + "\n" for row in rows]


def test_a_good_file_is_read_whole() -> None:
    people, mistakes = flows.people_file.read(lines(*GOOD))

    assert mistakes == []
    assert [person.name for person in people] == ["Ana", "Ben", "Cleo"]
    assert people[0].phone == "+12125550101"
    assert people[0].mentor == "+12125550102"
    assert people[2].roles == {Role.mentor, Role.coordinator}


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("Harbor,Ana,12,mentee,America/New_York,en,,", "phone"),
        ("Harbor,Ana,+12125550101;ext=1,mentee,America/New_York,en,,", "phone"),
        ("Harbor,Ana,☎️,mentee,America/New_York,en,,", "phone"),
        ("Harbor,Ana,٠١٢٣٤٥٦٧٨٩,mentee,America/New_York,en,,", "phone"),
        ("Harbor,Ana,+12125550101,boss,America/New_York,en,,", "roles"),
        ("Harbor,Ana,+12125550101,,America/New_York,en,,", "roles"),
        ("Harbor,Ana,+12125550101,mentee,Mars/Phobos,en,,", "time_zone"),
        ("Harbor,Ana,+12125550101,mentee,../etc/passwd,en,,", "time_zone"),
        ("Harbor,Ana,+12125550101,mentee,America/New_York,fr,,", "language"),
        ("Harbor,,+12125550101,mentee,America/New_York,en,,", "name"),
        (f"Harbor,{'A' * 81},+12125550101,mentee,America/New_York,en,,", "name"),
        (",Ana,+12125550101,mentee,America/New_York,en,,", "program"),
        ("Harbor,Ana,+12125550101,mentee,America/New_York,en", "fields"),
        ("Harbor,Ben,+12125550102,mentor,America/New_York,en,+12125550101,", "for mentees"),
        ("Harbor,Ana,+12125550101,mentee,America/New_York,en,nobody,", "mentor"),
    ],
)
def test_a_bad_line_is_named_with_what_is_wrong(row: str, told: str) -> None:
    people, mistakes = flows.people_file.read(lines(HEADER, row))

    assert people == []
    assert [mistake.line for mistake in mistakes] == [2]
    assert told in mistakes[0].problem


PLANS = "program,name,phone,roles,time_zone,language,nudge_at,weekdays,quiet"


def planned(number: int, nudge_at: str = "", weekdays: str = "", quiet: str = "") -> str:
    return f"Harbor,Ana,+1212555010{number},mentee,America/New_York,en,{nudge_at},{weekdays},{quiet}"


async def test_a_plan_is_read_from_its_columns_and_written(conn: Connection) -> None:
    rows = [planned(1, "18:30 09:00", "mon-fri", "22:00-07:30"), planned(2)]
    people, mistakes = flows.people_file.read(lines(PLANS, *rows))

    await flows.people.bring_in(conn, people, NOW)

    assert mistakes == []
    found = await conn.fetch("select times, weekdays, quiet_from, quiet_until from nudge_plans order by times")
    assert [tuple(row) for row in found] == [
        ([time(9), time(18, 30)], [1, 2, 3, 4, 5], time(22), time(7, 30)),
        ([time(18)], [1, 2, 3, 4, 5, 6, 7], time(21), time(8)),
    ]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (planned(1, nudge_at="6pm"), "nudge_at: '6pm' is not times such as"),
        (planned(1, nudge_at="09:00 25:00"), "nudge_at"),
        (planned(1, nudge_at=" ".join(f"{n}:00" for n in range(7))), "nudge_at"),
        (planned(1, weekdays="someday"), "weekdays: 'someday' is not days such as"),
        (planned(1, weekdays="0-5"), "weekdays"),
        (planned(1, quiet="21:00"), "quiet: '21:00' is not hours such as"),
    ],
)
def test_a_plan_that_cannot_be_read_is_named_with_its_line(row: str, told: str) -> None:
    people, mistakes = flows.people_file.read(lines(PLANS, planned(2), row))

    assert [person.line for person in people] == [2]
    assert [mistake.line for mistake in mistakes] == [3]
    assert mistakes[0].problem.startswith(told)


async def test_quiet_hours_that_leave_nothing_are_named_with_their_line(conn: Connection) -> None:
    people, _ = flows.people_file.read(lines(PLANS, planned(1), planned(2, quiet="08:00-21:00")))

    done = await flows.people.bring_in(conn, people, NOW)

    assert [(mistake.line, mistake.problem[:5]) for mistake in done.mistakes] == [(3, "quiet")]
    assert await conn.fetchval("select count(*) from people") == 0


def test_five_faults_name_five_lines() -> None:
    bad = [
        "Harbor,A,+12125550111,boss,America/New_York,en,,",
        "Harbor,B,x,mentee,America/New_York,en,,",
        "Harbor,C,+12125550113,mentee,Nowhere,en,,",
        "Harbor,D,+12125550114,mentee,America/New_York,xx,,",
        "Harbor,E,+12125550101,mentee,America/New_York,en,,",
    ]

    _, mistakes = flows.people_file.read(lines(*GOOD, *bad))

    assert [mistake.line for mistake in mistakes] == [5, 6, 7, 8, 9]


@pytest.mark.parametrize(
    "header", ["", "name,phone", HEADER + ",password", HEADER + ",name", "program;name;phone;roles;time_zone;language"]
)
def test_a_bad_header_is_one_clear_mistake(header: str) -> None:
    _, mistakes = flows.people_file.read(lines(header, ANA))

    assert [mistake.line for mistake in mistakes] == [1]


def test_an_empty_file_is_a_mistake() -> None:
    assert flows.people_file.read([])[1]
    assert flows.people_file.read(lines(HEADER))[1]


@given(st.lists(st.text(max_size=80), max_size=8))
def test_any_text_at_all_is_people_or_mistakes(rows: list[str]) -> None:
    people, mistakes = flows.people_file.read(lines(HEADER, *rows))

    assert people or mistakes


async def test_a_file_is_written_whole_with_everything_a_mentee_needs(conn: Connection) -> None:
    people, _ = flows.people_file.read(lines(*GOOD))

    done = await flows.people.bring_in(conn, people, NOW)

    assert (done.programs, done.people, done.assignments, done.mistakes) == (1, 3, 2, [])
    ana = (await store.people.by_phone(conn, "+12125550101"))[0]
    assert (ana.name, ana.language) == ("Ana", "es")
    standing = await store.people.assigned(conn, ana.id, NOW)
    assert {kind: [one.name for one in some] for kind, some in standing.items()} == {
        "primary": ["Ben"],
        "cover": ["Cleo"],
    }
    assert await conn.fetchval("select next_nudge_at > $2 from nudge_plans where mentee_id = $1", ana.id, NOW)


async def test_a_dry_run_counts_and_writes_nothing(conn: Connection) -> None:
    people, _ = flows.people_file.read(lines(*GOOD))

    done = await flows.people.bring_in(conn, people, NOW, dry_run=True)

    assert done.people == 3
    assert await conn.fetchval("select count(*) from people") == 0


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("Harbor,Dan,+12125550104,mentee,America/New_York,en,+12125559999,", "nobody"),
        ("Harbor,Dan,+12125550104,mentee,America/New_York,en,+12125550101,", "not a mentor"),
        ("Harbor,Dan,+12125550104,mentee mentor,America/New_York,en,+12125550104,", "themselves"),
    ],
)
async def test_a_mentor_who_cannot_be_is_named_and_nothing_is_written(conn: Connection, row: str, told: str) -> None:
    people, _ = flows.people_file.read(lines(*GOOD, row))

    done = await flows.people.bring_in(conn, people, NOW)

    assert [mistake.line for mistake in done.mistakes] == [5]
    assert told in done.mistakes[0].problem
    assert await conn.fetchval("select count(*) from people") == 0


async def test_the_same_file_twice_is_refused_line_by_line(conn: Connection) -> None:
    people, _ = flows.people_file.read(lines(*GOOD))
    await flows.people.bring_in(conn, people, NOW)

    done = await flows.people.bring_in(conn, people, NOW)

    assert [mistake.line for mistake in done.mistakes] == [2, 3, 4]
    assert await conn.fetchval("select count(*) from people") == 3
