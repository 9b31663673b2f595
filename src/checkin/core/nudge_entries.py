"""The names of what a mentee reads about their nudges on a screen, in the catalogues beside the texts."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from checkin.core.nudges import Reason

ROW: Final = "row."
THROUGH: Final = "through."
DAY, WEEKDAYS, MONTHS = "day", "weekdays", "months"
OPEN_THE_APP: Final = "open_the_app"
BECAME: Final = ("queued", "claimed", "uncertain", "undelivered", "failed", "expired", "cancelled")
BY_PUSH: Final = "_by_push"  # behind the codes of nudges that were sent

ABOUT: Final[Mapping[str, str]] = MappingProxyType(
    {
        **{f"{ROW}{code}": "On a screen: what became of a nudge." for code in ("sent", "reminder_sent", *Reason)},
        **{f"{ROW}{code}{BY_PUSH}": "On a screen: a nudge went to the app." for code in ("sent", "reminder_sent")},
        **{f"{ROW}became_{status}": "On a screen: what became of a nudge's message." for status in BECAME},
        f"{ROW}answered_at": "On a screen: a nudge was not sent because an answer was there; {where} is one below.",
        f"{ROW}paused_until": "On a screen: a nudge was not sent because of a pause; {day} is the entry below.",
        f"{ROW}holiday_named": "On a screen: a nudge was not sent because of a holiday of the programme.",
        **{f"{THROUGH}{source}": "How an answer came." for source in ("app", "sms", "web", "import")},
        DAY: "A day as people say it.",
        WEEKDAYS: "Monday to Sunday, with spaces between.",
        MONTHS: "January to December, with spaces between.",
        OPEN_THE_APP: "All that a notification of the app says, whatever it is about: others may see the screen.",
    }
)
"""What each entry is for, by its msgid."""
