"""What changes a mentee's nudges from outside their plan's hours: edits, pauses, holidays, and moves to other zones."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time

from msgspec import Struct
from msgspec.structs import replace

from checkin.core import nudges, wall
from checkin.core.errors import BadInput
from checkin.core.nudges import Kind, Plan, Slot

MOST_PAUSES = 10
"""So many pauses may stand at a time."""
LONGEST_PAUSE_DAYS = 366
FURTHEST_PAUSE_DAYS = 731
"""So far ahead a pause may begin."""


class Pause(Struct, frozen=True, order=True):
    """Local days without a nudge: from *starts_on* on, until the day *until*, on which nudges come again."""

    starts_on: date
    until: date

    def holds_on(self, day: date) -> bool:
        """Whether nothing is sent on *day*."""
        return self.starts_on <= day < self.until


class Stay(Struct, frozen=True):
    """The IANA zone somebody lived in *since* a moment (UTC), until the next stay."""

    since: datetime
    zone: str


class Standing(Struct, frozen=True):
    """A plan as it stands, with the pauses that are under way or to come, the earliest first."""

    plan: Plan
    pauses: tuple[Pause, ...]


class Edit(Struct, frozen=True, kw_only=True):
    """What of a plan is to change; None leaves it. *pauses* are all that shall stand afterwards."""

    times: tuple[time, ...] | None = None
    weekdays: tuple[int, ...] | None = None
    quiet_from: time | None = None
    quiet_until: time | None = None
    zone: str | None = None
    pauses: tuple[Pause, ...] | None = None


class Break(Struct, frozen=True):
    """Local days on which nothing is sent, *last_day* included; *name* is a holiday's, a pause has none."""

    first_day: date
    last_day: date
    name: str | None


def edited(standing: Standing, edit: Edit, now: datetime) -> Standing:
    """Return what stands after *edit*: its times, weekdays and pauses sorted, each once; pauses that are over left out.

    Raises BadInput, pointing at the field: for a zone that is none, for hours that leave no minute open, for a new
    pause that begins before today or too far ahead, lasts too long, ends before it begins, or is one too many.
    """
    if edit.zone is not None and not wall.is_zone(edit.zone):
        raise BadInput("not an IANA time zone; send one like America/New_York", "/time_zone")
    plan = _with(standing.plan, edit)
    hours_change = edit.quiet_from is not None or edit.quiet_until is not None
    if hours_change and nudges.next_slot(plan, now) is None:
        raise BadInput("quiet hours and the programme's hours leave no minute open", "/quiet_from")
    today = wall.local_day(now, plan.zone)
    wanted = standing.pauses if edit.pauses is None else edit.pauses
    for number, pause in enumerate(wanted):
        if pause not in standing.pauses:
            _check(pause, number, today)
    if edit.pauses is not None and len(wanted) > MOST_PAUSES:
        raise BadInput(f"at most {MOST_PAUSES} pauses may stand", "/pauses")
    return Standing(plan, tuple(sorted({pause for pause in wanted if pause.until > today})))


def _with(plan: Plan, edit: Edit) -> Plan:
    return replace(
        plan,
        times=plan.times if edit.times is None else tuple(sorted(set(edit.times))),
        weekdays=plan.weekdays if edit.weekdays is None else tuple(sorted(set(edit.weekdays))),
        quiet_from=plan.quiet_from if edit.quiet_from is None else edit.quiet_from,
        quiet_until=plan.quiet_until if edit.quiet_until is None else edit.quiet_until,
        zone=plan.zone if edit.zone is None else edit.zone,
    )


def _check(pause: Pause, number: int, today: date) -> None:
    if pause.until <= pause.starts_on:
        raise BadInput("a pause ends after the day it begins on", f"/pauses/{number}/until")
    if pause.starts_on < today:
        raise BadInput("a pause begins today at the earliest", f"/pauses/{number}/starts_on")
    if (pause.starts_on - today).days > FURTHEST_PAUSE_DAYS:
        raise BadInput("a pause begins within two years", f"/pauses/{number}/starts_on")
    if (pause.until - pause.starts_on).days > LONGEST_PAUSE_DAYS:
        raise BadInput("a pause lasts a year at most", f"/pauses/{number}/until")


