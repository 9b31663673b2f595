"""Reads whether a message asks us, and nobody else, to text no more."""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Final

from checkin.core import words
from checkin.core.normalise import BREAK, Message

LONGEST_SIDE = 160  # characters looked at before and after a phrase; a plain request has fewer
MOST_STRANGERS = 3  # words of no meaning here that may stand in front: a name, "lady", "at work"

_texting = words.phrases("texting|txting|messaging|msging|contacting")
_write = words.phrases("escribirme|mandarme|enviarme|textearme|mensajearme|mandar mensajes|enviar mensajes")
_they_write = words.phrases("escriban|escribas|escriba|manden|mandes|mande|envien|envies|envie|texteen|contacten")

SAYINGS: Final = (  # whatever follows
    *(
        f"{stop} {texting} {whom}"
        for stop, texting, whom in product(("stop", "quit"), _texting, ("me", "us", "this", "my phone", "my number"))
    ),
    *(f"{stop} {what}" for stop in ("stop", "quit") for what in ("sending me", "sending these", "sending texts")),
    *words.phrases(
        "stop sending messages|stop these texts|stop these messages|stop the texts|stop the messages",
        "stop all texts|stop all messages|take me off this|take me off your|take me off ur|take me off of this",
        "take me off of your|take me off the list|take me off the texts|remove me from this|remove me from your",
        "remove me from ur|remove me from the list|remove me from all|remove my number|delete my number",
        "take my number off|lose my number|unsubscribe me|opt me out|do not want to receive",
        "dont want to receive|dont want to get these|dont want to get any more texts|dont want to get texts",
    ),
    *(
        f"{dont} want {these} {texts}"
        for dont, these, texts in product(
            ("dont", "do not"), ("these", "any more", "anymore", "your", "more"), ("texts", "messages")
        )
    ),
    *(f"{stop} de {write}" for stop, write in product(("deja", "dejan", "dejen", "deje", "paren", "pare"), _write)),
    *(f"no me {write} mas" for write in _they_write),
    *(f"ya no me {write}" for write in _they_write),
    *words.phrases(
        "quitenme de|quiteme de|quitame de la lista|borrenme|borren mi numero|eliminen mi numero|denme de baja",
        "darme de baja|desuscribirme|saquenme de la lista|saqueme de la lista",
    ),
)
CLOSED: Final = words.phrases(  # only where the clause ends, or goes on about us
    "stop texting|quit texting|stop messaging|quit messaging|stop contacting|stop messages|stop texts",
    "no more texts|no more messages|no more msgs|no more texting|no more messaging|take me off|remove me",
    "leave me alone|dont text me|do not text me|dont message me|do not message me|dont contact me|do not contact me",
    "never text me|never contact me|opt out|unsubscribe|no more of these texts|no more of these messages",
    "no me escriban|no me escribas|no me manden mensajes|no me envien mensajes|ya no quiero mensajes",
    "no quiero mensajes|no quiero mas mensajes|no quiero recibir mensajes|no quiero recibir mas mensajes",
    "ya no quiero mas mensajes|ya no quiero recibir mensajes|ya no quiero recibir mas mensajes|no mas mensajes",
    "ya no quiero estos mensajes|ya no quiero sus mensajes|no quiero sus mensajes|no quiero estos mensajes",
    "ya no mas mensajes|dejenme en paz|dejame en paz|dejeme en paz",
)
TAILS: Final = words.words(
    "now anymore again ever more thanks thank ok k you guys ya gracias nunca",
    "this these that those it its list thing things whatever is are text texts message messages msgs system program",
    "service app phone number cell your ur my the from of a to at here",
    "este esta estos el la lista numero telefono celular sistema programa servicio su al de a mi aqui",
)
ONWARD: Final = words.words(  # a new clause, though nobody typed the comma
    "i im ive idk we u you thanks thank ty because bc cuz cause who porque gracias yo ya"
)
TAILS_NOT: Final = words.words(  # "take me off this medication"
    "med meds medication medications medicine pill pills dose drug drugs shift shifts schedule team case",
    "medicina medicinas pastilla pastillas turno",
)
LEADS: Final = words.words(
    "just can could will would you u ya ok okay k hey hi hello yo seriously now omg wtf i want need id like said told",
    "to guys yall people sorry asking how do dude bro sir maam thanks yes really again already asked and im done",
    "por hola oye quiero puedes pueden puede podrian les pido que gracias disculpe perdon mejor favor como",
    "mood hope m h animo esperanza",
)
ASKING: Final = words.words(  # beside a stranger these ask something of us only next to "you"
    "can could will would want need like said told to asked asking que puede pueden quiero pido les"
)
YOU: Final = words.words("you u ya yall guys people")
_NOT_TO: Final = ("dont", "do not", "never")
OTHERS: Final = words.words(  # somebody else's texts, or none to be stopped: never an opt-out
    "not dont never cant wont didnt doesnt isnt havent couldnt wouldnt shouldnt no nobody nothing neither",
    "he hes she shes him her hers his they theyll them their it who someone somebody everyone my our",
    "ex mom mother dad father boss husband wife boyfriend girlfriend bf gf sister brother son daughter friend kids",
    "make made makes get got gets let lets tell tells says saying ask asks wish hopefully pray if when until unless",
    "before after since why because was were needs wants should must has had keeps kept finally trying tried",
    "there theres are is might may hay",
    "dialed called gave wrote put typed saved",
    "mi mis su sus el ella ellos ellas le les lo dije dijo diga dile cuando si ojala hasta porque nunca jamas",
    "nadie quien era fue marque llame para",
)
CLAUSE: Final = frozenset(words.phrases("stop|stopall|stop all|unsubscribe|opt out|optout"))
HAILS: Final = words.words("ok okay hey hi hello yo sorry thanks")
WRONG_NUMBER: Final = words.phrases(
    "wrong number|wrong num|wrong phone number|wrong person|numero equivocado|numero incorrecto|persona equivocada"
)
WRONG_NUMBER_LEADS: Final = words.words(
    "sorry you u ya have has got the a this is it its texted texting maybe hi hey hello must youve been be think",
    "believe guess that thats ur your youre reached dude bro ok no yo man uh um i",
    "tienes tiene tienen es el un creo que esta este perdon lo siento disculpe hola se te le equivoco marco marcaste",
)
WRONG_NUMBER_TAILS_NOT: Final = words.words("for when so because from in on last")

