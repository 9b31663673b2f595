"""Cursors: opaque to the client, bound to the person, refused when they were touched."""

import base64
import hmac
from datetime import date
from uuid import UUID

from checkin.core.errors import BadInput


def make(secret: str, person: UUID, day: date) -> str:
    """Return a cursor that stands before *day* in *person*'s list."""
    place = day.isoformat().encode()
    mark = hmac.digest(secret.encode(), b"cursor" + person.bytes + place, "sha256")[:12]
    return base64.urlsafe_b64encode(place + mark).decode().rstrip("=")


def read(secret: str, person: UUID, cursor: str) -> date:
    """Return the day a cursor stands before. Raises BadInput for one that is not *person*'s own, to the letter."""
    try:
        day = date.fromisoformat(base64.urlsafe_b64decode(cursor.encode("ascii") + b"==")[:10].decode("ascii"))
    except ValueError:
        raise BadInput("the cursor is not one we gave", "/cursor") from None
    if not hmac.compare_digest(make(secret, person, day), cursor):
        raise BadInput("the cursor is not one we gave", "/cursor")
    return day
