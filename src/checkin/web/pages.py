"""What the sandbox page shows: the phones, the clock, and what the mentor would see behind login."""

from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Final
from uuid import UUID

from msgspec import Struct

from checkin import core, flows, store
from checkin.core.alerts import Urgency
from checkin.core.charts import Chart
from checkin.core.nudges import Kind
from checkin.core.people import Person, Status
from checkin.flows.links import Site
from checkin.flows.sandbox import Phone
from checkin.store.alerts import OpenAlert
from checkin.store.pool import Connection
from checkin.store.sandbox import PhoneText
from checkin.web import hints

WAITS: Final = {
    Urgency.now: "mentor and coordinator at once, at any hour",
    Urgency.soon: "one after the other, at any hour",
    Urgency.hours: "in the reader's hours",
    Urgency.digest: "can wait for a day",
}


class Bubble(Struct, frozen=True, kw_only=True):
    """One text as the phone shows it, at the owner's local time; *link* is what of it can be followed."""

    sid: str
    received: bool
    body: str
    link: str
    at: datetime


class Day(Struct, frozen=True):
    """The texts of one day of the owner's."""

    day: date
    bubbles: list[Bubble]


class PhoneView(Struct, frozen=True, kw_only=True):
    """A phone as it is drawn; *tries* are words worth texting."""

    owner: Person
    place: str
    days: list[Day]
    tries: str


class ClockView(Struct, frozen=True, kw_only=True):
    """The sandbox's time where the mentee is, how far it is moved, and what it brings next.

    *no_nudge* says why the next nudge will not leave as things stand; "" if it will.
    """

    local: datetime
    zone: str
    ahead: str
    next_nudge: datetime | None
    no_nudge: str
    last_nudge: str


class AlertView(Struct, frozen=True, kw_only=True):
    """An open alert as the mentor reads it. *waits* says how long it can wait, *urgent* that it cannot."""

    number: int
    kind: str
    urgent: bool
    waits: str
    sentence: str
    raised: datetime
    state: str


class Page(Struct, frozen=True, kw_only=True):
    """Everything on the page. Without a mentee there is nobody to show."""

    mentees: list[Person]
    mentee: Person | None = None
    mentor: Person | None = None
    phones: list[PhoneView] = []
    clock: ClockView | None = None
    alerts: list[AlertView] = []
    chart: Chart | None = None


async def read(conn: Connection, mentee_id: UUID | None, now: datetime, ahead: timedelta, site: Site) -> Page:
    """Read what the page shows of *mentee_id*, or of the first mentee there is."""
    mentees, phones = await flows.sandbox.phones(conn, mentee_id, now)
    if not phones:
        return Page(mentees=mentees)
    mentee = phones[0].owner
    staff = [phone.owner for phone in phones if phone.place != "mentee"]
    mentor = next((phone.owner for phone in phones if phone.place == "mentor"), None)
    opened = [] if mentor is None else await store.alerts.open_for(conn, mentor.id, now)
    alerts = sorted((alert for alert in opened if alert.mentee_id == mentee.id), key=_rank)
    asked = {one.id: await store.alert_steps.asked(conn, one.id) for one in staff}
    today = core.wall.local_day(now, mentee.time_zone)
    tries = {one.id: _tries(one, alerts, asked[one.id]) for one in staff}
    tries[mentee.id] = hints.for_mentee(mentee, await _is_paused(conn, mentee, today))
    return Page(
        mentees=mentees,
        mentee=mentee,
        mentor=mentor,
        phones=[_phone(phone, tries[phone.owner.id], site) for phone in phones],
        clock=await _clock(conn, mentee, now, ahead),
        alerts=[
            await _alert(conn, mentee, alert, mentor, [one.name for one in staff if alert.id in asked[one.id]])
            for alert in alerts
            if mentor is not None
        ],
        chart=await _chart(conn, mentee, today),
    )


async def _is_paused(conn: Connection, mentee: Person, today: date) -> bool:
    return any(pause.holds_on(today) for pause in await store.pauses.standing(conn, mentee.id, today))


def _rank(alert: OpenAlert) -> tuple[int, float]:
    """Sort the most urgent first, and of these the newest."""
    return list(Urgency).index(alert.urgency), -alert.raised_at.timestamp()


def _tries(reader: Person, alerts: list[OpenAlert], asked: set[UUID]) -> str:
    """Return what is worth texting: about an alert that waits for the reader, else about one that is theirs."""
    meant = [one for one in alerts if one.id in asked and one.acknowledged_by in (None, reader.id)]
    meant.sort(key=lambda alert: alert.acknowledged_by is not None)
    if not meant:
        return hints.for_staff(reader, None, is_taken=False)
    return hints.for_staff(reader, meant[0].number, is_taken=meant[0].acknowledged_by is not None)


