"""What every text has to keep to, in our words and in a program's own."""

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from checkin.core import crisis_lines, segments, sign_in, texts
from checkin.core.texts import Text

LONGEST_NUMBER: Final = 99_999
LONGEST_PAUSE: Final = 60  # days
LONGEST_NAME: Final = 20  # letters of a first name that every text with a name must have room for
LONGEST_LINK: Final = 64  # septets of a link that every text with a link must have room for


class Rule(Struct, frozen=True, kw_only=True):
    """What one text is for, and what it must hold.

    *about* is read by translators. *fills* are the placeholders it may have, *keeps* those and the wordings (keys
    of `WORDINGS`) it must have. *own* texts may be said in a program's own words; *bad_news* bears no "!".
    """

    about: str
    fills: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()
    own: bool = False
    bad_news: bool = False


HELPLINE: Final = ("line", "emergency")
ALERT: Final = ("number",)
UNWATCHED: Final = (*HELPLINE, "unwatched")

RULES: Final[dict[Text, Rule]] = {
    Text.nudge: Rule(about="The daily question.", keeps=("opt_out",)),
    Text.reminder: Rule(about="The daily question once more on the same day, without guilt.", keeps=("opt_out",)),
    Text.thanks: Rule(about="Answers two scores."),
    Text.ask_hope: Rule(about="Answers one score, mood."),
    Text.ask_mood: Rule(about="Answers one score, hope."),
    Text.changed: Rule(about="Answers a correction."),
    Text.skipped: Rule(about="Answers SKIP: as good an answer as any."),
    Text.unclear: Rule(about="We could not read an answer.", bad_news=True),
    Text.help: Rule(about="Answers HELP.", fills=HELPLINE, keeps=(*HELPLINE, "opt_out"), own=True, bad_news=True),
    Text.paused: Rule(about="Answers PAUSE 3.", fills=("days",)),
    Text.resumed: Rule(about="Answers RESUME."),
    Text.invite: Rule(
        about="The first text ever, to somebody a program has signed up: nothing more is sent before a YES.",
        fills=("program",),
        keeps=("program", "how_often", "rates", "opt_in", "opt_out"),
        own=True,
    ),
    Text.welcome: Rule(
        about="Answers the YES to an invitation.",
        fills=("program",),
        keeps=("program", "how_often", "rates", "help", "opt_out"),
        own=True,
    ),
    Text.welcome_back: Rule(about="Answers START.", keeps=("opt_out",), own=True),
    Text.will_call: Rule(about="Answers CALL.", fills=HELPLINE, keeps=HELPLINE, bad_news=True),
    Text.will_help: Rule(about="Answers NEED a ride.", bad_news=True),
    Text.code: Rule(
        about="The code that somebody signs in to the app with; it is good for 5 minutes.",
        fills=("code", "program"),
        keeps=("code",),
        bad_news=True,
    ),
    Text.crisis: Rule(
        about="Answers somebody who speaks of dying or of hurting themselves. Never repeats their words.",
        fills=HELPLINE,
        keeps=UNWATCHED,
        own=True,
        bad_news=True,
    ),
    Text.supportive: Rule(
        about="Answers somebody who speaks of a hard past, of somebody else, or says they are not in danger.",
        fills=HELPLINE,
        keeps=UNWATCHED,
        own=True,
        bad_news=True,
    ),
    Text.emergency_other: Rule(
        about="Answers somebody who says that another person is in danger this minute.",
        fills=HELPLINE,
        keeps=UNWATCHED,
        own=True,
        bad_news=True,
    ),
    Text.unknown_crisis: Rule(
        about="Answers a crisis from a number we do not know, once.", fills=HELPLINE, keeps=UNWATCHED, bad_news=True
    ),
    Text.alert: Rule(about="To a mentor: somebody should be looked after.", fills=ALERT, keeps=ALERT, bad_news=True),
    Text.crisis_alert: Rule(
        about="To a mentor or coordinator: a crisis, at any hour.", fills=ALERT, keeps=ALERT, bad_news=True
    ),
    Text.notice: Rule(about="To a mentor: worth knowing, not urgent.", fills=ALERT, keeps=ALERT, bad_news=True),
    Text.digest: Rule(
        about="To a mentor: several things worth knowing, none of them urgent.",
        fills=("count", "numbers"),
        keeps=("numbers",),
        bad_news=True,
    ),
    Text.new_link: Rule(
        about="To a mentor who asked for it by LINK 41, or on the page of an old link.",
        fills=("number", "link"),
        keeps=("number", "link"),
        bad_news=True,
    ),
    Text.no_more_links: Rule(
        about="Answers LINK 41 from a mentor who has had as many as there are in an hour.",
        fills=ALERT,
        keeps=ALERT,
        bad_news=True,
    ),
    Text.help_notice: Rule(about="To a mentor: somebody has sent HELP.", bad_news=True),
    Text.alert_yours: Rule(about="Answers OK 41.", fills=ALERT, keeps=ALERT, bad_news=True),
    Text.alert_taken: Rule(about="Answers OK 41 from the second one to say it.", fills=ALERT, keeps=ALERT),
    Text.alert_passed: Rule(about="Answers PASS 41.", fills=ALERT, keeps=ALERT),
    Text.alert_closed: Rule(about="Answers CALLED, SAFE or REFERRED 41.", fills=ALERT, keeps=ALERT),
    Text.alert_later: Rule(about="Answers MSG, NOANSWER or SNOOZE 41.", fills=ALERT, keeps=ALERT),
    Text.alert_again: Rule(
        about="To a mentor who has taken an alert some time ago: how did it go?",
        fills=ALERT,
        keeps=ALERT,
        bad_news=True,
    ),
    Text.alert_which: Rule(about="Answers OK without a number, with several open.", fills=ALERT, keeps=ALERT),
    Text.alert_unknown: Rule(about="Answers OK 41 when 41 is not theirs, or closed."),
    Text.away_until: Rule(about="Answers a mentor's AWAY 7.", fills=("days",)),
    Text.back: Rule(about="Answers a mentor's BACK."),
    Text.already_away: Rule(about="Answers AWAY from a mentor who is away."),
    Text.mentor_help: Rule(about="Answers a mentor's HELP.", keeps=("opt_out",)),
    Text.mentor_welcome_back: Rule(about="Answers a mentor's START.", keeps=("opt_out",)),
    Text.mentor_unclear: Rule(about="We could not read what a mentor sent."),
    Text.shared_phone: Rule(about="To a coordinator: several people have one number.", bad_news=True),
    Text.wrong_number: Rule(about="To a coordinator: somebody says we text the wrong number.", bad_news=True),
    Text.mentor_stopped: Rule(about="To a coordinator: a mentor or another one has sent STOP.", bad_news=True),
    Text.mentor_unreachable: Rule(
        about="To a coordinator: texts to a mentor or another one do not arrive.", bad_news=True
    ),
}

