"""The texts that ask people about alerts: one each, but what can wait comes together."""

from collections import defaultdict
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from checkin import store
from checkin.core.alerts import Alert, Urgency
from checkin.core.delivery import Lane
from checkin.core.escalation import Ask, Step
from checkin.core.people import Person
from checkin.core.texts import Text
from checkin.flows import links, say
from checkin.flows.links import Site
from checkin.store.links import Bound
from checkin.store.outbox import Letter
from checkin.store.people import Program
from checkin.store.pool import Connection

SENT_WITHIN = timedelta(minutes=15)


class Asking(Struct, frozen=True, kw_only=True):
    """One alert whose turn has come, and who is asked."""

    alert: Alert
    ask: Ask
    program: Program


class _Question(Struct, frozen=True, kw_only=True):
    """One alert for one reader."""

    asking: Asking
    step: Step
    reader: Person


async def send(conn: Connection, askings: list[Asking], site: Site, now: datetime) -> None:
    """Queue the texts, and write every step down with the text it sent.

    A text about one alert links to its page at *site*.
    """
    letters: dict[tuple[UUID, int], Letter] = {}
    waiting: dict[UUID, list[_Question]] = defaultdict(list)
    for asking in askings:
        for step in asking.ask.steps:
            if step.result != "asked" or step.person is None:
                continue
            question = _Question(asking=asking, step=step, reader=step.person)
            if asking.alert.urgency is Urgency.digest and not asking.ask.again:
                waiting[step.person.id].append(question)
            else:
                letters[asking.alert.id, step.number] = await _letter(conn, question, site, now)
    for questions in waiting.values():
        alone = len(questions) == 1
        letter = await _letter(conn, questions[0], site, now) if alone else _digest(questions, now)
        letters |= {(one.asking.alert.id, one.step.number): letter for one in questions}
    queued = await store.outbox.enqueue(conn, list({letter.key: letter for letter in letters.values()}.values()), now)
    taken = []
    for asking in askings:
        for step in asking.ask.steps:
            sent = letters.get((asking.alert.id, step.number))
            taken.append((asking.alert, step, None if sent is None else queued[sent.about, sent.key]))
    await store.alert_steps.add(conn, taken, now)


async def _letter(conn: Connection, question: _Question, site: Site, now: datetime) -> Letter:
    alert, ask, program = question.asking.alert, question.asking.ask, question.asking.program
    reader, text = question.reader, _text_for(alert, ask, now)
    assert reader.phone is not None
    bound = Bound(mentee_id=alert.mentee_id, alert_id=alert.id, person_id=reader.id)
    return Letter(
        about=alert.mentee_id,
        to=reader.id,
        phone=reader.phone,
        lane=Lane.CRISIS if alert.urgency.is_crisis else Lane.ALERT,
        key=f"alert:{alert.id}:{question.step.number}",
        body=await links.words(conn, text, alert.number, bound, reader.language, program, site, now),
        not_before=now,
        expires_at=_expires_at(question, now),
    )


def _expires_at(question: _Question, now: datetime) -> datetime:
    """Return when the text is of no use any more: the next one is asked, or the reader's hours are over."""
    patience, closes = max(question.asking.ask.until, now + SENT_WITHIN), question.step.closes
    return patience if closes is None else min(patience, closes)


def _digest(questions: list[_Question], now: datetime) -> Letter:
    """Return one text about several alerts. It concerns several mentees, so it is kept as its reader's own."""
    first = questions[0]
    assert first.reader.phone is not None
    numbers = sorted(one.asking.alert.number for one in questions)
    return Letter(
        about=first.reader.id,
        to=first.reader.id,
        phone=first.reader.phone,
        lane=Lane.ALERT,
        key=f"digest:{first.asking.alert.id}:{first.step.number}",
        body=say.words(Text.digest, first.reader.language, first.asking.program, numbers=numbers),
        not_before=now,
        expires_at=_expires_at(first, now),
    )


def _text_for(alert: Alert, ask: Ask, now: datetime) -> Text:
    if ask.again and not alert.is_pressing(now):
        return Text.alert_again
    match alert.urgency:
        case Urgency.now | Urgency.soon:
            return Text.crisis_alert
        case Urgency.digest:
            return Text.notice
        case Urgency.hours:
            return Text.alert
