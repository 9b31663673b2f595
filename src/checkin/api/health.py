"""Whether this process is alive, and whether it can do its work."""

from datetime import datetime
from typing import Annotated, Final, Literal

from litestar import Request, get
from litestar.datastructures import State
from msgspec import Meta, Struct

from checkin import core, store
from checkin.api.auth import OPEN
from checkin.store.senders import Standing


class Health(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`ok`, always: anything else is a problem answer. The rest is left out where there is nothing to say.

    Work that waits is not a reason to take a process out of service; the ages are for those who watch.
    """

    status: Annotated[str, Meta(examples=["ok"])]
    oldest_due_nudge_seconds: Annotated[
        int, Meta(ge=0, description="Age of the oldest nudge that should have been queued.")
    ] = 0
    oldest_due_alert_seconds: Annotated[
        int, Meta(ge=0, description="Age of the oldest step of an alert that should have been taken.")
    ] = 0
    oldest_message_seconds: Annotated[
        int, Meta(ge=0, description="Age of the oldest message that should have left.")
    ] = 0
    sender: Annotated[
        str,
        Meta(
            description="`ok`. `stopped`: the carrier refuses our set-up. `paused`: an operator must let it go. Expect "
            "new ones.",
            examples=["ok"],
        ),
    ] = "ok"


@get(
    "/health/live",
    operation_id="isAlive",
    summary="Is the process alive",
    description="Answers without touching the database.",
    response_description="Yes.",
    tags=["operation"],
    opt=OPEN,
)
async def is_alive() -> Health:
    return Health(status="ok")


@get(
    "/health/ready",
    operation_id="isReady",
    summary="Can it do its work",
    description="Answers ok when the database can be reached and is at the right version, else 503. "
    "Says how far behind the work is, too.",
    response_description="Yes.",
    tags=["operation"],
    opt=OPEN,
)
async def is_ready(request: Request[None, None, State]) -> Health:
    async with request.app.state.pool.acquire() as conn:
        await store.pool.check_schema(conn)
        now, sender = request.app.state.clock.now(), request.app.state.settings.carrier.sender
        lag = await store.lag.measure(conn, now)
        senders = await store.senders.all_of_them(conn)
        paused_because = await store.senders.why_paused(conn, sender)
    ours = next((one for one in senders if one.name == sender), None)
    return Health(
        status="ok",
        oldest_due_nudge_seconds=round(lag.nudge.total_seconds()),
        oldest_due_alert_seconds=round(lag.alert.total_seconds()),
        oldest_message_seconds=round(lag.message.total_seconds()),
        sender=_word(ours, paused_because, now),
    )


def _word(sender: Standing | None, paused_because: str | None, now: datetime) -> Literal["ok", "stopped", "paused"]:
    """Return what `/metrics` says too; `half-open` is stopped, as nothing leaves but the probe."""
    if paused_because is not None:
        return "paused"
    return "ok" if sender is None or core.senders.state(sender.circuit, now) == "closed" else "stopped"


HANDLERS: Final = (is_alive, is_ready)