def _phone(phone: Phone, tries: str, site: Site) -> PhoneView:
    owner = phone.owner
    bubbles = [_bubble(text, owner.time_zone, site) for text in phone.texts]
    days = [Day(day, list(texts)) for day, texts in groupby(bubbles, key=lambda bubble: bubble.at.date())]
    return PhoneView(owner=owner, place=phone.place, days=days, tries=tries)


def _bubble(text: PhoneText, zone: str, site: Site) -> Bubble:
    links = [word for word in text.body.split() if text.received and site.is_link(word)]
    at = core.wall.local(text.at, zone)
    return Bubble(sid=text.sid, received=text.received, body=text.body, link=links[0] if links else "", at=at)


async def _clock(conn: Connection, mentee: Person, now: datetime, ahead: timedelta) -> ClockView:
    due = await flows.sandbox.next_nudge(conn, mentee, now)
    return ClockView(
        local=core.wall.local(now, mentee.time_zone),
        zone=mentee.time_zone,
        ahead=spoken(ahead),
        next_nudge=None if due is None else core.wall.local(due, mentee.time_zone),
        no_nudge=_no_nudge(mentee),
        last_nudge=_outcome(await store.sandbox.last_decision(conn, mentee.id), mentee.time_zone),
    )


def _no_nudge(mentee: Person) -> str:
    if mentee.opted_out:
        return f"{mentee.name} has stopped texts, so no nudge will leave"
    if mentee.status is Status.invited:
        return f"{mentee.name} has not said yes, so no nudge will leave"
    return ""


def _outcome(decided: tuple[str, datetime] | None, zone: str) -> str:
    if decided is None:
        return ""
    decision, due_at = decided
    said = core.nudge_words.tell(Kind.nudge, decision)
    return f"{core.wall.local(due_at, zone):%a %d %b %H:%M}. {said}"


def spoken(ahead: timedelta) -> str:
    """Return how far the clock is moved, in the two largest words of it: "3 days 1 hour"; nothing below a minute."""
    minutes = round(ahead / timedelta(minutes=1))
    counts = (("day", minutes // 1440), ("hour", minutes // 60 % 24), ("minute", minutes % 60))
    return " ".join([f"{count} {name if count == 1 else name + 's'}" for name, count in counts if count][:2])


async def _alert(conn: Connection, mentee: Person, alert: OpenAlert, reader: Person, asked: list[str]) -> AlertView:
    """Return an alert as its reader sees it; *asked* are the names of those who were texted about it.

    Nobody real looks at another's data here, so no look is audited.
    """
    holder = None if alert.acknowledged_by is None else await store.people.by_id(conn, alert.acknowledged_by)
    if holder is not None:
        state = f"taken by {holder.name}"
    else:
        state = f"asked: {', '.join(asked)}" if asked else "nobody asked yet"
    return AlertView(
        number=alert.number,
        kind=alert.kind.replace("_", " "),
        urgent=alert.urgency.is_crisis,
        waits=WAITS[alert.urgency],
        sentence=core.sentences.sentence(mentee.name, alert.kind, alert.evidence, "en"),
        raised=core.wall.local(alert.raised_at, reader.time_zone),
        state=state,
    )


async def _chart(conn: Connection, mentee: Person, today: date) -> Chart:
    program = await store.people.program(conn, mentee.program_id)
    history = await store.check_ins.reports_since(conn, mentee.id, None)
    return core.charts.draw(history, today, false_alerts_per_year=program.false_alerts_per_year)


class MenteeState(Struct, frozen=True):
    """A mentee to choose."""

    id: UUID
    name: str


class PhoneState(Struct, frozen=True, kw_only=True):
    """A phone with its newest texts, the oldest of them first."""

    person_id: UUID
    name: str
    roles: list[str]
    phone: str
    texts: list[PhoneText]


class SandboxState(Struct, frozen=True, kw_only=True):
    """The page for programs: the sandbox's time (UTC), and the phones of one mentee and who stands by them."""

    now: datetime
    ahead_seconds: float
    mentees: list[MenteeState]
    phones: list[PhoneState]


async def state(conn: Connection, mentee_id: UUID | None, now: datetime, ahead: timedelta) -> SandboxState:
    """Read the state of *mentee_id*'s phones, or of the first mentee there is."""
    mentees, phones = await flows.sandbox.phones(conn, mentee_id, now)
    return SandboxState(
        now=now.astimezone(UTC),
        ahead_seconds=ahead.total_seconds(),
        mentees=[MenteeState(mentee.id, mentee.name) for mentee in mentees],
        phones=[
            PhoneState(
                person_id=phone.owner.id,
                name=phone.owner.name,
                roles=sorted(phone.owner.roles),
                phone=phone.owner.phone or "",
                texts=phone.texts,
            )
            for phone in phones
        ],
    )
