"""What became of a due nudge, in plain sentences, in the language of who reads them."""

from datetime import date, datetime
from typing import Final

from checkin.core import nudge_entries, texts, wall

MESSAGES: Final = {
    "queued": "The message waits to be sent.",
    "claimed": "The message is being sent.",
    "sent": "The message left; the carrier has not said whether it arrived.",
    "delivered": "The message arrived.",
    "undelivered": "The message did not arrive.",
    "failed": "The carrier did not take the message.",
    "uncertain": "Nobody knows whether the message left; it is not sent again.",
    "expired": "The message did not leave in time.",
    "cancelled": "The message was cancelled before it left: an answer, or a STOP, came first.",
}
"""For operators: what became of a message, by its status."""

PUSHES: Final = {
    "queued": "The push waits to be sent.",
    "claimed": "The push is being sent.",
    "sent": "The push service has it; none says whether it arrived.",
    "uncertain": "Nobody knows whether the push left; it is not sent again, and not as a text.",
}
"""The same where it goes by push and reads another way."""

FELL_BACK: Final = {
    "no_device": "no device of theirs takes pushes",
    "stopped": "the push service does not take ours at the moment",
    "gone": "their device takes no pushes any more",
    "refused": "the push service refused it",
    "busy": "the push service was too busy",
}
"""For operators: why a nudge that should have been pushed went by text."""


def tell(
    kind: str,
    decision: str,
    *,
    language: str = texts.LANGUAGES[0],
    answer: tuple[str, datetime] | None = None,
    zone: str = "UTC",
    paused_until: date | None = None,
    holiday: str | None = None,
    way: str | None = None,
    status: str | None = None,
) -> str:
    """Return one plain sentence for a nudge's row; *decision* is its code, and an unknown one is told as it is.

    *kind* is "nudge" or "reminder". *answer* is where the answer that came before it was given and when; the time is
    told as the wall of *zone* showed it. *paused_until* ends the pause that held; *holiday* is the day's name.
    *language* is one of `texts.LANGUAGES`. *way* is how a nudge that was sent goes, "sms" or "push"; *status* is that
    of its message, where it is to be told.
    """
    if decision == "sent" and status in nudge_entries.BECAME:
        return _said(f"became_{status}", language)
    if decision == "sent":
        code = "reminder_sent" if kind == "reminder" else "sent"
        return _said(code + nudge_entries.BY_PUSH if way == "push" else code, language)
    if decision == "answered" and answer is not None:
        source, at = answer
        where = _entry(nudge_entries.THROUGH + source, language) or source
        return _said("answered_at", language, where=where, time=f"{wall.local(at, zone):%H:%M}")
    if decision == "paused" and paused_until is not None:
        return _said("paused_until", language, day=tell_day(paused_until, language))
    if decision == "holiday" and holiday is not None:
        return _said("holiday_named", language, name=holiday)
    return _said(decision, language)


def tell_message(status: str, way: str = "sms", fell_back: str | None = None) -> str:
    """Return plain sentences for what became of a nudge's message: its *status*, its *way*, why it was not pushed."""
    told = (PUSHES if way == "push" else {}).get(status) or MESSAGES.get(status, f"The message is {status}.")
    why = "" if fell_back is None or way == "push" else f" By text: {FELL_BACK.get(fell_back, fell_back)}."
    return told + why


def open_the_app(language: str) -> str:
    """Return all that a push says, in *language* (English where we have no other)."""
    return texts.template(nudge_entries.OPEN_THE_APP, language if language in texts.LANGUAGES else texts.LANGUAGES[0])


def tell_day(day: date, language: str = texts.LANGUAGES[0]) -> str:
    """Return a day as people say it: "Friday 20 November 2026"."""
    weekday = texts.template(nudge_entries.WEEKDAYS, language).split()[day.weekday()]
    month = texts.template(nudge_entries.MONTHS, language).split()[day.month - 1]
    values = {"weekday": weekday, "number": str(day.day), "month": month, "year": str(day.year)}
    return _fill(nudge_entries.DAY, language, values)


def _said(code: str, language: str, **values: str) -> str:
    name = nudge_entries.ROW + code
    return _fill(name, language, values) if name in nudge_entries.ABOUT else f"Not sent: {code}."


def _entry(name: str, language: str) -> str | None:
    return texts.template(name, language) if name in nudge_entries.ABOUT else None


def _fill(name: str, language: str, values: dict[str, str]) -> str:
    words = texts.template(name, language)
    return texts.fill(words, values) or words
