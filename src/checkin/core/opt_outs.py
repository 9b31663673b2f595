"""Reads whether a message asks us, and nobody else, to text no more."""

from collections.abc import Callable, Iterator, Sequence
from itertools import dropwhile, pairwise, product
from typing import Final

from checkin.core import words
from checkin.core.normalise import BREAK, PLEASE, Message

LONGEST_SIDE = 160  # characters looked at before and after a phrase; a plain request has fewer
MOST_STRANGERS = 3  # words of no meaning here that may stand in front: a name, "lady", "at work"

_Ending = Callable[[str, Sequence[str]], bool]

_texting = words.phrases("texting|txting|messaging|msging|contacting")
_me = words.phrases("me|us|my phone|my number|my cell|this number|this phone|this line|this cell")
_crap = words.phrases("stuff|this stuff|crap|this crap|all this crap|shit|this shit|all this shit|junk|this junk")
_dejen = words.phrases("deja de|dejan de|dejen de|deje de|paren de|pare de|parenle de")
_write = words.phrases("escribirme|textearme|mensajearme|contactarme|mandar mensajes|enviar mensajes|mandarme mensajes")
_they_write = words.phrases("escriban|escribas|escriba|texteen|contacten")
_send = words.phrases("mandarme|enviarme|mandar|enviar")
_they_send = words.phrases("manden|mandes|mande|envien|envies|envie")
_want_no = words.phrases(
    "dont want|do not want|dont want to receive|do not want to receive|dont wish to receive|do not wish to receive",
    "no longer want|no longer want to receive|no longer wish to receive|dont want to get|do not want to get",
)

