"""The words, English and Spanish, by which text messages are understood: tables and no rules."""

from enum import StrEnum
from typing import Final, Literal


class Kind(StrEnum):
    """What a message asks for: the mentee's kinds, the mentor's, and those both can send."""

    ignore = "ignore"
    opt_out = "opt_out"
    opt_in = "opt_in"
    help = "help"
    pause = "pause"
    resume = "resume"
    call_me = "call_me"
    practical_help = "practical_help"
    skip = "skip"
    correct = "correct"
    scores = "scores"
    partial = "partial"
    unclear = "unclear"

    acknowledge = "acknowledge"
    called = "called"
    safe = "safe"
    left_message = "left_message"
    no_answer = "no_answer"
    referred = "referred"
    pass_on = "pass"  # noqa: S105 - a mentor's word, no secret
    snooze = "snooze"
    away = "away"
    back = "back"
    other = "other"


Label = Literal["mood", "hope"]


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


def _phrases(*lines: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for line in lines for phrase in line.split("|"))


# Machines. All of these open a message; apostrophes are left out of the auto-replies.

TAPBACKS: Final = (
    "emphasized ",
    "emphasised ",
    *(
        opening + " " + quoted
        for opening in _phrases(
            "liked|loved|disliked|emphasized|emphasised|laughed at|questioned|removed a like from|removed a heart from",
            "removed a dislike from|removed a laugh from|removed an exclamation from|removed a question mark from",
            "le gusto|me gusto|no le gusto|no me gusto|le encanto|me encanto|le dio risa|enfatizo|exclamo|cuestiono",
        )
        for quoted in ('"', "'", "an image", "a photo", "a movie", "an attachment", "una imagen", "una foto")
    ),
)
TAPBACKS_NAMED: Final = tuple(f' {verb} "' for verb in ("le gusto", "le encanto", "le dio risa", "no le gusto"))
REACTIONS: Final = ("reacted ", "reacciono ", "reaccione ")
AUTO_REPLIES: Final = _phrases(
    "auto-reply|auto reply|autoreply|automatic reply|automated reply|automatic response|[auto|(auto-|out of office",
    "out of the office|ooo:|i am out of the office|im out of the office|i am currently out of|im currently out of",
    "im not receiving notifications|(im not receiving notifications|this is an automated|im driving with",
    "i am driving with|respuesta automatica|mensaje automatico|fuera de la oficina|estoy fuera de la oficina",
)
AUTO_REPLIES_INSIDE: Final = (
    "do not disturb while driving",
    "driving focus turned on",
    "automatic reply:",
    "auto-reply:",
)
DRIVING: Final = _phrases(
    "im driving|i am driving|im currently driving|i am currently driving|driving right now|estoy manejando",
    "estoy conduciendo|voy manejando|voy conduciendo",
)

# Leaving and coming back.

