"""How a mentee is doing against their own usual, as it goes over the wire."""

from datetime import date
from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from checkin import core
from checkin.core.alerts import Kind
from checkin.core.trend import DAYS_NEEDED, REPORTS_NEEDED
from checkin.store.mentees import Trend

Usual = Annotated[float, Meta(ge=0, le=10, description="Learned from this person's own answers", examples=[6.5])]
SENTENCE: Final = "We are still learning Ana's usual range (3 reports so far)."


class TrendView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is usual for this person, to a tenth of a point, once it is learned; it is never compared with others."""

    answers: Annotated[int, Meta(ge=0, description="Answers with both scores so far", examples=[3])]
    learning: Annotated[bool, Meta(description="Whether there are too few to know what is usual", examples=[True])]
    usual_mood: Usual | UnsetType = UNSET
    usual_hope: Usual | UnsetType = UNSET
    latest_day: Annotated[date, Meta(description="The last answered day", examples=["2026-11-20"])] | UnsetType = UNSET
    sentence: (
        Annotated[
            str, Meta(max_length=500, description="What there is to say, where there is something", examples=[SENTENCE])
        ]
        | UnsetType
    ) = UNSET


def view(name: str, trend: Trend, language: str) -> TrendView:
    """Return the trend of somebody called *name*, told in *language*."""
    state = trend.state
    days = state.last_day - state.first_day
    learning = state.reports < REPORTS_NEEDED or days < DAYS_NEEDED
    sentence: str | UnsetType = UNSET
    if trend.fall is not None:
        sentence = core.sentences.sentence(name, Kind.trend, trend.fall, language)
    elif learning:
        sentence = core.sentences.learning(name, state.reports, language)
    latest = core.trend.last_day(state)
    return TrendView(
        answers=state.reports,
        learning=learning,
        usual_mood=UNSET if learning else round(state.mood.mean, 1),
        usual_hope=UNSET if learning else round(state.hope.mean, 1),
        latest_day=UNSET if latest is None else latest,
        sentence=sentence,
    )