LEAVING: Final = re.compile(
    r"\bSTOP (?:ends|to (?:end|leave|opt out)|termina|para (?:terminar|salir))"
    r"|\bALTO (?:termina|para (?:terminar|salir))"
)
LEAVING_WORDS: Final = re.compile(
    r"\b(?:STOP(?:ALL)?|ALTO|PARAR|BAJA|UNSUBSCRIBE|CANCEL(?:AR)?|END|QUIT|REVOKE|OPT-?OUT|NO MAS)\b"
)
WORDINGS: Final[dict[str, dict[str, tuple[str, re.Pattern[str]]]]] = {
    "opt_out": {
        "en": ("how to leave, like STOP ends texts", LEAVING),
        "es": ("how to leave, like ALTO termina", LEAVING),
    },
    "opt_in": {
        "en": ("how to say yes, like Reply YES", re.compile(r"\bYES\b")),
        "es": ("how to say yes, like Responde SI", re.compile(r"\b(?:SI|ACEPTO)\b")),
    },
    "help": {
        "en": ("the word HELP", re.compile(r"\bHELP\b")),
        "es": ("the word AYUDA", re.compile(r"\bAYUDA\b")),
    },
    "rates": {
        "en": ("Msg&data rates may apply", re.compile(r"\brates may apply\b", re.IGNORECASE)),
        "es": ("Pueden aplicar tarifas", re.compile(r"\btarifas\b", re.IGNORECASE)),
    },
    "how_often": {
        "en": ("how often, like once a day", re.compile(r"\b(?:once|a day|daily|each day|every day)\b", re.IGNORECASE)),
        "es": ("how often, like una vez al dia", re.compile(r"\b(?:al dia|cada dia|diari[oa])\b", re.IGNORECASE)),
    },
    "unwatched": {
        "en": (
            "that nobody may be reading, like This number is not watched at all hours",
            re.compile(r"\bnot (?:watched|monitored|read|answered|staffed)\b", re.IGNORECASE),
        ),
        "es": (
            "that nobody may be reading, like Este numero no se atiende a toda hora",
            re.compile(r"\bno (?:se (?:atiende|vigila|lee)|esta atendido)\b", re.IGNORECASE),
        ),
    },
}
FORBIDDEN: Final = re.compile(
    r"\b(?:risk|riesgo|diagn[oó]s|depress|depres|suicid|bipolar|schizo|esquizo|psycho|disorder|trastorno|illness|"
    r"enfermedad|mental|addict|adict|relaps|reca[ií]d|overdos|sobredosis|patients?\b|paciente|ptsd|hiv\b|vih\b|"
    r"you missed|you forgot|you did not|you didn't|no contestaste|no respondiste|olvidaste|fallaste|"
    r"mentees?\b|your mentor|(?:tu|su) mentora?\b|your peer)\w*",
    re.IGNORECASE,
)


