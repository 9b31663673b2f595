"""What the page of one alert shows, in its reader's language and zone."""

from datetime import datetime

from msgspec import Struct

from checkin import core
from checkin.core import phrases
from checkin.core.alerts import Kind, Outcome
from checkin.core.charts import Chart
from checkin.flows.looks import Look
from checkin.store.looks import Asked


class StepView(Struct, frozen=True, kw_only=True):
    """One step taken for the alert."""

    at: datetime
    when: str
    who: str
    place: str
    result: str


class NoteView(Struct, frozen=True):
    """A note the mentee shared."""

    day: str
    words: str


class AlertPage(Struct, frozen=True, kw_only=True):
    """Everything on the page. *holder* is "nobody", "reader" or "other"; *state* says so in words.

    What there is nothing to say of is "": *danger*, *tried* and its note, *learning*.
    """

    number: int
    language: str
    name: str
    kind: str
    is_urgent: bool
    sentence: str
    raised: datetime
    since: str
    holder: str
    state: str
    danger: str
    tried: str
    tried_note: str
    reasons: list[str]
    chart: Chart
    learning: str
    notes: list[NoteView]
    steps: list[StepView]


def show(seen: Look, now: datetime) -> AlertPage:
    """Return the page of an alert, for the reader who looked at it."""
    language, alert, name = seen.reader.language, seen.alert, _first(seen.mentee.name)
    raised = core.wall.local(alert.raised_at, seen.reader.time_zone)
    chart = draw(seen, now)
    holder, state = _state(seen)
    return AlertPage(
        number=alert.number,
        language=language,
        name=name,
        kind=phrases.say(f"kind.{alert.kind}", language),
        is_urgent=seen.alert.urgency.is_crisis,
        sentence=core.sentences.sentence(name, alert.kind, alert.evidence, language),
        raised=raised,
        since=phrases.say("alert.since", language, when=phrases.moment(raised, language)),
        holder=holder,
        state=state,
        danger=_danger(seen),
        tried=_tried(seen.tried.outcome, language),
        tried_note=seen.tried.note or "",
        reasons=core.sentences.reasons(alert.kind, alert.evidence, language),
        chart=chart,
        learning="" if chart.panels[0].usual else core.sentences.learning(name, chart.known, language),
        notes=[NoteView(phrases.day(note.day, language), note.words) for note in seen.notes],
        steps=[_step(step, seen.reader.time_zone, language) for step in seen.steps],
    )


def draw(seen: Look, now: datetime) -> Chart:
    """Return the chart of the mentee's last 60 days, with the run of a fall marked."""
    falls = core.sentences.falls(seen.alert.kind, seen.alert.evidence)
    return core.charts.draw(
        seen.history,
        core.wall.local_day(now, seen.mentee.time_zone),
        run=(falls[0].since, falls[-1].day) if falls else None,
        false_alerts_per_year=seen.program.false_alerts_per_year,
    )


def _first(name: str) -> str:
    return (name.split() or [name])[0]


def _state(seen: Look) -> tuple[str, str]:
    language = seen.reader.language
    if seen.holder is None:
        return "nobody", phrases.say("alert.open", language)
    if seen.holder.id == seen.reader.id:
        return "reader", phrases.say("alert.yours", language)
    return "other", phrases.say("alert.theirs", language, name=seen.holder.name)


def _danger(seen: Look) -> str:
    """Return whom to call when somebody is in danger this minute; "" for what is no urgent crisis."""
    if seen.alert.kind is not Kind.crisis or not seen.alert.urgency.is_crisis:
        return ""
    language, program = seen.reader.language, seen.program
    found = core.crisis_lines.find(program.country, language, program.crisis_line or "")
    return phrases.say("alert.danger", language, emergency=found.emergency, line=found.line)


def _tried(outcome: Outcome | None, language: str) -> str:
    if outcome is None:
        return ""
    return phrases.say("alert.tried", language, outcome=phrases.say(f"outcome.{outcome}", language))


def _step(step: Asked, zone: str, language: str) -> StepView:
    at = core.wall.local(step.at, zone)
    return StepView(
        at=at,
        when=phrases.moment(at, language),
        who=step.name or phrases.say("steps.nobody", language),
        place=_word("place", step.place, language),
        result=_word("result", step.result, language),
    )


def _word(family: str, value: str, language: str) -> str:
    """Return the words for a value; one that is newer than the words is shown as it is."""
    entry = f"{family}.{value}"
    return phrases.say(entry, language) if phrases.is_known(entry) else value.replace("_", " ")