OPT_OUT: Final = frozenset(
    _phrases(
        "stop|stopall|stop all|unsubscribe|cancel|end|quit|revoke|optout|opt out",
        "parar|alto|baja|cancelar|no mas",
    )
)
OPT_OUT_AFTER_SCORES: Final = frozenset(
    _phrases("stop|stopall|stop all|unsubscribe|optout|opt out|parar")
)  # not ALTO, BAJA, END: "7 5 baja" says how low it is
OPT_OUT_CLAUSE: Final = frozenset(_phrases("stop|stopall|stop all|unsubscribe|opt out|optout"))
HAILS: Final = _words("ok okay hey hi hello yo sorry thanks")
OPT_OUT_SAYINGS: Final = _phrases(  # whatever follows
    "stop texting me|stop texting us|stop texting this|stop texting my phone|stop messaging me|stop contacting me",
    "stop txting me|stop sending me|stop sending these|stop sending texts|stop sending messages|stop these texts",
    "stop these messages|stop the texts|stop the messages|stop all texts|stop all messages|stop messaging this",
    "quit texting me|quit texting this|quit messaging me|quit sending me|quit sending these|quit contacting me",
    "take me off this|take me off your|take me off ur|take me off the list|take me off of this|take me off of your",
    "take me off the texts|remove me from this|remove me from your|remove me from ur|remove me from the list",
    "remove me from all|remove my number|delete my number|take my number off|lose my number|unsubscribe me|opt me out",
    "dont want these texts|dont want these messages|dont want any more texts|dont want any more messages",
    "dont want anymore texts|dont want anymore messages|dont want your texts|dont want your messages",
    "dont want to get these|dont want to receive|do not want these texts|do not want these messages",
    "do not want to receive|dont want to get any more texts|dont want to get texts",
    "deja de escribirme|dejen de escribirme|deje de escribirme|deja de mandarme|dejen de mandarme|deje de mandarme",
    "deja de enviarme|dejen de enviarme|deja de textearme|dejen de textearme|deja de mensajearme",
    "no me escriban mas|no me escribas mas|no me escriba mas|ya no me escriban|ya no me escribas|ya no me escriba",
    "no me manden mas|no me mandes mas|ya no me manden|ya no me mandes|no me envien mas|ya no me envien",
    "quitenme de|quiteme de|quitame de la lista|borrenme|borren mi numero|eliminen mi numero|denme de baja",
    "darme de baja|desuscribirme",
)
OPT_OUT_CLOSED: Final = _phrases(  # only where the clause ends, or goes on with one of OPT_OUT_TAILS
    "stop texting|quit texting|stop messaging|quit messaging|stop contacting|stop messages|stop texts",
    "no more texts|no more messages|no more msgs|no more texting|no more messaging|take me off|remove me",
    "leave me alone|dont text me|do not text me|dont message me|do not message me|dont contact me|do not contact me",
    "never text me|never contact me|opt out|unsubscribe|no more of these texts|no more of these messages",
    "no me escriban|no me escribas|no me manden mensajes|no me envien mensajes|ya no quiero mensajes",
    "no quiero mensajes|no quiero mas mensajes|no quiero recibir mensajes|no quiero recibir mas mensajes",
    "ya no quiero mas mensajes|ya no quiero recibir mensajes|ya no quiero recibir mas mensajes|no mas mensajes",
    "ya no quiero estos mensajes|ya no quiero sus mensajes|no quiero sus mensajes|no quiero estos mensajes",
    "ya no mas mensajes|dejenme en paz|dejame en paz",
)
OPT_OUT_TAILS: Final = _words("now anymore again ever more thanks thank ok k you guys ya gracias nunca")
OPT_OUT_LEADS: Final = _words(
    "just can could will would you u ya ok okay k hey hi hello yo seriously now omg wtf i want need id like said told",
    "to guys yall people sorry asking how do dude bro sir maam thanks yes really again already asked and im done",
    "por hola oye quiero puedes pueden puede podrian les pido que gracias disculpe perdon mejor favor como",
    "mood hope m h animo esperanza",
)
WRONG_NUMBER: Final = _phrases("wrong number|wrong num|wrong phone number|numero equivocado|numero incorrecto")
WRONG_NUMBER_LEADS: Final = _words(
    "sorry you u ya have has got the a this is it its texted texting maybe hi hey hello must youve been be think",
    "believe guess that thats ur your youre reached dude bro ok no yo man uh um i",
    "tienes tiene tienen es el un creo que esta este perdon lo siento disculpe hola se te le equivoco marco marcaste",
)
WRONG_NUMBER_TAILS_NOT: Final = _words("for when so because from in on last")
OPT_IN_ALWAYS: Final = frozenset(("start", "unstop"))
OPT_IN: Final = frozenset(("yes", "si", "acepto"))
HELP: Final = frozenset(_phrases("help|help me|info|ayuda|ayudame|ayuda me"))

# A while off.

PAUSE: Final = _words("pause pausa pausar")
PAUSE_WHAT: Final = _words(
    "it this me my the texts text messages msgs checkins check ins nudges everything now today",
    "los mis mensajes todo ahora hoy esto",
)
LEAVE_FOR: Final = _words("for por de durante x")
LEAVE_UNTIL: Final = _words("until till til hasta")
RESUME: Final = frozenset(_phrases("resume|unpause|resume texts|resume messages|resume checkins|reanudar"))
DAYS_IN: Final[dict[str, int]] = {
    **dict.fromkeys(_words("d day days dia dias night nights noche noches"), 1),
    **dict.fromkeys(_words("w wk wks week weeks semana semanas sem"), 7),
    **dict.fromkeys(_words("mo mos mth month months mes meses"), 30),
    **dict.fromkeys(_words("yr yrs year years ano anos"), 365),
}
NOT_DAYS: Final = _words("h hr hrs hour hours hora horas min mins minute minutes minuto minutos")
A_SINGLE: Final = _words("a an one un una uno")

# Asking.

