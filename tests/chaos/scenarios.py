"""The scenarios: what is done to the senders, how the carrier behaves meanwhile, and the account in the end."""

from collections.abc import Awaitable, Callable

from msgspec import Struct

from tests.chaos import accounts, kills, stage, stops
from tests.chaos.accounts import Account
from tests.chaos.carrier import Moment
from tests.chaos.stage import Stage

TAKEN, CROWDED = 204, 503  # what our server may answer to a report
BATCHES = 5
STOPPED = 20 * BATCHES  # messages; the sender is stopped in the middle of them
MIDDLE = 30  # requests

Deed = Callable[[Stage], Awaitable[str]]


class Scenario(Struct, frozen=True, kw_only=True):
    """One run of its own; *deed* says afterwards what it did, or raises AssertionError when it could not be done.

    *seconds* is how long it takes on two cores, about.
    """

    name: str
    fault: int
    deed: Deed
    calls_back: bool = True
    lists: bool = True
    seconds: float


class Report(Struct, frozen=True, kw_only=True):
    """What a scenario did, what became of the messages, and every promise that was broken."""

    fault: int
    name: str
    did: str
    account: Account
    broken: list[str]


def killing(messages: int, strikes: int, rests: int, seed: int) -> list[Scenario]:
    """Return fault 2 with a carrier that reports, one that can only be asked, and one that says nothing."""

    async def deed(on: Stage) -> str:
        struck = await kills.kill_senders(on, messages, strikes, rests, seed)
        assert struck.total() == strikes, f"only {struck.total()} of {strikes} kills came about"
        moments = ", ".join(f"{struck[moment]} {moment}" for moment in Moment if struck[moment])
        return f"{strikes} kills ({moments}), and {rests} times all workers"

    seconds = 15 + messages / 60
    return [
        Scenario(name="killed, the carrier reports", fault=2, deed=deed, seconds=seconds),
        Scenario(name="killed, it can only be asked", fault=2, deed=deed, calls_back=False, seconds=seconds),
        Scenario(
            name="killed, it says nothing", fault=2, deed=deed, calls_back=False, lists=False, seconds=seconds + 15
        ),
    ]


def stopping() -> list[Scenario]:
    """Return fault 5 in real time: asleep for less than the lease, for more, and with a lock in its hands."""

    def asleep(seconds: float, moment: Moment) -> Deed:
        async def deed(on: Stage) -> str:
            await stops.stop_a_sender(on, STOPPED, moment, stops.really(seconds), MIDDLE)
            return f"stopped for {seconds:.0f} seconds when the carrier had {moment}"

        return deed

    async def holding_on(on: Stage) -> str:
        waited = await stops.stop_with_the_lock(on, 10 * STOPPED, stops.PAST_ALL)
        return f"stopped for {stops.PAST_ALL:.0f} seconds with the sender's row locked; the other waited {waited:.0f}"

    short, long = stops.WITHIN, stops.PAST_ALL
    return [
        Scenario(name="stopped for 90 seconds", fault=5, deed=asleep(short, Moment.ASKED), seconds=short + 70),
        Scenario(name="stopped past its lease", fault=5, deed=asleep(long, Moment.TAKEN), seconds=long + 20),
        Scenario(
            name="stopped past it, no reports",
            fault=5,
            deed=asleep(long, Moment.TAKEN),
            calls_back=False,
            seconds=long + 20,
        ),
        Scenario(name="stopped with a lock", fault=5, deed=holding_on, seconds=long + 20),
    ]


async def run(scenario: Scenario, server: str, name: str, seed: int) -> Report:
    """Run *scenario* on a fresh database *name* of *server*, and draw up its account."""
    broken = []
    async with (
        stage.fresh_database(server, name) as url,
        stage.staged(url, calls_back=scenario.calls_back, lists=scenario.lists, seed=seed) as on,
    ):
        try:
            did = await scenario.deed(on)
        except AssertionError as problem:
            did, broken = "not done", [str(problem)]
        drawn = await accounts.account(on.pool, on.letters, on.carrier.arrivals())
        heard = on.carrier.statuses_heard()
    broken += accounts.broken_promises(drawn, calls_back=scenario.calls_back, lists=scenario.lists)
    if heard[CROWDED]:
        did += f"; {heard[CROWDED]} of {heard.total()} reports met a crowded server"
    if refused := heard.total() - heard[TAKEN] - heard[CROWDED]:
        broken.append(f"{refused} reports of the carrier were not taken: {dict(heard)}")
    return Report(fault=scenario.fault, name=scenario.name, did=did, account=drawn, broken=broken)