SAYINGS: Final = (  # whatever follows, unless it speaks of somebody else
    *(f"{stop} {texting} {me}" for stop, texting, me in product(("stop", "quit"), _texting, _me)),
    *(f"{stop} sending me {crap}" for stop, crap in product(("stop", "quit"), _crap)),
    *(f"{dejen} {write}" for dejen, write in product(_dejen, _write)),
    *(f"no me {write} mas" for write in _they_write),
    *(f"ya no me {write}" for write in _they_write),
)
OF_TEXTS: Final = (  # only with texts of ours named next: "stop sending me these stupid texts"
    *words.phrases("stop|quit|end|cancel|stop sending|quit sending|stop sending me|quit sending me|stop sending us"),
    *_want_no,
    *(f"{dejen} {send}" for dejen, send in product(_dejen, _send)),
    *(f"{ya} no me {send}".strip() for ya, send in product(("ya", ""), _they_send)),
    *words.phrases("no quiero|ya no quiero|no quiero recibir|ya no quiero recibir|no deseo recibir|basta de"),
    *words.phrases("no necesito|ya no necesito|paren|pare|detengan|cancelen|cancele|cancela|cancelar"),
)
OF_LISTS: Final = words.phrases(  # only with a list or texts of ours named next: "take me off your call list"
    "take me off|be taken off|be removed from|remove me from|remove me off|delete me from|take my number off",
    "take this number off|remove my number from|remove this number from|delete my number from|unsubscribe me from",
    "opt me out of",
    "quitenme|quiteme|quitame|saquenme|saqueme|sacame|borrenme|borreme|eliminenme|denme de baja|deme de baja",
    "darme de baja|dar de baja|quiten mi numero|borren mi numero|eliminen mi numero|saquen mi numero|desuscribirme",
)
CLOSED: Final = (  # only where the clause ends, or goes on about us
    *words.phrases(
        "stop texting|quit texting|stop messaging|quit messaging|stop contacting|stop sending me|quit sending me",
        "stop sending|no more texts|no more messages|no more msgs|no more texting|no more messaging|take me off",
        "remove me|remove my number|delete my number|lose my number|take my number off|unsubscribe me|opt me out",
        "leave me alone|dont text me|do not text me|dont message me|do not message me|dont contact me",
        "do not contact me|never text me|never contact me|opt out|unsubscribe|no more of these texts",
        "no more of these messages|dont want to receive|do not want to receive|cancel my subscription",
        "get off this list|get off the list|get off your list|get me off this list|get me off your list",
        "no me escriban|no me escribas|ya no me manden|ya no me envien|no me manden mas|no me envien mas",
        "no mas mensajes|ya no mas mensajes|no mas textos|no quiero que me escriban|no quiero que me manden mensajes",
        "ya no quiero que me escriban|borrenme|borren mi numero|eliminen mi numero|quiten mi numero|denme de baja",
        "deme de baja|darme de baja|me doy de baja|hago para darme de baja|le hago para darme de baja|desuscribirme",
        "cancelar mi suscripcion|dejenme en paz|dejame en paz|dejeme en paz",
    ),
    *(f"{dejen} {send}" for dejen, send in product(_dejen, _send)),
)
TEXTS: Final = words.words(
    "text texts txt txts message messages msg msgs sms notification notifications reminder reminders nudge nudges",
    "spam survey surveys checkins mensaje mensajes mensajitos texto textos notificaciones recordatorios encuestas",
)
LISTS: Final = TEXTS | words.words(
    "list lists program programs service services system database directory chat thread subscription",
    "lista listas programa programas servicio sistema registro suscripcion",
)
OF_WHICH: Final = words.words(  # between a phrase and what is ours
    "these this those that the all any of ur your more anymore so many whatever such automated daily random group",
    "damn damned dumb stupid fucking fuckin freaking annoying check in mailing contact contacts call calling phone",
    "texting messaging email automatic estos esos este esta ese esa los las la el sus su tus tu de del",
    "todos todas mas tantos",
)
OURSELVES: Final = words.words("you u your ur yall this these that those the here usted ustedes su sus esta este la")
RELATED: Final = words.words(
    "ex mom mother dad father boss husband wife boyfriend girlfriend bf gf sister brother son daughter",
    "mama papa madre padre jefe esposo esposa novio novia marido hermano hermana hijo hija",
)
RETOLD: Final = words.words("said says told yelled screamed dije dijo grito decia")
AT_TIMES: Final = words.words(  # "stop texts on sundays" asks for less, not for none
    "sunday sundays saturday saturdays weekend weekends tomorrow tonight night nights morning mornings until till",
    "before after during while manana noche noches domingo domingos sabado sabados hasta durante antes despues",
)
TAILS: Final = words.words(
    "now anymore again ever more thanks thx thank ok k you guys ya and y gracias nunca mas nada",
    "this these that those it its list thing things whatever is are text texts message messages msgs system program",
    "service app phone number cell your ur my the from of a to at here",
    "este esta estos esto eso esos el la lista numero telefono celular sistema programa servicio su al de a mi aqui",
)
ONWARD: Final = words.words(  # a new clause, though nobody typed the comma
    "i im ive idk we u you thanks thank ty because bc cuz cause who porque gracias yo ya"
)
LEADS: Final = words.words(
    "just can could will would you u ya ok okay k hey hi hello yo seriously now omg wtf i want need id like said told",
    "to guys yall sorry asking how do dude bro sir maam thanks yes really again already asked and im done",
    "por hola oye quiero puedes pueden puede podrian les pido que gracias disculpe perdon mejor favor como",
    "mood hope m h animo esperanza",
)
ASKING: Final = words.words(  # beside a stranger these ask something of us only next to "you"
    "can could will would want need like said told to asked asking que puede pueden quiero pido les"
)
YOU: Final = words.words("you u ya yall guys people")
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
STOPS: Final = frozenset(words.phrases("stop|stopall|stop all|optout|parar|cancelar|no mas"))
SAYS_NOTHING: Final = words.words(  # beside STOP: "Hi. Stop. Thank you"
    "ok okay k hey hi hello yo sorry thanks thx thank you ty anyway good morning afternoon evening now already",
    "maam sir guys hola gracias buenas buenos dias tardes noches perdon disculpe disculpa lo siento ya si senor senora",
)
BECAUSE: Final = words.phrases(  # how what stands behind "STOP." may begin: "STOP. I moved away"
    "i moved|ive moved|im moving|not interested|im not interested|no longer interested|i am not interested",
    "i left the program|i quit the program|im not in the program|im no longer in the program|new number|new phone",
    "i have a new number|i have a new phone|changed my number|i changed my number|wrong number|wrong person",
    "i dont know who|who is this|i never signed up|i didnt sign up|i did not sign up|i never asked for this",
    "i dont need these texts|i dont need these messages|me mude|no me interesa|no estoy interesado|no estoy interesada",
    "no vivo ahi|no vivo aqui|no estoy en el programa|tengo otro numero|cambie de numero|numero equivocado",
    "no se quien|quien es",
)
WRONG_NUMBER: Final = words.phrases(
    "wrong number|wrong num|wrong phone number|wrong person|numero equivocado|numero incorrecto|persona equivocada",
    "equivocado de numero|equivocada de numero|equivoco de numero|equivocaste de numero|equivocaron de numero",
)
WE_HAVE_IT: Final = words.phrases(  # right in front of it; ahead of that may stand a few words of no meaning here
    "you have|you have got|you got|youve|youve got|you must have|u have|u got|u have got|ya have|ya got|yall have",
    "yall got|have|got|must have|this is|its|it is|thats|that is|you texted|u texted|you called|u called|you reached",
    "youve reached|youre texting|you are texting|ur texting|u are texting|youre calling|texting|this|es|tienes|tiene",
    "tienen|este es|esta es|se|te|esta|estas|estan|se equivoco|escribio a|escribiste a|le escribe a|escriben a",
)
ARTICLES: Final = words.words("the a an el la un una al")
WRONG_NUMBER_LEADS: Final = words.words(  # when nothing else stands in front of it
    "sorry hi hey hello dude bro ok no yo man uh um maybe must be whos who is this think guess",
    "perdon lo siento disculpe disculpa hola creo que",
)
NAMED: Final = words.words(
    "bro dude man hon honey sweetie sweetheart dear maam sir lady buddy pal kid joven amigo amiga senor senora",
    "senorita muchacho muchacha",
)
WRONG_NUMBER_ONWARD: Final = words.words(
    "stop im not dont sorry thanks thank who lol no take remove leave please soy yo lo gracias perdon disculpe ya",
    "deje dejen",
)
CALLS: Final = words.words(  # "someone keeps calling me, wrong number" tells of a call
    "he she they someone somebody keeps kept calls calling called dialed rang got gave alguien llaman llamaron llamo",
    "llame marque dieron",
)
_HERE_IS: Final = (["this", "is"], ["my", "name"])
_OPINING: Final = frozenset(("think", "believe", "guess"))
_WRONG: Final = frozenset(phrase.split()[0] for phrase in WRONG_NUMBER) | {"incorrecto", "equivocada"}
_STOPS: Final = frozenset(phrase.split()[0] for phrase in STOPS)
_BECAUSE: Final = tuple(f"{phrase} " for phrase in BECAUSE)
_NOT_TO: Final = words.phrases(
    "dont text me|do not text me|dont message me|do not message me|dont contact me|do not contact me|never text me",
    "never contact me",
)
_ABOUT_ME: Final = ("leave me alone", "take me off", "remove me", *_NOT_TO)


