"""What an alert says on a page, in the reader's language: one sentence, and what stands behind it."""

from collections.abc import Iterator
from typing import Any

import msgspec

from checkin.core import phrases, trend
from checkin.core.alerts import Kind
from checkin.core.danger import Tier
from checkin.core.trend import Fall

Causes = list[dict[str, Any]]  # Any: each kind of alert has its own shape


def sentence(name: str, kind: Kind, causes: Causes, language: str) -> str:
    """Return what an alert says, in one sentence; shown behind login only. *causes* begin with the first one."""
    first = causes[0]
    entry, values = f"sentence.{kind}", {"name": name}
    if fallen := falls(kind, causes):
        entry, values = f"{entry}.{fallen[0].channel}", {**values, **_fallen(fallen[0], language)}
    elif kind is Kind.silence and "days" in first:
        entry, values = f"{entry}.{'low' if first.get('low') else 'days'}", {**values, "days": first["days"]}
    elif kind is Kind.crisis and _can_wait(causes):
        entry = f"{entry}.later"
    return phrases.say(entry, language, **values)


def _can_wait(causes: Causes) -> bool:
    """Whether all that was heard is worth knowing and no more: nobody, not even somebody else, is in danger now."""
    tiers = {cause["tier"] for cause in causes if "tier" in cause}
    return tiers == {Tier.c.value} and not any(cause.get("now") for cause in causes)


def falls(kind: Kind, causes: Causes) -> list[Fall]:
    """Return the falls that are the causes of a trend alert, the first one first; none for any other kind."""
    return [msgspec.convert(cause, Fall) for cause in causes if "since" in cause] if kind is Kind.trend else []


def learning(name: str, reports: int, language: str) -> str:
    """Return what a mentor reads while there are too few reports to know what is usual."""
    return phrases.say("sentence.learning", language, name=name, over=phrases.say("reports", language, count=reports))


def reasons(kind: Kind, causes: Causes, language: str) -> list[str]:
    """Return what stands behind an alert, a line each and each once: numbers, days, topics; never a word said."""
    lines = [line for cause in causes for line in _reasons(kind, cause, language)]
    return list(dict.fromkeys(lines))


def _reasons(kind: Kind, cause: dict[str, Any], language: str) -> Iterator[str]:  # Any: as Causes
    for fall in falls(kind, [cause]):
        said = _fallen(fall, language)
        yield phrases.say("cause.run", language, **said, until=phrases.day(fall.day, language))
        yield phrases.say("cause.mood", language, mean=said["mood"], usual=said["usual_mood"])
        yield phrases.say("cause.hope", language, mean=said["hope"], usual=said["usual_hope"])
    if "days" in cause:
        yield phrases.say("cause.days", language, days=cause["days"])
        if cause.get("low"):
            yield phrases.say("cause.low", language)
    for field in ("tier", "topic", "source"):
        entry = f"cause.{field}.{cause.get(field)}"
        if phrases.is_known(entry):
            yield phrases.say(entry, language)


def _fallen(fall: Fall, language: str) -> dict[str, str]:
    return {
        "since": phrases.day(fall.since, language),
        "over": phrases.say("reports", language, count=fall.reports),
        "mood": trend.half_points(fall.mean_mood),
        "hope": trend.half_points(fall.mean_hope),
        "usual_mood": trend.half_points(fall.usual_mood),
        "usual_hope": trend.half_points(fall.usual_hope),
    }
