"""The verbs: each reads, asks the core, and carries the decision out in one transaction."""

from checkin.flows import (
    alerts,
    check_ins,
    delivery,
    enrolment,
    inbound,
    mentee_texts,
    mentor_texts,
    nudges,
    people,
    people_file,
    safety,
    sandbox,
    say,
    silences,
)

__all__ = [
    "alerts",
    "check_ins",
    "delivery",
    "enrolment",
    "inbound",
    "mentee_texts",
    "mentor_texts",
    "nudges",
    "people",
    "people_file",
    "safety",
    "sandbox",
    "say",
    "silences",
]
