"""A dump that is restored elsewhere works, starts paused, and sends nothing again."""

import asyncio
import subprocess
from pathlib import Path

import asyncpg

from checkin import flows, store
from checkin.core.delivery import Lane
from checkin.embedded import Embedded
from checkin.flows.delivery import Sender
from checkin.gateway.twilio import Twilio
from checkin.store.pool import Connection, Pool
from checkin.store.vault import Vault
from tests.flows.conftest import ACCOUNT, TOKEN
from tests.flows.test_delivery import CALLBACKS, queue
from tests.people import NOW, Cast
from tests.pretend_twilio import PretendTwilio

SENDER = Sender("+15005550006", 1000)


def restore(server: Embedded, source: str, target: str, dump: Path) -> None:
    for command in (
        [str(server.programs / "pg_dump"), "--file", str(dump), source],
        [str(server.programs / "psql"), "-Xq", "-v", "ON_ERROR_STOP=1", "-f", str(dump), target],
    ):
        subprocess.run(command, check=True, capture_output=True, timeout=60)


async def test_a_restored_dump_sends_nothing_until_it_is_resumed(
    pool: Pool, conn: Connection, people: Cast, server: Embedded, url: str, vault: Vault, tmp_path: Path
) -> None:
    copy = url.partition("?")[0].rpartition("/")[2] + "_copy"
    admin = await asyncpg.connect(server.url("postgres"))
    await admin.execute(f"create database {copy}")
    async with PretendTwilio(account_sid=ACCOUNT, auth_token=TOKEN, callbacks=False) as pretend:
        twilio = Twilio(ACCOUNT, TOKEN, SENDER.name, api_url=pretend.url)
        await queue(conn, people.mentor, Lane.REPLY)
        await flows.delivery.send_due(pool, twilio, SENDER, CALLBACKS, lambda: NOW)
        await queue(conn, people.mentor, Lane.ALERT)
        await asyncio.to_thread(restore, server, url, server.url(copy), tmp_path / "dump.sql")
        elsewhere = await store.pool.connect(server.url(copy), vault)

        await flows.delivery.send_due(elsewhere, twilio, SENDER, CALLBACKS, lambda: NOW)
        before = pretend.posts
        async with elsewhere.acquire() as there:
            await store.senders.resume(there, SENDER.name, await store.senders.identity(there))
        await flows.delivery.send_due(elsewhere, twilio, SENDER, CALLBACKS, lambda: NOW)

        await twilio.close()
        await elsewhere.close()
        await admin.execute(f"drop database {copy} with (force)")
        await admin.close()
        assert before == 1
        assert [message.form["Body"] for message in pretend.messages] == ["reply 0", "alert 0"]
