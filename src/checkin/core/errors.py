"""Everything a caller can act on, by name; what HTTP makes of each stands in `api/problems.py`."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from checkin.core.limits import Room

MOST_TOLD: Final = 20
LONGEST_TOLD: Final = 300


class Mistake(Struct, frozen=True):
    """What is wrong with one line of a file; *phone* (E.164) is whose line cannot be read, or who is missed by it."""

    line: int
    problem: str
    phone: str | None = None


class CheckinError(Exception):
    """Something the caller can do something about; the message says what."""


class UnknownPerson(CheckinError):
    """Nobody by that id whom the caller may see, or not in the role the call needs."""


class UnknownCheckIn(CheckinError):
    """There is no check-in on that day."""


class UnknownAlert(CheckinError):
    """No alert by that id or number that the caller may see."""


class UnknownSession(CheckinError):
    """There is no session of the caller's by that id."""


class UnknownDevice(CheckinError):
    """There is no device of the caller's by that id."""


class WrongCode(CheckinError):
    """The code does not sign anybody in: wrong, too late, used, tried too often, or never sent."""


class SignedOut(CheckinError):
    """The refresh token or the session is not good, or not any more; only a new code helps."""


class TooOften(CheckinError):
    """A limit is used up; *room* says which, and how long to wait."""

    def __init__(self, room: Room) -> None:
        super().__init__("wait as long as Retry-After says")
        self.room = room


class UnknownHelpRequest(CheckinError):
    """No request for help by that id that the caller may see."""


class UnknownAssignment(CheckinError):
    """No assignment by that id that the caller may see."""


class AlreadyEnded(CheckinError):
    """It has come to its end before, and cannot be changed any more."""


class Conflict(CheckinError):
    """It does not go together with what is there already; the message says with what."""


class DayOutOfReach(CheckinError):
    """The day or the time of the answer is too far back or ahead to be recorded."""


class CursorExpired(CheckinError):
    """What has changed since then is not known any more; begin anew without a cursor."""


class KeyReused(CheckinError):
    """This Idempotency-Key came before, with something else to do."""


class KeyInUse(CheckinError):
    """The call with this Idempotency-Key is being answered right now; try again in a moment."""


class Stale(CheckinError):
    """Somebody changed it since it was read; read it again."""


class NotRead(CheckinError):
    """A change that does not say which state it was made from."""


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


class TooWide(CheckinError):
    """The question spans more than one call may go through; the message says what takes it."""


class NotSigned(CheckinError):
    """The request does not carry the carrier's signature, or is not meant for us."""


class BadFile(CheckinError):
    """A file cannot be taken as it is; *mistakes* has every one of them, by line. *pointer* says where the file is."""

    pointer = ""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        told = [f"line {one.line}: {one.problem}"[:LONGEST_TOLD] for one in mistakes[:MOST_TOLD]]
        more = len(mistakes) - len(told)
        super().__init__("; ".join(told) + (f"; and {more} more" if more else ""))
        self.mistakes = mistakes


class BadRouting(BadFile):
    """The rules of a routing file cannot be followed."""

    pointer = "/source"


class NobodyAtTheEnd(CheckinError):
    """The last step of a program's alerts would be empty; the message says what to do."""
