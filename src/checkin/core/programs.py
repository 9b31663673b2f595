"""What a program has chosen about its texts and its times, and which choices can be made."""

from datetime import datetime, time, timedelta
from typing import Final
from uuid import UUID

import phonenumbers
from msgspec import Struct
from msgspec.structs import replace

from checkin.core import crisis_lines, routing, wall
from checkin.core.errors import BadInput

WIDEST: Final = (time(8), time(21))
"""No text that can wait leaves earlier or later, local time of its reader (47 CFR 64.1200(c)(1)), whoever asks."""
LONGEST_PASS_ON: Final = timedelta(days=7)


class Setup(Struct, frozen=True, kw_only=True):
    """A program's settings. Texts leave between *texts_from* and *texts_until*, local time of the reader.

    *begun_at* is None for a draft; *crisis_line* is None for the country's own.
    """

    id: UUID
    name: str
    country: str
    time_zone: str
    texts_from: time
    texts_until: time
    pass_on_after: timedelta
    crisis_line: str | None
    first_names: bool
    begun_at: datetime | None

    @property
    def wall(self) -> tuple[time, time]:
        """The hours in which texts leave."""
        return self.texts_from, self.texts_until


class Edit(Struct, frozen=True, kw_only=True):
    """What shall change; what is None stays. An empty *crisis_line* gives way to the country's own."""

    name: str | None = None
    country: str | None = None
    time_zone: str | None = None
    texts_from: time | None = None
    texts_until: time | None = None
    pass_on_after: str | None = None
    crisis_line: str | None = None
    first_names: bool | None = None

    @property
    def moves_wall(self) -> bool:
        """Whether the hours in which texts leave may become others."""
        return self.texts_from is not None or self.texts_until is not None


def edited(before: Setup, edit: Edit) -> Setup:
    """Return *before* with *edit* made. Raises BadInput for what cannot be chosen."""
    after = replace(
        before,
        name=before.name if edit.name is None else edit.name.strip(),
        country=before.country if edit.country is None else edit.country,
        time_zone=before.time_zone if edit.time_zone is None else edit.time_zone,
        texts_from=before.texts_from if edit.texts_from is None else edit.texts_from,
        texts_until=before.texts_until if edit.texts_until is None else edit.texts_until,
        pass_on_after=before.pass_on_after if edit.pass_on_after is None else _length(edit.pass_on_after),
        crisis_line=before.crisis_line if edit.crisis_line is None else edit.crisis_line or None,
        first_names=before.first_names if edit.first_names is None else edit.first_names,
    )
    if not after.name:
        raise BadInput("a name needs at least one character", "/name")
    if after.country not in phonenumbers.SUPPORTED_REGIONS:
        raise BadInput("not a two-letter country code (ISO 3166-1)", "/country")
    if not wall.is_zone(after.time_zone):
        raise BadInput("not an IANA time zone; send one like America/New_York", "/time_zone")
    if edit.moves_wall:
        _check_wall(after)
    if edit.crisis_line:
        problems = crisis_lines.check(edit.crisis_line)
        if problems:
            raise BadInput(" ".join(problems), "/crisis_line")
    return after


def _check_wall(after: Setup) -> None:
    earliest, latest = WIDEST
    if after.texts_from < earliest:
        raise BadInput(f"no text leaves before {earliest:%H:%M}", "/texts_from")
    if after.texts_until > latest:
        raise BadInput(f"no text leaves after {latest:%H:%M}", "/texts_until")
    if after.texts_from >= after.texts_until:
        raise BadInput("texts must stop later than they begin", "/texts_until")


def _length(said: str) -> timedelta:
    found = routing.LENGTH.fullmatch(said)
    length = None if found is None else int(found[1]) * routing.UNITS[found[2]]
    if length is None or length > LONGEST_PASS_ON:
        raise BadInput('a length of at most 7 d, such as "90 min", "4 h" or "2 d"', "/pass_on_after")
    return length


def say_length(length: timedelta) -> str:
    """Return *length* as a routing file says it, in the largest unit it is whole in: "90 min", "4 h", "2 d"."""
    whole = [(size, unit) for unit, size in routing.UNITS.items() if length % size == timedelta()]
    size, unit = max(whole)
    return f"{length // size} {unit}"
