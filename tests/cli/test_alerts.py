"""`checkin alerts dry-run`: what a rule would have raised, as an operator reads it."""

import asyncio
from collections import Counter
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace

from checkin import core, flows
from checkin.cli import main
from checkin.clock import Clock
from checkin.config import Settings
from checkin.core.check_ins import Source
from checkin.store.pool import Connection
from tests.histories import reports
from tests.people import DAY, ZONE, Cast, answer, cast

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def settle(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("database_url", "token_secret", "encryption_keys", "lookup_key", "twilio_account_sid"):
        monkeypatch.setenv(f"CHECKIN_{name.upper()}", getattr(settings, name))
    monkeypatch.setenv("CHECKIN_TWILIO_AUTH_TOKEN", settings.twilio_auth_token)
    monkeypatch.setenv("CHECKIN_TWILIO_FROM", settings.twilio_from)


@pytest.fixture
def now() -> datetime:
    return Clock().now()


@pytest.fixture
async def members(conn: Connection, now: datetime) -> Cast:
    """The cast with a history of the mentee's, up to the commands' own today."""
    members = await cast(conn, now - 200 * DAY)
    for report in reports(21, 150, until=core.wall.local_day(now, ZONE)):
        said = replace(answer(report.day, report.mood, report.hope), source=Source.imported)
        await flows.check_ins.record(conn, members.mentee.id, said, now)
    return members


async def run(*arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, main, ["alerts", "dry-run", *arguments])


async def test_it_says_alerts_a_week_by_mentor_and_week_beside_the_rule_that_is_on(members: Cast) -> None:
    done = await run("Harbor", "--false-alerts", "6")

    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    on, tried = (int(word) for word in next(line for line in lines if line.startswith("alerts  ")).split()[1:])
    assert lines[0].endswith(f": 1 mentees, {len(reports(21, 150))} reports.")
    assert next(line for line in lines if line.startswith("false")).split()[-2:] == ["2", "6"]
    assert tried > on > 0
    assert next(line for line in lines if line.startswith("Ben")).split()[-1] == "1"
    weeks = [line.split() for line in lines[lines.index(next(line for line in lines if "week of" in line)) + 1 :]]
    assert (sum(int(week[1]) for week in weeks), sum(int(week[2]) for week in weeks)) == (on, tried)
    assert all(week[3:] == (["#" * int(week[2])] if int(week[2]) else []) for week in weeks)


async def test_it_names_alerts_by_day_and_id_and_says_nothing_of_what_was_answered(members: Cast) -> None:
    done = await run("Harbor", "--false-alerts", "6", "--list")

    listed = done.stdout.partition("rule\n")[2].splitlines()
    assert {line.split()[1] for line in listed} == {str(members.mentee.id)}
    rules = Counter(line[56:] for line in listed)
    assert f"{rules['both'] + rules['now only']:>10}{rules['both'] + rules['tried only']:>10}" in done.stdout
    assert rules["tried only"] > 0
    assert "Ana" not in done.stdout
    assert "usual" not in done.stdout


async def test_it_draws_the_weeks_into_a_file_as_it_prints_them(members: Cast, tmp_path: Path) -> None:
    file = tmp_path / "weeks.svg"

    done = await run("Harbor", "--false-alerts", "6", "--svg", str(file))

    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    printed = [line.split() for line in lines[lines.index(next(line for line in lines if "week of" in line)) + 1 :]]
    picture = ElementTree.fromstring(file.read_text())
    heights = [float(bar.attrib["height"]) for bar in picture.iter(f"{SVG}rect") if bar.get("class") == "bar"]
    counts = [int(count) for week in printed for count in week[1:3]]
    assert [round(height / max(heights), 2) for height in heights] == [
        round(count / max(counts), 2) for count in counts
    ]
    assert [one.text for one in picture.iter(f"{SVG}title")][1:] == [
        f"Week of {week[0]}: {week[1]} on now, {week[2]} tried" for week in printed
    ]
    assert "Ana" not in file.read_text()


async def test_a_picture_that_cannot_be_written_is_one_line(members: Cast, tmp_path: Path) -> None:
    done = await run("Harbor", "--false-alerts", "6", "--svg", str(tmp_path / "nowhere" / "weeks.svg"))

    assert done.exit_code == 1
    assert "cannot be written" in done.stderr


async def test_only_the_days_between_are_looked_at(members: Cast, now: datetime) -> None:
    last = core.wall.local_day(now, ZONE) - 30 * DAY

    done = await run("Harbor", "--false-alerts", "2", "--from", str(last - 9 * DAY), "--until", str(last))

    within = [report for report in reports(21, 150, until=last + 30 * DAY) if last - 9 * DAY <= report.day <= last]
    assert done.stdout.splitlines()[0] == f"Harbor, {within[0].day} to {last}: 1 mentees, {len(within)} reports."


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("Nowhere", "--false-alerts", "2"), "no program by that name"),
        (("Harbor", "--false-alerts", "5"), "is not one of"),
        (("Harbor",), "--false-alerts"),
        (("Harbor", "--false-alerts", "2", "--from", "2026-02-02", "--until", "2026-02-01"), "first day comes after"),
        (("Harbor", "--false-alerts", "2", "--until", "today"), "does not match the format"),
    ],
)
async def test_what_cannot_be_tried_is_refused_in_one_line(
    members: Cast, arguments: tuple[str, ...], said: str
) -> None:
    done = await run(*arguments)

    assert done.exit_code > 0
    assert said in done.stderr
