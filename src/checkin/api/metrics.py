"""Figures for a monitoring system, in Prometheus' text form: ages, counts and states, never anything of a person.

https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final

from litestar import Request, Response, get
from litestar.datastructures import State

from checkin import core, store
from checkin.api.auth import OPEN
from checkin.core.pushes import Provider, Way
from checkin.store.carrier_unknowns import Kind, Unknown
from checkin.store.lag import Lag
from checkin.store.senders import Standing

MEDIA_TYPE: Final = "text/plain; version=0.0.4"  # the charset is added on the way out
CIRCUITS: Final = ("closed", "half-open", "open")

Family = tuple[str, str, list[tuple[str, float]]]
"""Name, help, and values by label."""


@get("/metrics", include_in_schema=False, opt=OPEN)
async def metrics(request: Request[None, None, State]) -> Response[str]:
    """Answer with what an operator watches; open, because it holds no word about anybody."""
    now, sender = request.app.state.clock.now(), request.app.state.settings.carrier.sender
    async with request.app.state.pool.acquire() as conn:
        lag = await store.lag.measure(conn, now)
        senders = await store.senders.all_of_them(conn)
        waiting = await store.pushes.waiting(conn, now)
        paused_because = await store.senders.why_paused(conn, sender)
        unknowns = await store.carrier_unknowns.all_of_them(conn)
    ours = next((one for one in senders if one.name == sender), None)
    circuit = "closed" if ours is None else core.senders.state(ours.circuit, now)
    gauges = [*_of_lag(lag), *_of_sender(circuit, paused_because), *_of_pushes(waiting, senders, now)]
    written = [*_written(gauges, "gauge"), *_written(_of_unknowns(unknowns), "counter")]
    return Response("".join(written), media_type=MEDIA_TYPE)


def _of_lag(lag: Lag) -> Iterator[Family]:
    yield (
        "checkin_oldest_due_nudge_seconds",
        "Age of the oldest nudge that should have been queued.",
        [("", lag.nudge.total_seconds())],
    )
    yield (
        "checkin_oldest_due_alert_seconds",
        "Age of the oldest step of an alert that should have been taken.",
        [("", lag.alert.total_seconds())],
    )
    yield (
        "checkin_oldest_message_seconds",
        "Age of the oldest message that should have left.",
        [(f'{{lane="{lane.lane}"}}', lane.oldest.total_seconds()) for lane in lag.lanes],
    )
    yield (
        "checkin_waiting_messages",
        "Messages that should have left and have not.",
        [(f'{{lane="{lane.lane}"}}', lane.waiting) for lane in lag.lanes],
    )
    yield "checkin_uncertain_messages", "Messages that may have gone out; nobody knows yet.", [("", lag.uncertain)]
    yield (
        "checkin_given_up_messages",
        "Messages of the last day that may have gone out; nobody will know.",
        [("", lag.given_up)],
    )


def _of_sender(circuit: str, paused_because: str | None) -> Iterator[Family]:
    states = [(f'{{state="{state}"}}', float(state == circuit)) for state in CIRCUITS]
    yield "checkin_sender_circuit", "Whether the carrier takes messages of our sender: 1 at the state it is in.", states
    yield (
        "checkin_sender_paused",
        "1 while nothing leaves until `checkin outbox resume`.",
        [("", float(paused_because is not None))],
    )


def _of_pushes(waiting: Mapping[Way, int], senders: list[Standing], now: datetime) -> Iterator[Family]:
    ways = [(f'{{way="{way}"}}', float(count)) for way, count in waiting.items()]
    yield "checkin_waiting_by_way", "Messages that should have left and have not, by text and by push.", ways
    names = {provider.sender: provider.replace("_", "-") for provider in Provider}
    stopped = [
        (f'{{service="{names[one.name]}"}}', float(core.senders.state(one.circuit, now) != "closed"))
        for one in senders
        if one.name in names
    ]
    yield "checkin_push_stopped", "1 while a push service does not take ours, and all goes by text.", stopped


def _of_unknowns(unknowns: list[Unknown]) -> Iterator[Family]:
    said = {one.kind: one.times for one in unknowns if one.kind is not Kind.CODE}
    kinds = [(f'{{kind="{kind}"}}', float(said.get(kind, 0))) for kind in (Kind.MESSAGE, Kind.WORD)]
    yield "checkin_unknown_reports_total", "Reports of no message of ours, or in a word that we do not know.", kinds
    codes = [(f'{{code="{one.code}"}}', float(one.times)) for one in unknowns if one.kind is Kind.CODE]
    yield "checkin_unknown_codes_total", "Error codes of the carrier that we have no rule for.", codes


def _written(families: Iterable[Family], kind: str) -> Iterator[str]:
    for name, words, values in families:
        yield f"# HELP {name} {words}\n# TYPE {name} {kind}\n"
        for labels, value in values:
            yield f"{name}{labels} {value:g}\n"


HANDLERS: Final = (metrics,)
