"""`checkin alerts dry-run`: a rule for trend alerts, tried on a programme's own history before it is switched on."""

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

import click

from checkin import core, flows, store
from checkin.cli.database import database, settings_or_exit
from checkin.config import Settings
from checkin.core.dry_runs import Count, DryRun, Span, Trial
from checkin.core.errors import Crowded
from checkin.runtime import running
from checkin.web import assets

DAY = click.DateTime(["%Y-%m-%d"])
STATEMENT_LIMIT = 60.0  # seconds for one fetch of some mentees' histories
WIDEST_BAR = 40
NOBODY = "nobody assigned"


@click.group()
def alerts() -> None:
    """When mentors hear of a fall."""


@alerts.command("dry-run")
@click.argument("program")
@click.option(
    "--false-alerts",
    type=click.Choice([str(choice) for choice in core.trend.H0]),
    required=True,
    help="The rule to try: false alerts a mentee and year.",
)
@click.option("--from", "first", type=DAY, help="The first day looked at; 52 weeks before --until if left out.")
@click.option("--until", "last", type=DAY, help="The last day looked at; today if left out.")
@click.option("--list", "each", is_flag=True, help="Name every alert: day, mentee's id, what fell, under which rule.")
@click.option(
    "--svg",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Draw the alerts a week under both rules into this file, for a browser to show.",
)
def dry_run(
    program: str, false_alerts: str, first: datetime | None, last: datetime | None, each: bool, svg: Path | None
) -> None:
    """Try a rule for trend alerts on what the mentees of PROGRAM answered before, beside the rule that is on now.

    Says how many alerts a week each would have raised, and for which mentors. History that was imported counts as if
    it had been answered day by day. Any number of mentees and days; nothing is written, raised or sent. Switch the
    rule on with PATCH /v1/programs/{id}/alert-rules.

    \b
    checkin alerts dry-run Harbor --false-alerts 3 --svg weeks.svg
    checkin alerts dry-run Harbor --false-alerts 1 --from 2026-01-01 --until 2026-06-30 --list
    """
    days = (None if first is None else first.date(), None if last is None else last.date())
    with database(settings_or_exit()) as settings:
        done, names = asyncio.run(_run(settings, program, int(false_alerts), days))
    click.echo("\n".join(_report(program, done, names)))
    if each:
        click.echo("\n".join(["", *_each(done)]))
    if svg is not None:
        _draw(svg, program, done)


async def _run(
    settings: Settings, name: str, tried: int, days: tuple[date | None, date | None]
) -> tuple[DryRun, dict[UUID, str]]:
    async with running(settings, statement_limit=STATEMENT_LIMIT) as parts, parts.pool.acquire() as conn:
        program_id = await store.people.program_by_name(conn, name)
        if program_id is None:
            raise click.ClickException("there is no program by that name")
        program = await store.people.program(conn, program_id)
        now = parts.clock.now()
        span = _span(days, core.wall.local_day(now, program.time_zone))
        trial = Trial(on=program.false_alerts_per_year, tried=tried, span=span)
        with _bar(await store.histories.count(conn, program_id)) as watch:
            try:
                done = await flows.dry_runs.run(conn, program_id, trial, now, watch=watch)
            except Crowded as problem:
                raise click.ClickException(str(problem)) from None
        mentors = [load.mentor_id for load in done.mentors if load.mentor_id is not None]
        return done, await store.people.names(conn, mentors)


def _span(days: tuple[date | None, date | None], today: date) -> Span:
    first, last = days[0], days[1] or today
    span = core.dry_runs.standard_span(last) if first is None else Span(first, last)
    if span.days < 1:
        raise click.BadParameter("the first day comes after the last", param_hint="--from")
    return span


@contextmanager
def _bar(mentees: int) -> Iterator[Callable[[], object]]:
    """Lend what is called after each mentee; it moves a bar where somebody is looking."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    with click.progressbar(length=mentees, label="Trying", file=sys.stderr, update_min_steps=10) as bar:
        yield lambda: bar.update(1)


def _report(program: str, done: DryRun, names: dict[UUID, str]) -> Iterator[str]:
    trial, total = done.trial, done.total
    yield f"{program}, {trial.span.first} to {trial.span.last}: {done.mentees} mentees, {done.reports} reports."
    yield ""
    yield f"{'':<28}{'on now':>10}{'tried':>10}"
    yield f"{'false alerts a year':<28}{trial.on:>10}{trial.tried:>10}"
    yield f"{'alerts':<28}{total.on:>10}{total.tried:>10}"
    yield f"{'alerts a week':<28}{done.a_week(total.on):>10.2f}{done.a_week(total.tried):>10.2f}"
    yield ""
    yield f"{'alerts a week, by mentor':<28}{'on now':>10}{'tried':>10}{'mentees':>10}"
    for load in done.mentors:
        name = NOBODY if load.mentor_id is None else names[load.mentor_id]
        on, tried = done.a_week(load.alerts.on), done.a_week(load.alerts.tried)
        yield f"{name:<28.27}{on:>10.2f}{tried:>10.2f}{load.mentees:>10}"
    yield ""
    yield f"{'week of':<12}{'on now':>8}{'tried':>8}"
    yield from _chart(done.weeks)


def _chart(weeks: dict[date, Count]) -> Iterator[str]:
    """Yield a line a week, with a bar for the rule that is tried."""
    most = max(max(alerts.on, alerts.tried) for alerts in weeks.values())
    scale = min(WIDEST_BAR / most, 1.0) if most else 1.0
    for monday, alerts in weeks.items():
        bar = "#" * round(alerts.tried * scale)
        yield f"{monday!s:<12}{alerts.on:>8}{alerts.tried:>8}  {bar}".rstrip()


def _draw(file: Path, program: str, done: DryRun) -> None:
    chart = core.week_charts
    picture = assets.render(
        "weeks.svg",
        "en",
        program=program,
        first=done.trial.span.first,
        last=done.trial.span.last,
        on=done.trial.on,
        tried=done.trial.tried,
        on_total=done.total.on,
        tried_total=done.total.tried,
        chart=chart.draw(done.weeks),
        width=chart.WIDTH,
        height=chart.HEIGHT,
        left=chart.LEFT,
        right=chart.RIGHT,
        bottom=chart.BOTTOM,
    )
    try:
        file.write_text(picture, encoding="utf-8")
    except OSError as problem:
        raise click.ClickException(f"{file} cannot be written: {problem.strerror}") from None
    click.echo(f"drew {file}", err=True)


def _each(done: DryRun) -> Iterator[str]:
    yield f"{'day':<12}{'mentee':<38}{'fell':<6}rule"
    for one in done.alerts:
        rule = "both" if one.on and one.tried else "tried only" if one.tried else "now only"
        yield f"{one.fall.day!s:<12}{one.mentee_id!s:<38}{one.fall.channel.value:<6}{rule}"
