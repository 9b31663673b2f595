"""When a programme's mentors hear of a fall: read, tried on its own history, and changed by its coordinators."""

from datetime import date
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec
from litestar import Request, Response, get, patch, post
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody
from litestar.security.jwt import Token
from msgspec import UNSET, Meta, Struct, UnsetType

from checkin import core, flows, store
from checkin.api import etags, languages
from checkin.api.alerts import SENTENCE
from checkin.api.auth import Actor
from checkin.api.etags import IfMatch, IfNoneMatch
from checkin.api.requests import MERGE_PATCH
from checkin.core.alerts import Kind
from checkin.core.dry_runs import Count, DryRun, Found, Load, Span, Trial
from checkin.core.errors import BadInput, TooWide, UnknownPerson
from checkin.flows.dry_runs import USE_THE_COMMAND, Limits
from checkin.store.pool import Connection

MOST_DAYS: Final = 400
MOST_MENTEES: Final = 2000
MOST_REPORTS: Final = MOST_DAYS * MOST_MENTEES
MOST_SHOWN: Final = 500
WITHIN: Final = Limits(MOST_MENTEES, MOST_REPORTS)

FalseAlerts = Annotated[
    Literal[1, 2, 3, 4, 6],
    Meta(
        description="False alerts a mentee and year that your mentors can live with. More of them find falls sooner: "
        "of the falls by 1.5 of a person's usual spread, 1 finds 79 % within 14 days, 2 finds 86 %, 3 finds 88 %, "
        "4 finds 90 %, 6 finds 92 % (on simulated people)",
        examples=[2],
    ),
]
KnownFalseAlerts = Annotated[
    int,
    Meta(ge=0, description="False alerts a mentee and year, as was chosen: 1, 2, ...; expect new ones", examples=[2]),
]
FirstDay = Annotated[date, Meta(description="The first day looked at", examples=["2025-11-24"])]
LastDay = Annotated[date, Meta(description="The last day looked at", examples=["2026-11-22"])]
Alerts = Annotated[int, Meta(ge=0, description="How many alerts", examples=[41])]
AWeek = Annotated[float, Meta(ge=0, description="Alerts a week, over the whole span", examples=[0.79])]


class AlertRules(Struct, frozen=True, kw_only=True):
    """What your programme has chosen about trend alerts."""

    false_alerts_per_year: KnownFalseAlerts


class AlertRulesPatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall change; what is left out stays."""

    false_alerts_per_year: FalseAlerts | UnsetType = UNSET


class NewDryRun(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to try, and on which days: at most 400; without them, on the 52 weeks that end today."""

    false_alerts_per_year: FalseAlerts
    first_day: FirstDay | UnsetType = UNSET
    last_day: LastDay | UnsetType = UNSET


class RuleView(Struct, frozen=True, kw_only=True):
    """What one rule would have raised."""

    false_alerts_per_year: KnownFalseAlerts
    alerts: Alerts
    a_week: AWeek


class WeekView(Struct, frozen=True, kw_only=True):
    """One week: alerts under the rule that is on now, and under the one that is tried."""

    monday: Annotated[date, Meta(description="The Monday it begins with", examples=["2026-11-16"])]
    now: Alerts
    tried: Alerts


