"""The people file: a CSV whose every line is either a person or a named mistake."""

import csv
from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeVar

import phonenumbers

from checkin import core
from checkin.core.errors import Mistake
from checkin.core.people import Role
from checkin.flows.people import AT_NIGHT, AT_SIX, EVERY_DAY, NewPerson

Value = TypeVar("Value")

NEEDED: Final = ("program", "name", "phone", "roles", "time_zone", "language")
STANDING_BY: Final = ("mentor", "cover", "facilitator", "clinical_contact")
OPTIONAL: Final = (*STANDING_BY, "nudge_at", "weekdays", "quiet", "country", "consented", "on_call")
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
            mistakes.append(Mistake(line, str(wrong), _phone_on(dict(zip(header, fields, strict=False)))))
            continue
        first = seen.setdefault((person.program, person.phone), line)
        if first != line:
            mistakes.append(Mistake(line, f"this phone stands on line {first} already"))
            continue
        people.append(person)
    if not people and not mistakes:
        mistakes.append(Mistake(1, "there is nobody in the file"))
    return people, mistakes


def together(unread: list[Mistake], found: list[Mistake]) -> list[Mistake]:
    """Return all mistakes by line: those of reading, and those *found* in bringing in the other lines.

    Whoever is missed only because their own line cannot be read is no mistake of the line that names them.
    """
    named = {one.phone for one in unread if one.phone is not None}
    return sorted([*unread, *(one for one in found if one.phone not in named)], key=lambda mistake: mistake.line)


def _phone_on(row: dict[str, str]) -> str | None:
    return phone_number(row.get("phone", ""), row.get("country", "").strip().upper() or "US")


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


def phone_number(text: str, country: str | None) -> str | None:
    """Return *text* as E.164, read as dialled in *country*; None unless it can be a phone that takes texts.

    Without a country it has to begin with + and the country's code.
    """
    if not text.isascii():
        return None
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if number.extension or not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def country_of(phone: str) -> str:
    """Return the country (ISO 3166-1) a phone (E.164) is of; of several that share a code, the main one."""
    number = phonenumbers.parse(phone)
    return phonenumbers.region_code_for_number(number) or phonenumbers.region_code_for_country_code(
        number.country_code or 0
    )


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
    standing_by = {name: _phone(name, row[name], country) for name in STANDING_BY if row.get(name)}
    if Role.mentee not in roles and standing_by:
        raise _Wrong(f"{', '.join(STANDING_BY)} are for mentees")
    on_call = _yes("on_call", row.get("on_call", ""))
    if on_call and not roles & {Role.mentor, Role.coordinator}:
        raise _Wrong("on_call is for mentors and coordinators")
    return NewPerson(
        line=line,
        program=row["program"],
        name=row["name"],
        phone=_phone("phone", row["phone"], country),
        roles=roles,
        time_zone=row["time_zone"],
        language=row["language"],
        mentor=standing_by.get("mentor"),
        cover=standing_by.get("cover"),
        facilitator=standing_by.get("facilitator"),
        clinical_contact=standing_by.get("clinical_contact"),
        on_call=on_call,
        nudge_at=_read(row, "nudge_at", core.plan_words.read_times, "times such as 18:00 or 09:00 18:30") or AT_SIX,
        weekdays=_read(row, "weekdays", core.plan_words.read_weekdays, "days such as mon-fri or 1-5") or EVERY_DAY,
        quiet=_read(row, "quiet", core.plan_words.read_hours, "hours such as 21:00-08:00") or AT_NIGHT,
        country=country,
        consented=_yes("consented", row.get("consented", "")),
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


def _yes(column: str, text: str) -> bool:
    if text.lower() not in YES_NO:
        raise _Wrong(f"{column}: {text!r} is not yes or no")
    return YES_NO[text.lower()]


def _read(row: dict[str, str], column: str, read: Callable[[str], Value | None], like: str) -> Value | None:
    """Return what *read* makes of a column; None where it is empty or not there."""
    text = row.get(column, "")
    value = read(text) if text else None
    if text and value is None:
        raise _Wrong(f"{column}: {text!r} is not {like}")
    return value