def says_so(message: Message) -> bool:
    """Whether it plainly asks to be left out, in a clause of its own: "lady please stop texting me"."""
    if not _STOPS.isdisjoint(message.said):
        flat = message.flat.replace(f" no {BREAK} ", f" {BREAK} ")  # "No. Stop", but not "no stop today"
        clauses = (
            " ".join(word for word in clause.split() if word not in SAYS_NOTHING) for clause in flat.split(BREAK)
        )
        first, *others = [clause for clause in clauses if clause] or [""]
        if first in STOPS and all(other in STOPS or f"{other} ".startswith(_BECAUSE) for other in others):
            return True
    flat = message.flat
    for first in _OPENINGS.keys() & message.said:
        for phrase, ends in _OPENINGS[first]:
            if phrase in flat and any(_is_asked(phrase, ends, *sides) for sides in _around(message, phrase)):
                return True
    return False


def says_wrong_number(message: Message) -> bool:
    """Whether it says that we text the wrong person: not "i dialed the wrong number"."""
    if _WRONG.isdisjoint(message.said):
        return False
    sides = (side for phrase in WRONG_NUMBER for side in _around(message, phrase))
    return any(_is_ours(message, lead, tail) for lead, tail in sides)


def _is_ours(message: Message, lead: Sequence[str], tail: Sequence[str]) -> bool:
    """Whether the wrong number between these words is what we have, and all that the clause is about."""
    behind = list(dropwhile(NAMED.__contains__, tail))
    if behind and behind[0] not in WRONG_NUMBER_ONWARD and behind[:2] not in _HERE_IS:
        return False
    known = WRONG_NUMBER_LEADS | NAMED
    if known.issuperset(lead):
        tale = message.said[0].isdigit() or not CALLS.isdisjoint(message.said)
        return not tale
    if any(one == "i" and two not in _OPINING for one, two in pairwise([*lead, ""])):
        return False
    said = " ".join(lead if lead[-1] not in ARTICLES else lead[:-1])
    has = max((one for one in WE_HAVE_IT if f" {said}".endswith(f" {one}")), key=len, default=None)
    if has is None:
        return False
    strangers = set(said.removesuffix(has).split()) - known
    return len(strangers) <= MOST_STRANGERS and OTHERS.isdisjoint(strangers)