_CLAUSE_ENDS: Final = frozenset(phrase.split()[-1] for phrase in CLAUSE)
_WRONG: Final = frozenset(word for phrase in WRONG_NUMBER for word in phrase.split())

_OPENINGS: Final = {  # by first word, so that most messages meet no phrase at all
    opening.split()[0]: tuple(
        (phrase, closed)
        for closed, phrases in ((False, SAYINGS), (True, CLOSED))
        for phrase in phrases
        if phrase.split()[0] == opening.split()[0]
    )
    for opening in SAYINGS + CLOSED
}


def says_so(message: Message) -> bool:
    """Whether it plainly asks to be left out, in a clause of its own: "lady please stop texting me"."""
    flat = message.flat
    if not _CLAUSE_ENDS.isdisjoint(message.said):
        clauses = [clause.strip() for clause in flat.split(BREAK) if clause.strip()]
        if len(clauses) > 1 and not CLAUSE.isdisjoint((clauses[0], clauses[-1])):
            return True
        hailed, _, word = clauses[0].partition(" ") if clauses else ("", "", "")
        if len(clauses) == 1 and hailed in HAILS and word in CLAUSE:
            return True
    for first in _OPENINGS.keys() & message.said:
        for phrase, closed in _OPENINGS[first]:
            if phrase in flat and any(_is_asked(phrase, closed, *sides) for sides in _around(flat, phrase)):
                return True
    return False


def says_wrong_number(message: Message) -> bool:
    """Whether it says that we text the wrong person: not "i dialed the wrong number"."""
    if _WRONG.isdisjoint(message.said):
        return False
    for phrase in WRONG_NUMBER:
        for lead, tail in _around(message.flat, phrase):
            mine = "i" in lead and not {"think", "believe", "guess"}.intersection(lead)
            strangers = [word for word in lead if word not in WRONG_NUMBER_LEADS]
            ours = len(strangers) <= MOST_STRANGERS and OTHERS.isdisjoint(strangers)
            if ours and not mine and not WRONG_NUMBER_TAILS_NOT.intersection(tail):
                return True
    return False


def _around(flat: str, phrase: str) -> Iterator[tuple[list[str], list[str]]]:
    """The words before and after each place of the phrase, within its clause; none behind a very long lead."""
    at = flat.find(f" {phrase} ")
    while at >= 0:
        begins = flat.rfind(BREAK, 0, at) + 1
        if at - begins <= LONGEST_SIDE:
            end = at + len(phrase) + 2
            yield flat[begins:at].split(), flat[end : end + LONGEST_SIDE].partition(BREAK)[0].split()
        at = flat.find(f" {phrase} ", at + 1)


def _is_asked(phrase: str, closed: bool, lead: Sequence[str], tail: Sequence[str]) -> bool:
    if closed and phrase.startswith(("leave", *_NOT_TO)):
        speaks = LEADS.issuperset(lead) and not (phrase.startswith(_NOT_TO) and YOU.intersection(lead))
        return speaks and _ends(phrase, tail)  # with anybody else in front it tells of them: "friends never text me"
    return _speaks_to_us(lead) and (_ends(phrase, tail) if closed else TAILS_NOT.isdisjoint(tail))


def _speaks_to_us(lead: Sequence[str]) -> bool:
    """Whether the words in front leave us the ones who are asked; a few unknown ones may be a name."""
    strangers = [word for word in lead if word not in LEADS and not word.isdigit()]
    if not strangers:
        return True
    if len(strangers) > MOST_STRANGERS or not OTHERS.isdisjoint(strangers):
        return False
    return all(_asks_you(lead, at) for at, word in enumerate(lead) if word in ASKING)


def _asks_you(lead: Sequence[str], at: int) -> bool:
    if lead[at] == "to":
        return at > 0 and lead[at - 1] in ASKING
    return not YOU.isdisjoint(lead[max(at - 1, 0) : at + 2])


def _ends(phrase: str, tail: Sequence[str]) -> bool:
    if TAILS.issuperset(tail):
        return True
    return tail[0] in ONWARD and not phrase.startswith(_NOT_TO)
