"""The people file: a CSV whose every line is either a person or a named mistake."""

import csv
from collections.abc import Iterable, Iterator
from datetime import time
from typing import Final

import phonenumbers

from checkin import core
from checkin.core.people import Role
from checkin.flows.people import Mistake, NewPerson

NEEDED: Final = ("program", "name", "phone", "roles", "time_zone", "language")
OPTIONAL: Final = ("mentor", "cover", "nudge_at", "country", "consented")
YES_NO: Final = {"": False, "no": False, "yes": True}
LANGUAGES: Final = ("en", "es")
LONGEST_NAME: Final = 80


class _Wrong(Exception):
    """What is wrong with one field; caught where the line is known."""


def read(lines: Iterable[str]) -> tuple[list[NewPerson], list[Mistake]]:
    """Return the people in a CSV, and every mistake with its line number (the header is line 1)."""
    mistakes: list[Mistake] = []
    rows = _rows(lines, mistakes)
    _, first_row = next(rows, (1, []))
    header = [name.strip().lower().removeprefix("\ufeff") for name in first_row]
    missing = [name for name in NEEDED if name not in header]
    unknown = [name for name in header if name not in NEEDED + OPTIONAL]
    if missing or unknown or len(set(header)) != len(header):
        told = [f"missing: {', '.join(missing)}"] if missing else []
        told += [f"not known: {', '.join(unknown)}"] if unknown else []
        return [], [Mistake(1, f"the columns are {', '.join(NEEDED + OPTIONAL)}; {'; '.join(told) or 'one is twice'}")]
    people: list[NewPerson] = []
    seen: dict[tuple[str, str], int] = {}
    for line, fields in rows:
        if not any(field.strip() for field in fields):
            continue
        try:
            if len(fields) != len(header):
                raise _Wrong(f"{len(fields)} fields where the header has {len(header)}")
            person = _person(line, dict(zip(header, (field.strip() for field in fields), strict=True)))
        except _Wrong as wrong:
            mistakes.append(Mistake(line, str(wrong)))
            continue
        first = seen.setdefault((person.program, person.phone), line)
        if first != line:
            mistakes.append(Mistake(line, f"this phone stands on line {first} already"))
            continue
        people.append(person)
    if not people and not mistakes:
        mistakes.append(Mistake(1, "there is nobody in the file"))
    return people, mistakes


def _rows(lines: Iterable[str], mistakes: list[Mistake]) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the number of its last line; what is not CSV is a mistake, and the rest is read on."""
    reader = csv.reader(line.replace("\0", "\ufffd") for line in lines)
    while True:
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            mistakes.append(Mistake(reader.line_num, f"this is not CSV: {problem}"))
            continue
        yield reader.line_num, fields


def phone_number(text: str, country: str) -> str | None:
    """Return *text* as E.164, read as dialled in *country*; None unless it can be a phone that takes texts."""
    if not text.isascii():
        return None
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if number.extension or not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _person(line: int, row: dict[str, str]) -> NewPerson:
    country = row.get("country", "").upper() or "US"
    if country not in phonenumbers.SUPPORTED_REGIONS:
        raise _Wrong(f"country: {country!r} is not a two-letter country code")
    if not row["program"] or len(row["program"]) > LONGEST_NAME:
        raise _Wrong(f"program: needs a name of 1 to {LONGEST_NAME} characters")
    if not row["name"] or len(row["name"]) > LONGEST_NAME:
        raise _Wrong(f"name: needs 1 to {LONGEST_NAME} characters")
    if row["language"] not in LANGUAGES:
        raise _Wrong(f"language: {row['language']!r} is not one of {', '.join(LANGUAGES)}")
    if not core.wall.is_zone(row["time_zone"]):
        raise _Wrong(f"time_zone: {row['time_zone']!r} is not an IANA name such as America/New_York")
    roles = _roles(row["roles"])
    mentor, cover = (_phone(name, row[name], country) if row.get(name) else None for name in ("mentor", "cover"))
    if Role.mentee not in roles and (mentor or cover):
        raise _Wrong("mentor and cover are for mentees")
    return NewPerson(
        line=line,
        program=row["program"],
        name=row["name"],
        phone=_phone("phone", row["phone"], country),
        roles=roles,
        time_zone=row["time_zone"],
        language=row["language"],
        mentor=mentor,
        cover=cover,
        nudge_at=_time(row.get("nudge_at", "")),
        country=country,
        consented=_yes(row.get("consented", "")),
    )


def _roles(text: str) -> frozenset[Role]:
    words = [word for word in text.lower().replace("+", " ").replace("/", " ").split() if word]
    known = [role.value for role in Role]
    if not words or any(word not in known for word in words):
        raise _Wrong(f"roles: {text!r}; give one or more of {', '.join(known)}, with a space between")
    return frozenset(Role(word) for word in words)


def _phone(column: str, text: str, country: str) -> str:
    number = phone_number(text, country)
    if number is None:
        raise _Wrong(f"{column}: not a phone number; write it like +1 555 010 0123")
    return number


def _yes(text: str) -> bool:
    if text.lower() not in YES_NO:
        raise _Wrong(f"consented: {text!r} is not yes or no")
    return YES_NO[text.lower()]


def _time(text: str) -> time:
    if not text:
        return time(18)
    try:
        at = time.fromisoformat(text)
    except ValueError:
        raise _Wrong(f"nudge_at: {text!r} is not a time such as 18:00") from None
    if at.tzinfo is not None or at.second or at.microsecond:
        raise _Wrong(f"nudge_at: {text!r} is not a time such as 18:00")
    return at