def _around(message: Message, phrase: str) -> Iterator[tuple[list[str], list[str]]]:
    """The words before and after each place of the phrase, within its clause; none behind a very long lead."""
    flat = message.flat
    at = flat.find(f" {phrase} ")
    while at >= 0:
        begins = flat.rfind(BREAK, 0, at) + 1
        if at - begins <= LONGEST_SIDE:
            end = at + len(phrase) + 2
            lead = flat[begins:at].split()
            if len(lead) > MOST_STRANGERS and _is_begun_by_please(message, flat.count(" ", 0, at), lead):
                lead = []
            yield lead, flat[end : end + LONGEST_SIDE].partition(BREAK)[0].split()
        at = flat.find(f" {phrase} ", at + 1)


def _is_begun_by_please(message: Message, word: int, lead: Sequence[str]) -> bool:
    """Whether a request starts here: "i cant do these please stop texting me", not "he said please stop"."""
    pleased = message.tokens[message.spots[word] - 1].text in {*PLEASE, "favor"}
    return pleased and OTHERS.isdisjoint(lead[-2:]) and ASKING.isdisjoint(lead[-2:])


def _is_asked(phrase: str, ends: _Ending, lead: Sequence[str], tail: Sequence[str]) -> bool:
    if not RETOLD.isdisjoint(tail) or not ends(phrase, tail):
        return False
    if ends is _ends and phrase in _ABOUT_ME:  # with anybody else in front it tells of them: "friends never text me"
        ours = LEADS.issuperset(" ".join(lead).replace("you people", "you").split())
        return ours and not (phrase in _NOT_TO and YOU.intersection(lead))
    return _speaks_to_us(lead)


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


# What may stand behind a phrase


def _goes_on(_: str, tail: Sequence[str]) -> bool:
    """Whatever is not about somebody else: "stop texting me mom", "i dont want texts from my ex"."""
    if tail and (tail[0] in RELATED or (tail[0] == "mi" and RELATED.intersection(tail[1:2]))):
        return False
    of_whom = (whom for of, whom in pairwise(tail) if of in {"from", "of", "de", "del"})
    return (OURSELVES | LISTS).issuperset(of_whom)


def _names_texts(phrase: str, tail: Sequence[str]) -> bool:
    return _names(TEXTS, phrase, tail)


def _names_a_list(phrase: str, tail: Sequence[str]) -> bool:
    return _names(LISTS, phrase, tail)


def _names(ours: frozenset[str], phrase: str, tail: Sequence[str]) -> bool:
    """Whether something of ours comes next, so that nobody takes "take me off this earth" for it."""
    at = next((at for at, word in enumerate(tail) if word in ours or word not in OF_WHICH), len(tail))
    if at == len(tail) or tail[at] not in ours:
        return False
    return AT_TIMES.isdisjoint(tail) and _goes_on(phrase, tail[at + 1 :])


def _ends(phrase: str, tail: Sequence[str]) -> bool:
    if TAILS.issuperset(tail):
        return True
    return tail[0] in ONWARD and phrase not in _NOT_TO


_ENDINGS: Final = ((SAYINGS, _goes_on), (OF_TEXTS, _names_texts), (OF_LISTS, _names_a_list), (CLOSED, _ends))
_OPENINGS: Final = {  # by first word, so that most messages meet no phrase at all
    first: tuple((phrase, ends) for phrases, ends in _ENDINGS for phrase in phrases if phrase.split()[0] == first)
    for first in {phrase.split()[0] for phrases, _ in _ENDINGS for phrase in phrases}
}
