"""Cursors: opaque to the client, bound to the person, refused when they were touched."""

import base64
import hmac
from datetime import date, datetime
from typing import NamedTuple, TypeVar
from uuid import UUID

import msgspec

from checkin.core.changes import Place
from checkin.core.errors import BadInput

Spot = TypeVar("Spot", bound=tuple[object, ...])
MARK = 12  # bytes


class Row(NamedTuple):
    """The last row of a page in order of time."""

    at: datetime
    id: UUID


def make(secret: str, person: UUID, day: date, name: str = "") -> str:
    """Return a cursor that stands before *day* in *person*'s own list, or in the list *name* as they read it."""
    return _mark(secret, f"cursor {name}".rstrip().encode(), person, day.isoformat().encode())


def read(secret: str, person: UUID, cursor: str, name: str = "") -> date:
    """Return the day a cursor stands before. Raises BadInput for one that is not *person*'s own, to the letter."""
    try:
        day = date.fromisoformat(base64.urlsafe_b64decode(cursor.encode("ascii") + b"==")[:10].decode("ascii"))
    except ValueError:
        raise BadInput("the cursor is not one we gave", "/cursor") from None
    if not hmac.compare_digest(make(secret, person, day, name), cursor):
        raise BadInput("the cursor is not one we gave", "/cursor")
    return day


def make_id(secret: str, person: UUID, name: str, row: UUID) -> str:
    """Return a cursor that stands behind *row* in the list *name*, as *person* reads it."""
    return _mark(secret, f"cursor {name}".encode(), person, row.bytes)


def read_id(secret: str, person: UUID, name: str, cursor: str) -> UUID:
    """Return the row a cursor stands behind. Raises BadInput for one that is not *person*'s own, to the letter."""
    try:
        row = UUID(bytes=base64.urlsafe_b64decode(cursor.encode("ascii") + b"==")[:16])
    except ValueError:
        raise BadInput("the cursor is not one we gave", "/cursor") from None
    if not hmac.compare_digest(make_id(secret, person, name, row), cursor):
        raise BadInput("the cursor is not one we gave", "/cursor")
    return row


def make_spot(secret: str, person: UUID, name: str, spot: tuple[object, ...]) -> str:
    """Return a cursor that stands behind *spot*, what the list *name* is in order of, as *person* reads it.

    It holds the spot itself, so that it is good whatever has become of the row that stood there.
    """
    return _mark(secret, f"cursor {name}".encode(), person, msgspec.msgpack.encode(spot))


def read_spot(secret: str, person: UUID, name: str, cursor: str, shape: type[Spot]) -> Spot:
    """Return the spot a cursor stands behind. Raises BadInput for one that is not *person*'s own, to the letter."""
    try:
        place = base64.urlsafe_b64decode(cursor.encode("ascii") + b"==")[:-MARK]
    except ValueError:
        raise BadInput("the cursor is not one we gave", "/cursor") from None
    if not hmac.compare_digest(_mark(secret, f"cursor {name}".encode(), person, place), cursor):
        raise BadInput("the cursor is not one we gave", "/cursor")
    return msgspec.msgpack.decode(place, type=shape)


def make_place(secret: str, person: UUID, place: Place) -> str:
    """Return a cursor that stands at *place* in *person*'s feed."""
    return _mark(secret, b"cursor changes", person, place.feed.bytes + place.version.to_bytes(8))


def read_place(secret: str, person: UUID, cursor: str) -> Place:
    """Return where in a feed a cursor stands. Raises BadInput for one that is not *person*'s own, to the letter."""
    try:
        found = base64.urlsafe_b64decode(cursor.encode("ascii") + b"==")
        place = Place(UUID(bytes=found[:16]), int.from_bytes(found[16:24]))
    except ValueError:
        raise BadInput("the cursor is not one we gave", "/cursor") from None
    if not hmac.compare_digest(make_place(secret, person, place), cursor):
        raise BadInput("the cursor is not one we gave", "/cursor")
    return place


def _mark(secret: str, kind: bytes, person: UUID, place: bytes) -> str:
    mark = hmac.digest(secret.encode(), kind + person.bytes + place, "sha256")[:MARK]
    return base64.urlsafe_b64encode(place + mark).decode().rstrip("=")