def check_override(text: Text, language: str, body: str) -> list[str]:
    """Return what is wrong with a program's own words for *text*, in sentences; nothing when they can be sent.

    Length is counted with the longest values every placeholder may take.
    """
    rule = RULES[text]
    if not rule.own:
        return [f"The text {text} is the same in every program."]
    if language not in texts.LANGUAGES:
        return [f"There is no language {language}; there are {', '.join(texts.LANGUAGES)}."]
    if not body.strip():
        return ["It is empty."]
    return [*_placeholders(rule, body), *_wordings(rule, language, body), *_length(text, language, body)]


def _placeholders(rule: Rule, body: str) -> Iterator[str]:
    found = texts.placeholders(body)
    allowed = ", ".join(f"{{{name}}}" for name in rule.fills) or "none"
    for name in sorted(found - set(rule.fills)):
        yield f"{{{name}}} means nothing here; it can have {allowed}."
    for name in rule.keeps:
        if name not in WORDINGS and name not in found:
            yield f"It must have {{{name}}}."
    if set("{}") & set(re.sub(r"\{[a-z_]+\}", "", body)):
        yield "It has a brace that belongs to no placeholder."


def _wordings(rule: Rule, language: str, body: str) -> Iterator[str]:
    for name in rule.keeps:
        if name in WORDINGS:
            what, pattern = WORDINGS[name][language]
            if not pattern.search(body):
                yield f"It must say {what}."
    if misused := LEAVING_WORDS.search(LEAVING.sub("", body)):
        yield f"{misused.group()} makes carriers stop all texts; it may only stand where it ends them."
    if refused := FORBIDDEN.search(body):
        yield f'"{refused.group()}" may not be in a text: no illness, no risk, no blame, and not who stands by whom.'
    if rule.bad_news and ("!" in body or "¡" in body):
        yield "It answers or brings hard news, and has an exclamation mark."


def _length(text: Text, language: str, body: str) -> Iterator[str]:
    if odd := sorted(set(body) - segments.ALPHABET):
        yield f"A text message cannot hold these at its usual price: {' '.join(odd)}"
        return
    at_most = texts.limit(text)
    needed = segments.segments(longest(body, language))
    if needed > at_most:
        size = segments.septets(longest(body, language))
        room = segments.ONE if at_most == 1 else at_most * segments.OF_SEVERAL
        yield f"With the longest values it takes {size} characters; {room} fit."


def forms(text: Text, language: str) -> dict[str, str]:
    """Return the catalogue's templates of *text*, by entry: two for those that can also have a name or a link."""
    return {entry: texts.template(entry, language) for entry in (text.value, *texts.second_forms(text))}


def longest(body: str, language: str, program: str = "W" * texts.LONGEST_PROGRAM) -> str:
    """Return the template *body* filled in with the longest values there may be, or the given program."""
    values = {
        "number": str(LONGEST_NUMBER),
        "days": str(LONGEST_PAUSE),
        "count": "99",
        "numbers": "9" * texts.LONGEST_LIST,
        "name": "N" * LONGEST_NAME,
        "code": "0" * sign_in.DIGITS,
        "link": "L" * LONGEST_LINK,
        "program": program,
    }
    said = [texts.fill(body, {**values, "line": one.line, "emergency": one.emergency}) for one in _lines(language)]
    return max((one if one is not None else body for one in said), key=lambda one: (segments.segments(one), len(one)))


def _lines(language: str) -> Iterator[crisis_lines.CrisisLine]:
    """Yield every crisis line there is, and the longest of a program's own beside every emergency number."""
    for country in crisis_lines.countries().values():
        found = country.say[language]
        yield found
        own = "call ".ljust(crisis_lines.LONGEST_LINE, "0")
        yield crisis_lines.CrisisLine(line=own, emergency=found.emergency)
