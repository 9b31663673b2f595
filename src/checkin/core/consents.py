"""What a mentee can agree to, each purpose for itself, and the very words they agree to."""

from enum import StrEnum
from hashlib import sha256

from checkin.core import phrases
from checkin.core.catalogues import LANGUAGES


class Purpose(StrEnum):
    """What a consent is for."""

    check_ins_by_sms = "check_ins_by_sms"
    notes_to_mentor = "notes_to_mentor"
    clinical_contact = "clinical_contact"
    evaluation = "evaluation"


def words(purpose: Purpose, language: str, program: str) -> str:
    """Return what somebody agrees to on a screen, in *language*; *program* is their program's name."""
    return phrases.say(f"consent.{purpose}", language, program=program)


def version(said: str) -> str:
    """Return a name for the very words *said*: other words, another name."""
    return sha256(said.encode()).hexdigest()[:12]


def versions(purpose: Purpose, program: str) -> frozenset[str]:
    """Return the names of the words that can be agreed to now, in whichever language they were read."""
    return frozenset(version(words(purpose, language, program)) for language in LANGUAGES)
