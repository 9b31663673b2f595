"""What a process of ours needs to run, put together once: pool, clock, carrier, push services."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import UUID

import asyncpg
from msgspec import Struct, field

from checkin import gateway, store
from checkin.clock import Clock
from checkin.config import Settings
from checkin.core.errors import Crowded
from checkin.core.pushes import Provider
from checkin.gateway.push import Pusher, Pushers
from checkin.gateway.sms import Carrier, Ledger
from checkin.gateway.twilio import Twilio
from checkin.store.pool import Pool
from checkin.store.vault import Vault

CLOCK_LOOK = 0.2  # seconds at most between looks at the sandbox's clock


class Runtime(Struct, frozen=True):
    """The parts of a running process. Once *stopping* is set, what is under way ends and nothing new begins.

    Only a worker has *pushers*.
    """

    settings: Settings
    pool: Pool
    clock: Clock
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    pushers: Pushers = field(default_factory=dict)


@asynccontextmanager
async def running(settings: Settings, *, statement_limit: float = 15.0) -> AsyncIterator[Runtime]:
    """Open the pool and start the clock; closes both at the end. Raises WrongSchema, BadKeys.

    *statement_limit* is how many seconds one statement may take before it is given up.
    """
    vault = Vault(settings.encryption_keys, settings.lookup_key)
    pool = await store.pool.connect(
        settings.database_url,
        vault,
        size=settings.pool_size,
        statement_cache=settings.statement_cache,
        statement_limit=statement_limit,
    )
    runtime = Runtime(settings, pool, Clock())
    follower = None
    try:
        if settings.may_move_clock:
            await follow_sandbox_clock(runtime)
            follower = asyncio.create_task(_follow(runtime))
        yield runtime
    finally:
        if follower is not None:
            follower.cancel()
            with suppress(asyncio.CancelledError):
                await follower
        await pool.close()


async def follow_sandbox_clock(runtime: Runtime) -> None:
    """Take over how far the sandbox's clock is ahead."""
    async with runtime.pool.acquire() as conn:
        runtime.clock.ahead = max(runtime.clock.ahead, await store.sandbox.ahead(conn))


async def _follow(runtime: Runtime) -> None:
    while True:
        await asyncio.sleep(min(CLOCK_LOOK, runtime.settings.tick_ms / 1000))
        with suppress(Crowded, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await follow_sandbox_clock(runtime)


def carrier(runtime: Runtime) -> Carrier:
    """Return the carrier the settings name: Twilio, or the sandbox's pretend phones."""
    settings = runtime.settings
    known = settings.carrier
    if not settings.is_sandbox:
        return gateway.twilio.Twilio(known.account_sid, known.tokens[0], known.sender, api_url=settings.twilio_api_url)

    async def keep(sid: str, phone: str, body: str) -> None:
        async with runtime.pool.acquire(patience=10) as conn:
            await store.sandbox.add_text(conn, sid, phone, "to_phone", body, runtime.clock.now())

    return gateway.sandbox.Sandbox(known.account_sid, known.tokens[0], keep)


def ledger(carrier: Carrier) -> Ledger | None:
    """Return what knows which messages the carrier has taken; the pretend phones keep no such list."""
    return carrier if isinstance(carrier, Twilio) else None


def pushers(runtime: Runtime) -> Pushers:
    """Return the push services that are set up; where there are pretend phones and none is, those take pushes too."""
    settings, real = runtime.settings, Clock()
    found: dict[Provider, Pusher] = {}
    if settings.fcm_service_account:
        account = gateway.fcm.account(settings.fcm_service_account)
        found[Provider.fcm] = gateway.fcm.Fcm(account, real.now, api_url=settings.fcm_api_url)
    if settings.webpush_private_key:
        found[Provider.web_push] = gateway.web_push.WebPush(
            settings.webpush_private_key, settings.webpush_contact, settings.push_services, real.now
        )
    if found or not settings.is_sandbox:
        return found

    async def keep(sid: str, message: UUID, words: str) -> None:
        async with runtime.pool.acquire(patience=10) as conn:
            await store.sandbox.add_push(conn, sid, message, words, runtime.clock.now())

    screens = gateway.sandbox.Screens(keep)
    return dict.fromkeys(Provider, screens)
