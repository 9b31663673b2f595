"""Words worth texting from a pretend phone as things stand."""

from typing import Final

from checkin.core.people import Person, Status

INVITED: Final = {"en": "YES, STOP, HELP", "es": "SI, ALTO, AYUDA"}
ACTIVE: Final = {
    "en": "7 5 slept well, CHANGE 6 5, SKIP, PAUSE 3 DAYS, CALL, STOP",
    "es": "7 5 dormi bien, CORRIGE 6 5, SALTAR, PAUSA 3 DIAS, LLAMAME, ALTO",
}
PAUSED: Final = {"en": "RESUME, 7 5 slept well, CALL, STOP", "es": "REANUDAR, 7 5 dormi bien, LLAMAME, ALTO"}
LEFT: Final = {"en": "START", "es": "SI"}
ASKED: Final = {
    "en": "OK {number}, PASS {number}, SNOOZE {number}, CALLED {number}",
    "es": "VOY {number}, PASO {number}, LUEGO {number}, LLAME {number}",
}
TAKEN: Final = {
    "en": "CALLED {number}, MSG {number}, NOANSWER {number}, SAFE {number}",
    "es": "LLAME {number}, MENSAJE {number}, NOCONTESTA {number}, BIEN {number}",
}
STAFF: Final = {"en": "AWAY 7, BACK, HELP", "es": "FUERA 7, VOLVI, AYUDA"}


def for_mentee(mentee: Person, is_paused: bool) -> str:
    """Return what a mentee may text: their yes while they are out, else an answer or any of the keywords."""
    if mentee.opted_out:
        words = LEFT
    elif mentee.status is Status.invited:
        words = INVITED
    elif is_paused:
        words = PAUSED
    else:
        words = ACTIVE
    return words[mentee.language]


def for_staff(reader: Person, number: int | None, is_taken: bool) -> str:
    """Return what a mentor or coordinator may text about the alert *number*; without one, about themselves."""
    if reader.opted_out:
        return LEFT[reader.language]
    if number is None:
        return STAFF[reader.language]
    return (TAKEN if is_taken else ASKED)[reader.language].format(number=number)
