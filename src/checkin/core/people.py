"""The people a program is made of, and whether a text may reach them."""

from enum import StrEnum
from typing import Final
from uuid import UUID

from msgspec import Struct


class Role(StrEnum):
    """What a person is in their program; one person may be several."""

    mentee = "mentee"
    mentor = "mentor"
    coordinator = "coordinator"


class Status(StrEnum):
    """Invited until they say yes; ended when they or the program let go."""

    invited = "invited"
    active = "active"
    ended = "ended"


STAFF: Final = (Role.mentor, Role.coordinator)


class Person(Struct, frozen=True, kw_only=True):
    """One person. *phone* is E.164; *time_zone* an IANA name; *language* "en" or "es".

    *away* is a mentor's leave, where it was asked for: who is away is not asked.
    """

    id: UUID
    program_id: UUID
    roles: frozenset[Role]
    status: Status
    name: str
    phone: str | None
    language: str
    time_zone: str
    opted_out: bool = False
    unreachable: bool = False
    away: bool = False

    def is_a(self, role: Role) -> bool:
        """Whether this person is active in *role*."""
        return self.status is Status.active and role in self.roles


def acting_role(person: Person) -> Role:
    """Return the role in which somebody looks after others: mentor before coordinator, else their own."""
    return next((role for role in STAFF if role in person.roles), Role.mentee)
