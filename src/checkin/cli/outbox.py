"""`checkin outbox`: look at what waits to leave, hold it back, let it go."""

import asyncio
from datetime import timedelta

import click
from msgspec import Struct

from checkin import core, flows, store
from checkin.cli.database import database, settings_or_exit
from checkin.config import Settings
from checkin.core.errors import Crowded
from checkin.core.pushes import Way
from checkin.flows.senders import Resumed
from checkin.runtime import running
from checkin.store.lag import Lag

WHY = {"operator": "by an operator", "moved": "because this database is a copy of another one"}


class View(Struct, frozen=True, kw_only=True):
    """What an operator is shown: the lag, and why nothing leaves.

    *paused_because* is "moved" in a copy, whether a worker has seen that yet or not. *by_push* counts what waits to be
    pushed; *services* are the push services that were used, with their circuits.
    """

    lag: Lag
    paused_because: str | None
    circuit: str
    by_push: int
    services: dict[str, str]


@click.group()
def outbox() -> None:
    """The messages that wait to leave."""


@outbox.command()
def status() -> None:
    """Show what waits in each lane and for how long, what is uncertain or was left so, and whether the sender may send.

    Messages that go by push count in their lane, and once more behind "push".
    """
    with database(settings_or_exit()) as settings:
        view = asyncio.run(_look(settings))
    click.echo("lane      waiting  oldest")
    for lane in view.lag.lanes:
        click.echo(f"{lane.lane:<8} {lane.waiting:>8}  {_age(lane.oldest) if lane.waiting else '-'}")
    click.echo(f"uncertain {view.lag.uncertain}")
    click.echo(f"given-up  {view.lag.given_up} in the last day")
    click.echo(f"circuit   {view.circuit}")
    click.echo(f"push      {view.by_push}")
    for service, circuit in view.services.items():
        click.echo(f"{service}  {circuit}")
    because = view.paused_because
    click.echo(f"paused    {'no' if because is None else f'{WHY[because]}; `checkin outbox resume` lets it go'}")


@outbox.command()
def pause() -> None:
    """Let no message leave until `checkin outbox resume`; what comes in is still answered, later.

    Messages have an end (a nudge four hours at most, a code five minutes): what waits longer is not sent at all.
    """
    with database(settings_or_exit()) as settings:
        asyncio.run(_pause(settings))
    click.echo("paused: nothing leaves until `checkin outbox resume`")


@outbox.command()
def resume() -> None:
    """Let messages leave again, after `checkin outbox pause` or after this database was restored from a backup."""
    with database(settings_or_exit()) as settings:
        try:
            resumed = asyncio.run(_resume(settings))
        except Crowded as problem:
            raise click.ClickException(str(problem)) from None
    click.echo("resumed" if resumed.was_paused else "it was not paused")
    if resumed.doubted:
        click.echo(f"{resumed.doubted} due messages are looked up at the carrier first: what it has is not sent again")


async def _look(settings: Settings) -> View:
    async with running(settings) as parts, parts.pool.acquire() as conn:
        now = parts.clock.now()
        rows = await store.senders.all_of_them(conn)
        sender = next((row for row in rows if row.name == settings.carrier.sender), None)
        services = [row for row in rows if row.name in core.pushes.SENDERS]
        return View(
            lag=await store.lag.measure(conn, now),
            paused_because=await store.senders.why_paused(conn, settings.carrier.sender),
            circuit="closed" if sender is None else core.senders.state(sender.circuit, now),
            by_push=(await store.pushes.waiting(conn, now))[Way.push],
            services={row.name: core.senders.state(row.circuit, now) for row in services},
        )


async def _pause(settings: Settings) -> None:
    async with running(settings) as parts, parts.pool.acquire() as conn:
        await flows.senders.pause(conn, settings.carrier.sender, parts.clock.now())


async def _resume(settings: Settings) -> Resumed:
    async with running(settings) as parts, parts.pool.acquire() as conn:
        return await flows.senders.resume(conn, settings.carrier.sender, parts.clock.now(), _say_planned)


def _say_planned(decided: int) -> None:
    click.echo(f"planning what fell due since the copy was made: {decided} nudges decided", err=True)


def _age(age: timedelta) -> str:
    return str(timedelta(seconds=round(age.total_seconds())))
