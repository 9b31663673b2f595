"""Everything our pages say, in every language.

The words are in one gettext catalogue per language, `locale/<language>/LC_MESSAGES/pages.po`, kept by `make texts` as
the texts are. Values are put in as they are: whatever shows a phrase escapes it.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from checkin.core import catalogues, texts
from checkin.core.catalogues import LANGUAGES

ABOUT: Final[Mapping[str, str]] = {
    "months": "The months in order, a space between them.",
    "date": "A day of the year.",
    "moment": "A time on a day of the year.",
    "reports": "How many answers.",
    "alert.title": "Title of the alert's page. No name: it stays in the browser's history.",
    "alert.urgent": "Mark of an alert that cannot wait.",
    "alert.since": "When the alert was raised.",
    "alert.open": "Nobody has said that they have the alert.",
    "alert.yours": "The reader has the alert.",
    "alert.theirs": "Somebody else has the alert.",
    "alert.danger": "Whom to call in a crisis. {emergency} is a number, in Spanish with its article; {line} an order.",
    "alert.tried": "What came of the last try to reach the mentee.",
    "alert.do": "Heading above the buttons.",
    "do.take": "Button: the reader takes the alert.",
    "do.pass_on": "Button: the next person is asked.",
    "do.later": "Button: the reader takes the alert and is asked about it again.",
    "do.pass_on.about": "What the button does.",
    "outcome.first": "Opens the form about what came of it, for who has not taken the alert.",
    "outcome.which": "Question above the choices.",
    "outcome.talked": "A choice.",
    "outcome.left_message": "A choice.",
    "outcome.no_answer": "A choice.",
    "outcome.safe": "A choice.",
    "outcome.referred": "A choice.",
    "outcome.note": "Label of the box for a note.",
    "outcome.about": "What the choices do.",
    "outcome.save": "Button.",
    "outcome.missing": "No choice was made.",
    "outcome.too_long": "The note is longer than 1,000 characters.",
    "kind.trend": "What the alert is about, in two or three words.",
    "kind.silence": "What the alert is about.",
    "kind.crisis": "What the alert is about.",
    "kind.call_me": "What the alert is about.",
    "kind.practical_help": "What the alert is about.",
    "kind.opted_out": "What the alert is about.",
    "kind.came_back": "What the alert is about.",
    "kind.unreachable": "What the alert is about.",
    "sentence.trend.both": "What happened, in one sentence.",
    "sentence.trend.mood": "What happened, in one sentence.",
    "sentence.trend.hope": "What happened, in one sentence.",
    "sentence.silence": "What happened, in one sentence.",
    "sentence.silence.days": "What happened, in one sentence.",
    "sentence.silence.low": "What happened, in one sentence.",
    "sentence.crisis": "What happened, in one sentence.",
    "sentence.crisis.later": "What happened, in one sentence.",
    "sentence.call_me": "What happened, in one sentence.",
    "sentence.practical_help": "What happened, in one sentence.",
    "sentence.opted_out": "What happened, in one sentence.",
    "sentence.came_back": "What happened, in one sentence.",
    "sentence.unreachable": "What happened, in one sentence.",
    "sentence.learning": "There are too few answers to know what is usual.",
    "cause.title": "Heading of the list of causes.",
    "cause.run": "The answers behind a fall.",
    "cause.mood": "How far mood fell.",
    "cause.hope": "How far hope fell.",
    "cause.days": "How long somebody has not answered.",
    "cause.low": "The answers before the silence were low.",
    "cause.tier.A": "What a text or note was found to say.",
    "cause.tier.B": "What a text or note was found to say.",
    "cause.tier.C": "What a text or note was found to say.",
    "cause.source.text": "Where it was said.",
    "cause.source.note": "Where it was said.",
    "cause.source.reopened": "The alert was closed before.",
    "cause.topic.benefits": "What help was asked for.",
    "cause.topic.transport": "What help was asked for.",
    "cause.topic.housing": "What help was asked for.",
    "cause.topic.food": "What help was asked for.",
    "cause.topic.work": "What help was asked for.",
    "cause.topic.health": "What help was asked for.",
    "cause.topic.help": "Somebody texted HELP.",
    "cause.topic.other": "What help was asked for.",
    "chart.title": "Heading of the charts.",
    "chart.mood": "Name of a score, and of its chart.",
    "chart.hope": "Name of a score, and of its chart.",
    "chart.usual": "In the key: the band of this person's usual scores.",
    "chart.run": "In the key: the marked days.",
    "chart.gaps": "How a missing day looks.",
    "chart.none": "There is nothing to draw.",
    "chart.about": "Says the chart in words, to who cannot see it.",
    "chart.about.usual": "Says the band in words.",
    "chart.about.run": "Says the mark in words.",
    "chart.table": "Opens the table.",
    "chart.caption": "Caption of the table.",
    "chart.day": "Head of a column.",
    "notes.title": "Heading of the notes the mentee lets the mentor read.",
    "steps.title": "Heading of the list of who was asked.",
    "steps.none": "Nobody was asked yet.",
    "steps.nobody": "Stands for a person where a place is empty.",
    "place.mentor": "Where somebody stands.",
    "place.cover": "Where somebody stands.",
    "place.facilitator": "Where somebody stands.",
    "place.clinical_contact": "Where somebody stands.",
    "place.coordinator": "Where somebody stands.",
    "place.on_call": "Where somebody stands.",
    "result.asked": "What became of a step.",
    "result.empty": "What became of a step.",
    "result.away": "What became of a step.",
    "result.no_phone": "What became of a step.",
    "result.opted_out": "What became of a step.",
    "result.unreachable": "What became of a step.",
    "result.over_limit": "What became of a step.",
    "result.off_hours": "What became of a step.",
    "result.no_consent": "What became of a step.",
    "result.already": "What became of a step: asked in another place of the same step, or handed it over just before.",
    "link.title": "Title of the page a fresh link leads to.",
    "link.about": "What the link does.",
    "link.open": "Button.",
    "stale.title": "Title of the page of a link that cannot be used.",
    "stale.about": "Why.",
    "stale.by_text": "What can be done without a link.",
    "stale.send": "Button.",
    "sent.title": "Title of the page after a new link was asked for, whether one was sent or not.",
    "sent.about": "What happens now.",
    "gone.title": "Title of the page when there is nothing for the reader, whatever the reason.",
    "gone.about": "What may be the reason, and what to do.",
    "closed.title": "Title of the page after an outcome that closes the alert.",
    "closed.about": "What happens now.",
    "passed.title": "Title of the page after an alert was passed on.",
    "passed.about": "What happens now.",
    "later.title": "Title of the page after the reader wants to be asked again.",
    "later.about": "What happens now.",
    "consent.check_ins_by_sms": "What a mentee agrees to in the app, in their own voice.",
    "consent.notes_to_mentor": "What a mentee agrees to.",
    "consent.clinical_contact": "What a mentee agrees to.",
    "consent.evaluation": "What a mentee agrees to.",
    "log.alert.read": "In an access log: what somebody did.",
    "log.alert.acknowledged": "In an access log: what somebody did.",
    "log.alert.handed_over": "In an access log: what somebody did.",
    "log.alert.handed_on": "In an access log: what somebody did.",
    "log.alert.resolved": "In an access log: what somebody did.",
    "log.alert.reopened": "In an access log: what somebody did.",
    "log.assignment.begun": "In an access log: what somebody did.",
    "log.assignment.ended": "In an access log: what somebody did.",
    "log.assignment.transferred": "In an access log: what somebody did.",
    "log.assignments.read": "In an access log: what somebody did.",
    "log.availability.changed": "In an access log: what somebody did.",
    "log.consent.given": "In an access log: what somebody did.",
    "log.consent.withdrawn": "In an access log: what somebody did.",
    "log.help.read": "In an access log: what somebody did.",
    "log.help.ended": "In an access log: what somebody did.",
    "log.mentee.listed": "In an access log: what somebody did.",
    "log.mentee.read": "In an access log: what somebody did.",
    "log.nudge_plan.read": "In an access log: what somebody did.",
    "log.nudge_plan.changed": "In an access log: what somebody did.",
    "log.nudges.read": "In an access log: what somebody did.",
    "log.on_call.began": "In an access log: what somebody did.",
    "log.on_call.ended": "In an access log: what somebody did.",
    "log.person.added": "In an access log: what somebody did.",
    "log.person.changed": "In an access log: what somebody did.",
    "log.person.ended": "In an access log: what somebody did.",
    "log.person.read": "In an access log: what somebody did.",
    "log.session.reused": "In an access log: what somebody did.",
    "log.trend.tried": "In an access log: what somebody did.",
    "log.other": "In an access log: what somebody did.",
}
"""Every entry by its name, with what it is for, as translators read it."""

COUNTED: Final = frozenset({"reports"})  # these have one form for one and one for several


def say(entry: str, language: str, **values: object) -> str:
    """Return *entry* in *language* (English where we have no other), its {placeholders} filled in with *values*.

    A counted entry takes its form from *count*. Raises KeyError for a placeholder without a value, TextsNotCompiled.
    """
    catalogue = catalogues.load("pages", language if language in LANGUAGES else LANGUAGES[0], entries, is_counted)
    count = values.get("count")
    said = catalogue.ngettext(entry, entry, count) if isinstance(count, int) else catalogue.gettext(entry)
    missing = texts.placeholders(said) - values.keys()
    if missing:
        raise KeyError(f"{entry} needs {', '.join(sorted(missing))}")
    return texts.fill(said, {name: str(value) for name, value in values.items()}) or said


def is_known(entry: str) -> bool:
    """Say whether there is such an entry."""
    return entry in ABOUT


def entries() -> list[str]:
    """Return the msgid of every entry, in its order."""
    return list(ABOUT)


def is_counted(entry: str) -> bool:
    """Whether a catalogue has *entry* in one form for one and one for several."""
    return entry in COUNTED


def day(of: date, language: str) -> str:
    """Return a day of the year: "12 November"."""
    return say("date", language, day=of.day, month=say("months", language).split()[of.month - 1])


def short_day(of: date, language: str) -> str:
    """Return a day of the year as an axis has room for it: "12 Nov"."""
    return f"{of.day} {say('months', language).split()[of.month - 1][:3]}"


def moment(at: datetime, language: str) -> str:
    """Return a time as the reader's wall shows it; *at* is in the reader's zone already."""
    return say("moment", language, day=day(at.date(), language), time=f"{at:%H:%M}")
