"""What became of a due nudge, in plain sentences."""

from datetime import date, datetime
from typing import Final

from checkin.core import wall

SENTENCES: Final = {
    "sent": "Sent.",
    "not_active": "Not sent: this person is not active in the programme.",
    "opted_out": "Not sent: this person has opted out of messages.",
    "unreachable": "Not sent: messages do not reach this person's phone.",
    "paused": "Not sent: nudges are paused.",
    "answered": "Not sent: the check-in for this day was already there.",
    "already_sent": "Not sent: this nudge already went out on this day.",
    "just_asked": "Not sent: the nudge of this day had left less than an hour before.",
    "cap_day": "Not sent: 2 messages a day is the most, and they were sent.",
    "cap_week": "Not sent: 10 messages in a week had no answer, and that is the most.",
    "day_off": "Not sent: this person is not asked on this day of the week.",
    "every_other_day": "Not sent: after 3 unanswered nudges this person is asked every second day.",
    "weekly": "Not sent: after 6 unanswered nudges this person is asked once a week.",
    "expired": "Not sent: the time to send it had passed.",
    "outside_wall": "Not sent: it was outside the hours in which the programme may send.",
    "quiet_hours": "Not sent: it was in this person's quiet hours.",
}
"""What a nudge's row says, by its decision: "sent", or a `nudges.Reason`."""
THROUGH: Final = {"app": "in the app", "sms": "by text", "web": "on the web page", "import": "with an import"}
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


def tell(kind: str, decision: str, *, answer: tuple[str, datetime] | None = None, zone: str = "UTC") -> str:
    """Return one plain sentence for a nudge's row; *decision* is its code, and an unknown one is told as it is.

    *kind* is "nudge" or "reminder". *answer* is where the answer that came before it was given and when; the time is
    told as the wall of *zone* showed it.
    """
    if decision == "answered" and answer is not None:
        source, at = answer
        return f"Not sent: answered {THROUGH.get(source, source)} {wall.local(at, zone):%H:%M}."
    if decision == "sent" and kind == "reminder":
        return "Sent, as a reminder."
    return SENTENCES.get(decision, f"Not sent: {decision}.")


def tell_message(status: str) -> str:
    """Return one plain sentence for what became of a nudge's message; *status* is the outbox's."""
    return MESSAGES.get(status, f"The message is {status}.")


def tell_day(day: date) -> str:
    """Return a day as people say it: "Friday 20 November 2026"."""
    return f"{day:%A} {day.day} {day:%B %Y}"