def next_open(plan: Plan, after: datetime, now: datetime, decided: frozenset[tuple[date, Kind]]) -> Slot | None:
    """Return the first slot later than *after* that is still open at *now* and not *decided*; in a pause too.

    With *after* before *now* the slot may be due already: that is how a day whose hour fell into a flight still has
    its nudge, and a day that a flight over the date line shows again has no second one. A day of a pause comes like
    any other, and its row says that nothing was sent.
    """
    while (slot := nudges.next_due(plan, after)) is not None:
        if slot.closes_at > now and (slot.day, slot.kind) not in decided:
            return slot
        after = slot.at
    return None


def coming_again(plan: Plan, now: datetime, decided: Collection[tuple[date, Kind]]) -> frozenset[tuple[date, Kind]]:
    """Return those of *decided* that a clock which ran ahead decided too early: if undone, they come again.

    These are the slots of later local days, and today's that are still open at *now*, or will be.
    """
    today = wall.local_day(now, plan.zone)
    midnight = wall.instant(today + wall.DAY, wall.MIDNIGHT, plan.zone)
    slots, _ = nudges.due_by(plan, day_begins(now, plan.zone), midnight)
    open_today = {(slot.day, slot.kind) for slot in slots if slot.day == today and slot.closes_at > now}
    return frozenset(one for one in decided if one[0] > today or one in open_today)


def day_begins(now: datetime, zone: str) -> datetime:
    """Return the moment just before the first one of the local day, in UTC."""
    return wall.instant(wall.local_day(now, zone), wall.MIDNIGHT, zone) - nudges.MOMENT


def preview(
    plan: Plan,
    after: datetime,
    count: int,
    pauses: Sequence[Pause] = (),
    closed: frozenset[date] = frozenset(),
    ignored: int = 0,
) -> list[Slot]:
    """Return the next *count* nudges as if each were sent and not answered; fewer when the plan never fires.

    So many have been *ignored* until now, and they become fewer as more are. None lies in one of the *pauses* or on a
    *closed* local day: a holiday, or a day that has been decided.
    """
    slots: list[Slot] = []
    plan = replace(plan, every_days=nudges.ladder(ignored)[0])
    while len(slots) < count and (slot := nudges.next_slot(plan, after)) is not None:
        pause = next((pause for pause in pauses if pause.holds_on(slot.day)), None)
        if pause is not None:
            plan = replace(plan, paused_until=pause.until)
            continue
        after = slot.at
        if slot.day not in closed:
            slots.append(slot)
            every_days, _ = nudges.ladder(ignored + len(slots))
            plan = replace(plan, last_nudge_day=slot.day, every_days=every_days)
    return slots


def breaks(pauses: Sequence[Pause], holidays: Mapping[date, str], first: date, last: date) -> list[Break]:
    """Return the pauses and holidays that touch the local days *first* to *last*, in order; whole, not cut."""
    found = [Break(pause.starts_on, pause.until - wall.DAY, None) for pause in pauses]
    found += [Break(day, day, name) for day, name in holidays.items()]
    touching = (one for one in found if one.first_day <= last and one.last_day >= first)
    return sorted(touching, key=lambda one: (one.first_day, one.last_day))


def zone_at(history: Sequence[Stay], moment: datetime, current: str) -> str:
    """Return the zone somebody lived in at *moment*; *current* for whoever never moved."""
    if not history:
        return current
    stays = [stay for stay in history if stay.since <= moment]
    return (stays[-1] if stays else history[0]).zone


def zone_on(history: Sequence[Stay], day: date, current: str) -> str:
    """Return the zone in which the local *day* ended: on the day of a move, the one moved to."""
    zone = history[0].zone if history else current
    for stay in history[1:]:
        if stay.since < wall.instant(day + wall.DAY, wall.MIDNIGHT, stay.zone):
            zone = stay.zone
    return zone


def pause_on(pauses: Sequence[tuple[Pause, datetime | None]], day: date, zone: str) -> Pause | None:
    """Return the pause that did hold on *day*, if any; each comes with when it was ended early (UTC) or None.

    A pause that was ended early holds on the local days before that one.
    """
    for pause, ended_at in pauses:
        if pause.holds_on(day) and (ended_at is None or day < wall.local_day(ended_at, zone)):
            return pause
    return None
