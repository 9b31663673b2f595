"""What the product decides: pure functions over frozen values, no I/O and no clock."""

from checkin.core import (
    alerts,
    check_ins,
    delivery,
    errors,
    mentor_replies,
    normalise,
    nudges,
    numbers,
    people,
    replies,
    scores,
    texts,
    trend,
    wall,
    words,
)

__all__ = [
    "alerts",
    "check_ins",
    "delivery",
    "errors",
    "mentor_replies",
    "normalise",
    "nudges",
    "numbers",
    "people",
    "replies",
    "scores",
    "texts",
    "trend",
    "wall",
    "words",
]
