"""Connections give back what a stopped process holds."""

import asyncio

import asyncpg
import pytest

from checkin import store
from checkin.store.vault import Vault

SOON = 0.2  # seconds


async def test_a_transaction_that_is_left_alone_gives_its_locks_to_others(url: str, vault: Vault) -> None:
    pool = await store.pool.connect(url, vault, left_alone=SOON)
    async with pool.acquire() as stopped, pool.acquire() as other:
        ended = asyncio.Event()
        stopped.add_termination_listener(lambda _: ended.set())
        await stopped.execute("insert into senders (name, filled_at) values ('ours', now())")
        await stopped.execute("begin")
        await stopped.execute("select name from senders for update")

        await other.execute("select name from senders for update")

        await asyncio.wait_for(ended.wait(), 10)
        with pytest.raises(asyncpg.InterfaceError):
            await stopped.execute("select 1")
    await pool.close()


async def test_whoever_moves_the_clock_may_take_their_time(url: str, vault: Vault) -> None:
    pool = await store.pool.connect(url, vault, left_alone=SOON)
    async with pool.acquire() as mover, pool.acquire() as other, mover.transaction():
        locked = await store.sandbox.lock_clock(mover)

        await other.execute("select pg_sleep($1)", 2 * SOON)

        assert (locked, await store.sandbox.lock_clock(other)) == (True, False)
    await pool.close()