class LoadView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one mentor would have had to do for those they stand by today; without an id, those nobody stands by."""

    mentor_id: Annotated[UUID, Meta(examples=["0193d5b2-7c00-7aaa-8bbb-00000000000b"])] | UnsetType = UNSET
    mentor_name: Annotated[str, Meta(max_length=80, examples=["Ben"])] | UnsetType = UNSET
    mentees: Annotated[int, Meta(ge=1, description="Mentees who reported within the span", examples=[4])]
    now: Alerts
    tried: Alerts
    a_week_now: AWeek
    a_week_tried: AWeek


class TriedAlert(Struct, frozen=True, kw_only=True):
    """One alert that a rule would have raised."""

    mentee_id: Annotated[UUID, Meta(examples=["0193d5b2-7c00-7aaa-8bbb-00000000000a"])]
    mentee_name: Annotated[str, Meta(max_length=80, examples=["Ana"])]
    day: Annotated[date, Meta(description="The local day it would have come", examples=["2026-11-18"])]
    channel: Annotated[str, Meta(description="What fell: both, mood or hope; expect new ones", examples=["both"])]
    sentence: Annotated[
        str, Meta(max_length=500, description="What happened, against this person's own usual", examples=[SENTENCE])
    ]
    now: Annotated[bool, Meta(description="Whether the rule that is on now would have raised it", examples=[False])]
    tried: Annotated[bool, Meta(description="Whether the rule that is tried would have", examples=[True])]


class DryRunView(Struct, frozen=True, kw_only=True):
    """What came out. `first_day` is the day of the first report, where that came later than asked for."""

    first_day: FirstDay
    last_day: LastDay
    mentees: Annotated[int, Meta(ge=0, le=MOST_MENTEES, description="Who reported within the span", examples=[12])]
    reports: Annotated[int, Meta(ge=0, le=MOST_REPORTS, description="With both scores", examples=[2890])]
    now: RuleView
    tried: RuleView
    weeks: Annotated[list[WeekView], Meta(max_length=MOST_DAYS // 7 + 2, description="In order, none left out")]
    mentors: Annotated[list[LoadView], Meta(max_length=MOST_MENTEES, description="The busiest first")]
    alerts: Annotated[list[TriedAlert], Meta(max_length=MOST_SHOWN, description=f"The newest {MOST_SHOWN} at most")]


@get(
    "/v1/programs/{program_id:uuid}/alert-rules",
    operation_id="getAlertRules",
    summary="Read your programme's alert rules",
    description="For the programme's coordinators; for everybody else there is none.",
    response_description="The rules.",
    tags=["alerts"],
)
async def get_alert_rules(
    request: Request[Actor, Token, State], program_id: FromPath[UUID], if_none_match: IfNoneMatch = None
) -> Response[AlertRules]:
    async with request.app.state.pool.acquire() as conn:
        rules = await _coordinated(conn, program_id, request.user.id)
    return etags.answer(rules, if_none_match)


@patch(
    "/v1/programs/{program_id:uuid}/alert-rules",
    operation_id="patchAlertRules",
    summary="Change your programme's alert rules",
    description="A JSON merge patch. It holds from the next report on; alerts already raised stay. Try it first.",
    response_description="The rules as they stand now.",
    tags=["alerts"],
    opt=MERGE_PATCH,
)
async def patch_alert_rules(
    request: Request[Actor, Token, State],
    program_id: FromPath[UUID],
    data: JSONBody[AlertRulesPatch],
    if_match: IfMatch = None,
) -> Response[AlertRules]:
    now, actor = request.app.state.clock.now(), request.user.id
    async with request.app.state.pool.acquire() as conn:
        seen = await _coordinated(conn, program_id, actor)
        etags.refuse_stale(if_match, seen)
        chosen = seen.false_alerts_per_year if data.false_alerts_per_year is UNSET else data.false_alerts_per_year
        await flows.alert_rules.change(conn, program_id, chosen, now, seen=seen.false_alerts_per_year, actor=actor)
    return etags.answer(AlertRules(false_alerts_per_year=chosen))


@post(
    "/v1/programs/{program_id:uuid}/alert-rules/dry-run",
    operation_id="tryAlertRules",
    summary="Try alert rules before they are switched on",
    description="Folds the programme's own history with the rule you name and with the one that is on now: alerts a "
    "week, by mentor, and which ones. History that was imported counts as if it had been answered day by day. Nothing "
    "is raised, sent or changed; the access logs of the mentees you read about say so. One run a programme at a time.",
    response_description="What both rules would have raised.",
    tags=["alerts"],
    status_code=200,
    opt={"problems": (TooWide,)},
)
async def try_alert_rules(
    request: Request[Actor, Token, State], program_id: FromPath[UUID], data: JSONBody[NewDryRun]
) -> DryRunView:
    now = request.app.state.clock.now()
    async with request.app.state.pool.acquire() as conn:
        rules = await _coordinated(conn, program_id, request.user.id)
        program = await store.people.program(conn, program_id)
        span = _span(data, core.wall.local_day(now, program.time_zone))
        trial = Trial(on=rules.false_alerts_per_year, tried=data.false_alerts_per_year, span=span)
        reader = await store.people.by_id(conn, request.user.id)
        assert reader is not None
        done = await flows.dry_runs.run(conn, program_id, trial, now, limits=WITHIN)
        shown = done.alerts[:MOST_SHOWN]
        mentors = [load.mentor_id for load in done.mentors if load.mentor_id is not None]
        names = await flows.dry_runs.show(conn, request.user.id, shown, mentors, now)
    return _view(done, shown, names, languages.of(request, reader.language))


async def _coordinated(conn: Connection, program_id: UUID, coordinator_id: UUID) -> AlertRules:
    found = await store.alert_rules.coordinated(conn, program_id, coordinator_id)
    if found is None:
        raise UnknownPerson("there is no programme by that id whose coordinator you are")
    return msgspec.convert({"false_alerts_per_year": found}, AlertRules)


def _span(asked: NewDryRun, today: date) -> Span:
    """Return the days asked for. Raises BadInput for days out of order or to come, TooWide for too many."""
    last = today if asked.last_day is UNSET else asked.last_day
    standard = core.dry_runs.standard_span(last)
    span = standard if asked.first_day is UNSET else Span(asked.first_day, last)
    if last > today:
        raise BadInput("that day is still to come", "/last_day")
    if span.days < 1:
        raise BadInput("the first day comes after the last", "/first_day")
    if span.days > MOST_DAYS:
        raise TooWide(f"{span.days} days are asked for, and one call takes {MOST_DAYS}; {USE_THE_COMMAND}")
    return span


def _view(done: DryRun, shown: list[Found], names: dict[UUID, str], language: str) -> DryRunView:
    trial, total = done.trial, done.total
    return DryRunView(
        first_day=trial.span.first,
        last_day=trial.span.last,
        mentees=done.mentees,
        reports=done.reports,
        now=_rule(done, trial.on, total.on),
        tried=_rule(done, trial.tried, total.tried),
        weeks=[_week(monday, alerts) for monday, alerts in done.weeks.items()],
        mentors=[_load(done, load, names) for load in done.mentors],
        alerts=[_alert(one, names[one.mentee_id], language) for one in shown],
    )


def _rule(done: DryRun, false_alerts_per_year: int, alerts: int) -> RuleView:
    rule = {"false_alerts_per_year": false_alerts_per_year, "alerts": alerts, "a_week": _a_week(done, alerts)}
    return msgspec.convert(rule, RuleView)


def _week(monday: date, alerts: Count) -> WeekView:
    return WeekView(monday=monday, now=alerts.on, tried=alerts.tried)


def _load(done: DryRun, load: Load, names: dict[UUID, str]) -> LoadView:
    return LoadView(
        mentor_id=UNSET if load.mentor_id is None else load.mentor_id,
        mentor_name=UNSET if load.mentor_id is None else names[load.mentor_id],
        mentees=load.mentees,
        now=load.alerts.on,
        tried=load.alerts.tried,
        a_week_now=_a_week(done, load.alerts.on),
        a_week_tried=_a_week(done, load.alerts.tried),
    )


def _alert(one: Found, name: str, language: str) -> TriedAlert:
    return TriedAlert(
        mentee_id=one.mentee_id,
        mentee_name=name,
        day=one.fall.day,
        channel=one.fall.channel,
        sentence=core.sentences.sentence(name, Kind.trend, [msgspec.to_builtins(one.fall)], language),
        now=one.on,
        tried=one.tried,
    )


def _a_week(done: DryRun, alerts: int) -> float:
    return round(done.a_week(alerts), 2)


HANDLERS: Final = (get_alert_rules, patch_alert_rules, try_alert_rules)