GREETINGS: Final = _words(
    "hi hey heya hello hiya yo good morning afternoon evening gm ok okay sorry so um uh well and but",
    "hola buenos buenas dias tardes noches oye perdon disculpa y",
)
CALL: Final = frozenset(("call", "call me", "llamar"))
CALL_OPENINGS: Final = _phrases(
    "call me|can you call me|could you call me|can u call me|could u call me|will you call me|would you call me",
    "can someone call me|can somebody call me|can my mentor call me|have my mentor call me|give me a call",
    "can you give me a call|llamame|llameme|me puedes llamar|me puede llamar|puedes llamarme|puede llamarme",
    "me podrias llamar|podrias llamarme|me llamas",
)
CALL_SAYINGS: Final = tuple(
    f"{wish} {whom}"
    for wish in _phrases(
        "need to talk to|want to talk to|wanna talk to|gotta talk to|have to talk to|need to speak to|need 2 talk to"
    )
    for whom in _phrases("my mentor|someone|somebody|anyone|anybody|a person|you|a human")
) + _phrases(
    "need someone to talk to|need somebody to talk to|need someone to talk with|need to talk",
    "necesito hablar con alguien|necesito hablar con mi mentor|necesito hablar con",
    "quiero hablar con|tengo que hablar con|necesito hablar|necesito alguien con quien hablar",
)
CALL_LEADS: Final = _words(
    "i really just so and but do think feel like im id would still also bad well hey hi hello ok because cuz bc",
    "yo de verdad hola oye y pero creo que si",
)
NEED_HELP: Final = frozenset(_phrases("i need help|need help|i really need help|necesito ayuda|i need some help"))
NEED_HELP_TAILS: Final = frozenset(_phrases("now|asap|bad|badly|today|rn|right now|ahora|hoy|urgente|ya"))
NEED: Final = _phrases("need|help me with|can you help me with|could you help me with|can u help me with") + _phrases(
    "necesito|ayudame con|me ayudas con|me puedes ayudar con|puedes ayudarme con"
)
NEED_LEADS: Final = _words("i we really also still just do gonna will might yo si tambien")
TOPICS: Final[dict[str, tuple[str, ...]]] = {  # the first that matches
    "benefits": _phrases(
        "food stamps|food stamp|foodstamps|snap|ebt|medicaid|medicare|disability|ssi|ssdi|social security|wic",
        "unemployment|section 8|benefits|welfare|tanf|estampillas|cupones|desempleo|discapacidad|beneficios",
        "seguro social",
    ),
    "transport": _phrases(
        "ride|rides|bus|bus pass|busses|buses|gas|gas money|transportation|transport|uber|lyft|taxi|cab|train fare",
        "metro card|aventon|raite|autobus|camion|gasolina|transporte|pasaje|pase de bus",
    ),
    "housing": _phrases(
        "rent|room|shelter|evicted|eviction|housing|apartment|apt|place to stay|place to live|place to sleep",
        "landlord|homeless|sober living|halfway house|renta|alquiler|cuarto|albergue|refugio|desalojo|desalojaron",
        "vivienda|apartamento|departamento|casa|donde dormir|donde quedarme",
    ),
    "food": _phrases(
        "groceries|grocery|pantry|eat|food|food bank|meal|meals|hungry|formula|comida|despensa|comer|alimentos",
        "hambre|mandado",
    ),
    "work": _phrases(
        "job|jobs|resume|interview|interviews|work|employment|hiring|trabajo|empleo|entrevista|curriculum",
        "trabajar",
    ),
    "health": _phrases(
        "doctor|doctors|dr|meds|med|medicine|medication|medications|dentist|therapist|therapy|counselor|clinic",
        "prescription|prescriptions|refill|insulin|hospital|detox|rehab|psychiatrist|glasses|doctora|medico",
        "medicina|medicinas|medicamento|medicamentos|pastillas|dentista|terapeuta|terapia|clinica|receta",
    ),
}
SKIP: Final = _phrases(
    "skip|pass|not today|rather not say|prefer not to say|rather not answer|prefer not to answer",
    "saltar|hoy no|prefiero no decir|prefiero no decirlo|prefiero no contestar",
)
SKIP_LEADS: Final = _words("i id ill would will im gonna ima lets sorry hi hey hello ok hola perdon")
SAYS_NOTHING: Final = _words("please pls plz today sorry thanks thank you it this one me day hoy gracias perdon")
CORRECT: Final = _phrases("change|fix|i meant|meant|correct|correction|corrige|corregir|cambia|cambiar|quise decir")
CORRECT_LEADS: Final = _words("sorry oops ooops no wait my bad hey hi ok perdon ups disculpa")
CORRECT_WHAT: Final = _words(
    "to it that them my mine scores score answer numbers a an i lo por mi mis numeros respuesta"
)

# Scores.

