"""Everything a caller can act on, by name; what HTTP makes of each stands in `api/problems.py`."""


class CheckinError(Exception):
    """Something the caller can do something about; the message says what."""


class UnknownPerson(CheckinError):
    """Nobody by that id whom the caller may see, or not in the role the call needs."""


class UnknownCheckIn(CheckinError):
    """There is no check-in on that day."""


class UnknownAlert(CheckinError):
    """No alert by that id or number that the caller may see."""


class DayOutOfReach(CheckinError):
    """The day or the time of the answer is too far back or ahead to be recorded."""


class Crowded(CheckinError):
    """Everything is busy; nothing was done; try again in a moment."""


class WrongSchema(CheckinError):
    """The database is not at the version this program needs."""

    def __init__(self, found: str | None, needed: str) -> None:
        super().__init__(
            f"the database is at version {found or 'nothing'}, this program needs {needed}; run `checkin migrate`"
        )


class BadInput(CheckinError):
    """The input is not of the form it needs; *pointer* (RFC 6901) says where."""

    def __init__(self, detail: str, pointer: str = "") -> None:
        super().__init__(detail)
        self.pointer = pointer


class NotForm(CheckinError):
    """The body is of a content type that is not taken here."""


class TooMuch(CheckinError):
    """The body has more bytes or fields than are taken."""


class NotSigned(CheckinError):
    """The request does not carry the carrier's signature, or is not meant for us."""