LABELS: Final[dict[str, Label]] = {
    **dict.fromkeys(_words("mood moods animo humor"), "mood"),
    **dict.fromkeys(_words("hope hopes esperanza esperanzas"), "hope"),
}
INITIALS: Final[dict[str, Label]] = {"m": "mood", "h": "hope"}
NUMBERS: Final[dict[str, int]] = {
    word: value
    for line in (
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen",
        "cero uno dos tres cuatro cinco seis siete ocho nueve diez",
    )
    for value, word in enumerate(line.split())
} | {
    "doce": 12,
    "trece": 13,
    "catorce": 14,
    "quince": 15,
    "dieciseis": 16,
    "veinte": 20,
    "treinta": 30,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
    "hundred": 100,
    "cuarenta": 40,
    "cincuenta": 50,
    "sesenta": 60,
    "setenta": 70,
    "ochenta": 80,
    "noventa": 90,
    "cien": 100,
}
FILLERS: Final = _words(
    "hi hey heya hello hiya yo sup there sorry actually good morning afternoon evening night gm ok okay k kk so",
    "im i am a an is its it about around like maybe probably today todays tonight well um umm uh lol yeah yes ya yep",
    "sure just feeling feel my the numbers scores score answer answers are checkin say id still now",
    "hola buenos buenas dias dia tardes noches estoy un una pues bueno hoy me siento como mi es son soy diria mas",
)
PLACED_AT: Final = _words("at en")  # a filler only after one of these: "im at 7", not "at 7 i have group"
PLACED: Final = _words("im i am is its estoy es me still")
TO_LABEL: Final = _words(
    "is was at of a an about my mi the today todays hoy level score in and y e estado de es esta en un una la el for",
    "around like still now just su are s",
)
AND: Final = _words("and y e n an then")
AND_ARTICLE: Final = _words("a an un una about like maybe around the my el la")
OUT_OF: Final = _words("of de over on sobre outta")
RANGE: Final = _words("to or o thru through")
HALF: Final = _words("half medio media point punto")
COUNTED: Final = _words(
    "hours hour hrs hr h days dayz years yrs yr months mos weeks wks wk minutes minute mins min seconds secs sec",
    "nights am pm mg ml lb lbs pounds oz kg km kms mi miles mile blocks feet ft inches kids children babies sons",
    "daughters brothers sisters siblings people ppl friends guys girls women men meetings groups classes sessions",
    "appointments appts interviews jobs shifts bills times beers drinks cigarettes cigs packs pills bucks dollars",
    "cents dogs cats steps reps laps pages more st nd rd th percent",
    "hora horas dias semanas meses anos minuto minutos segundos noches hijos hijas ninos ninas personas amigos veces",
    "juntas reuniones citas millas kilos libras dolares pesos pastillas cervezas cigarros cuadras pasos",
)
COUNTED_ALONE: Final = _words(  # after a score, "7 5 day was long", these open the note instead
    "day year month mo week night kid child baby son daughter brother sister person friend meeting group class session",
    "appointment appt interview job shift bill beer drink pack pill buck dollar dog cat step lap page",
    "dia semana mes ano noche hijo hija nino nina persona amigo vez junta reunion cita",
)
TEXT_SPEAK: Final[dict[str, frozenset[str]]] = {
    "2": _words("much many late early be see go get do talk say hear sleep eat u you the my me know have make nite"),
    "4": _words("u you me real ever the my him her it them us now sure ya"),
}
AFTER_HOPE: Final = _words(
    "today tonight now but and im i because bc cuz so tho though still just feeling rn hoy pero y"
)
NOT_ONE: Final = _words("of more other another last thing de mas")

# Mentors.

MENTOR: Final[dict[str, Kind]] = {
    **dict.fromkeys(_phrases("ok|okay|voy"), Kind.acknowledge),
    **dict.fromkeys(_phrases("called|llame"), Kind.called),
    **dict.fromkeys(_phrases("safe|bien"), Kind.safe),
    **dict.fromkeys(
        _phrases("msg|message|left message|left msg|left a message|mensaje|deje mensaje"), Kind.left_message
    ),
    **dict.fromkeys(_phrases("noanswer|no answer|nocontesta|no contesta|no contesto"), Kind.no_answer),
    **dict.fromkeys(_phrases("referred|referi"), Kind.referred),
    **dict.fromkeys(_phrases("pass|paso"), Kind.pass_on),
    **dict.fromkeys(_phrases("snooze|luego"), Kind.snooze),
}
AWAY: Final = _words("away fuera")
BACK: Final = frozenset(_phrases("back|im back|i am back|volvi|ya volvi"))
UNANSWERED: Final = _phrases(
    "no answer|noanswer|didnt answer|did not answer|didnt pick up|did not pick up|doesnt answer|not answering",
    "no contesta|no contesto|nocontesta|no respondio|no responde",
)
LEFT_MESSAGE: Final = _phrases(
    "left message|left a message|left msg|left a msg|left voicemail|left a voicemail|left vm|left a vm",
    "deje mensaje|deje un mensaje|le deje un mensaje",
)
