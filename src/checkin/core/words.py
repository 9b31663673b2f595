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
    link = "link"
    away = "away"
    back = "back"
    other = "other"


Label = Literal["mood", "hope"]


def words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


def phrases(*lines: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for line in lines for phrase in line.split("|"))


# Machines. All of these open a message; apostrophes are left out of the auto-replies.

TAPBACKS: Final = (
    "emphasized ",
    "emphasised ",
    *(
        opening + " " + quoted
        for opening in phrases(
            "liked|loved|disliked|emphasized|emphasised|laughed at|questioned|removed a like from|removed a heart from",
            "removed a dislike from|removed a laugh from|removed an exclamation from|removed a question mark from",
            "le gusto|me gusto|no le gusto|no me gusto|le encanto|me encanto|le dio risa|enfatizo|exclamo|cuestiono",
        )
        for quoted in ('"', "'", "an image", "a photo", "a movie", "an attachment", "una imagen", "una foto")
    ),
)
TAPBACKS_NAMED: Final = tuple(f' {verb} "' for verb in ("le gusto", "le encanto", "le dio risa", "no le gusto"))
REACTIONS: Final = ("reacted ", "reacciono ", "reaccione ")
AUTO_REPLIES: Final = phrases(
    "auto-reply|auto reply|autoreply|automatic reply|automated reply|automatic response|[auto|(auto-|out of office",
    "out of the office|ooo:|i am out of the office|im out of the office|i am currently out of|im currently out of",
    "im not receiving notifications|(im not receiving notifications|this is an automated|im driving with",
    "i am driving with|respuesta automatica|mensaje automatico|fuera de la oficina|estoy fuera de la oficina",
)
AUTO_REPLIES_INSIDE: Final = (
    "do not disturb while driving",
    *phrases("driving focus turned on|automatic reply:|auto-reply:|auto reply:|autoreply:|(auto reply)|[auto reply"),
    *phrases("i am out of the office|im out of the office|currently out of the office|will be out of the office"),
    *phrases("estoy fuera de la oficina|estare fuera de la oficina|respuesta automatica:"),
)
ABSENT: Final = phrases(  # with ANSWERS_LATER an auto-reply
    "away from my desk|away from my phone|on vacation|on holiday|on leave|in a meeting|unavailable|not available",
    "out of office|de vacaciones|en una reunion|no disponible|no estoy disponible",
)
ANSWERS_LATER: Final = phrases(
    "will reply|will respond|will get back to you|ill get back to you|will return your|ill reply|ill respond",
    "will answer|respondere|te respondo|le respondo|contestare|le respondere|te respondere",
)
DRIVING: Final = phrases(
    "im driving|i am driving|im currently driving|i am currently driving|driving right now|estoy manejando",
    "estoy conduciendo|voy manejando|voy conduciendo",
)
ANOTHER: Final = words("she shes he hes her him ella")  # no machine speaks of somebody else

# Leaving and coming back.

OPT_OUT: Final = frozenset(
    phrases(
        "stop|stopall|stop all|unsubscribe|cancel|end|quit|revoke|optout|opt out",
        "parar|alto|baja|cancelar|no mas",
    )
)
OPT_OUT_AFTER_SCORES: Final = frozenset(
    phrases("stop|stopall|stop all|unsubscribe|optout|opt out|parar")
)  # not ALTO, BAJA, END: "7 5 baja" says how low it is
OPT_IN_ALWAYS: Final = frozenset(("start", "unstop"))
OPT_IN: Final = frozenset(("yes", "si", "acepto"))
HELP: Final = frozenset(phrases("help|help me|info|ayuda|ayudame|ayuda me"))

# A while off.

PAUSE: Final = words("pause pausa pausar")
PAUSE_WHAT: Final = words(
    "it this me my the texts text messages msgs checkins check ins nudges everything now today",
    "los mis mensajes todo ahora hoy esto",
)
LEAVE_FOR: Final = words("for por de durante x")
LEAVE_UNTIL: Final = words("until till til hasta")
RESUME: Final = frozenset(phrases("resume|unpause|resume texts|resume messages|resume checkins|reanudar"))
DAYS_IN: Final[dict[str, int]] = {
    **dict.fromkeys(words("d day days dia dias night nights noche noches"), 1),
    **dict.fromkeys(words("w wk wks week weeks semana semanas sem"), 7),
    **dict.fromkeys(words("mo mos mth month months mes meses"), 30),
    **dict.fromkeys(words("yr yrs year years ano anos"), 365),
}
NOT_DAYS: Final = words("h hr hrs hour hours hora horas min mins minute minutes minuto minutos")
A_SINGLE: Final = words("a an one un una uno")

# Asking.

GREETINGS: Final = words(
    "hi hey heya hello hiya howdy greetings yo good morning afternoon evening gm ok okay sorry so um uh well and but",
    "hola ola buen dia saludos buenos buenas dias tardes noches oye perdon disculpa y",
)
CALL: Final = frozenset(("call", "call me", "llamar"))
CALL_OPENINGS: Final = phrases(
    "call me|can you call me|could you call me|can u call me|could u call me|will you call me|would you call me",
    "can someone call me|can somebody call me|can my mentor call me|have my mentor call me|give me a call",
    "can you give me a call|llamame|llameme|me puedes llamar|me puede llamar|puedes llamarme|puede llamarme",
    "me podrias llamar|podrias llamarme|me llamas",
)
CALL_SAYINGS: Final = tuple(
    f"{wish} {whom}"
    for wish in phrases(
        "need to talk to|want to talk to|wanna talk to|gotta talk to|have to talk to|need to speak to|need 2 talk to"
    )
    for whom in phrases("my mentor|someone|somebody|anyone|anybody|a person|you|a human")
) + phrases(
    "need someone to talk to|need somebody to talk to|need someone to talk with|need to talk",
    "necesito hablar con alguien|necesito hablar con mi mentor|necesito hablar con",
    "quiero hablar con|tengo que hablar con|necesito hablar|necesito alguien con quien hablar",
)
TALK: Final = words("talk speak hablar")  # one of these is in each of them
CALL_LEADS: Final = words(
    "i really just so and but do think feel like im id would still also bad well hey hi hello ok because cuz bc",
    "tbh ngl honestly oh omg god ugh man dude please pls lonely today tonight now rn maybe probably definitely kinda",
    "yo de verdad hola oye y pero creo que si ay dios mio uy pues porfa por favor hoy ahora ahorita solo sola",
)
NEED_HELP: Final = frozenset(phrases("i need help|need help|i really need help|necesito ayuda|i need some help"))
NEED_HELP_TAILS: Final = frozenset(phrases("now|asap|bad|badly|today|rn|right now|ahora|hoy|urgente|ya"))
NEED: Final = phrases("need|help me with|can you help me with|could you help me with|can u help me with") + phrases(
    "necesito|ayudame con|me ayudas con|me puedes ayudar con|puedes ayudarme con"
)
NEED_LEADS: Final = words("i we really also still just do gonna will might yo si tambien")
TOPICS: Final[dict[str, tuple[str, ...]]] = {  # the first that matches
    "benefits": phrases(
        "food stamps|food stamp|foodstamps|snap|ebt|medicaid|medicare|disability|ssi|ssdi|social security|wic",
        "unemployment|section 8|benefits|welfare|tanf|estampillas|cupones|desempleo|discapacidad|beneficios",
        "seguro social",
    ),
    "transport": phrases(
        "ride|rides|bus|bus pass|busses|buses|gas|gas money|transportation|transport|uber|lyft|taxi|cab|train fare",
        "metro card|aventon|raite|autobus|camion|gasolina|transporte|pasaje|pase de bus",
    ),
    "housing": phrases(
        "rent|room|shelter|evicted|eviction|housing|apartment|apt|place to stay|place to live|place to sleep",
        "landlord|homeless|sober living|halfway house|renta|alquiler|cuarto|albergue|refugio|desalojo|desalojaron",
        "vivienda|apartamento|departamento|casa|donde dormir|donde quedarme",
    ),
    "food": phrases(
        "groceries|grocery|pantry|eat|food|food bank|meal|meals|hungry|formula|comida|despensa|comer|alimentos",
        "hambre|mandado",
    ),
    "work": phrases(
        "job|jobs|resume|interview|interviews|work|employment|hiring|trabajo|empleo|entrevista|curriculum",
        "trabajar",
    ),
    "health": phrases(
        "doctor|doctors|dr|meds|med|medicine|medication|medications|dentist|therapist|therapy|counselor|clinic",
        "prescription|prescriptions|refill|insulin|hospital|detox|rehab|psychiatrist|glasses|doctora|medico",
        "medicina|medicinas|medicamento|medicamentos|pastillas|dentista|terapeuta|terapia|clinica|receta",
    ),
}
SKIP: Final = phrases(
    "skip|pass|not today|rather not say|prefer not to say|rather not answer|prefer not to answer",
    "saltar|hoy no|prefiero no decir|prefiero no decirlo|prefiero no contestar",
)
SKIP_LEADS: Final = words("i id ill would will im gonna ima lets sorry hi hey hello ok hola perdon")
SAYS_NOTHING: Final = words("please pls plz today sorry thanks thank you it this one me day hoy gracias perdon")
CORRECT: Final = phrases("change|fix|i meant|meant|correct|correction|corrige|corregir|cambia|cambiar|quise decir")
CORRECT_LEADS: Final = words("sorry oops ooops no wait my bad hey hi ok perdon ups disculpa")
CORRECT_WHAT: Final = words(
    "to it that them my mine scores score answer numbers a an i lo por mi mis numeros respuesta"
)

# Scores.

LABELS: Final[dict[str, Label]] = {
    **dict.fromkeys(words("mood moods animo humor"), "mood"),
    **dict.fromkeys(words("hope hopes esperanza esperanzas"), "hope"),
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
FILLERS: Final = words(
    "hi hey heya hello hiya howdy greetings yo sup there sorry actually good morning afternoon evening night gm",
    "ok okay k kk so",
    "im i am a an is its it about around like maybe probably today todays tonight well um umm uh lol yeah yes ya yep",
    "please pls plz plss porfavor porfa favor sure just feeling feel my the numbers scores score answer answers",
    "are checkin say id still now",
    "hola ola buen saludos que tal",
    "buenos buenas dias dia tardes noches estoy un una pues bueno hoy me siento como mi es son soy diria mas",
)
PLACED_AT: Final = words("at en")  # a filler only after one of these: "im at 7", not "at 7 i have group"
PLACED: Final = words("im i am is its estoy es me still")
TO_LABEL: Final = words(
    "is was at of a an about my mi the today todays hoy level score in and y e estado de es esta en un una la el for",
    "around like still now just su are s",
)
AND: Final = words("and y e n an then")
AND_ARTICLE: Final = words("a an un una about like maybe around the my el la")
OUT_OF: Final = words("of de over on sobre outta")
RANGE: Final = words("to or o thru through")
HALF: Final = words("half medio media point punto")
COUNTED: Final = words(
    "hours hour hrs hr h days dayz years yrs yr months mos weeks wks wk minutes minute mins min seconds secs sec",
    "nights am pm mg ml lb lbs pounds oz kg km kms miles mile blocks feet ft inches kids children babies sons",
    "daughters brothers sisters siblings people ppl friends guys girls women men meetings groups classes sessions",
    "appointments appts interviews jobs shifts bills times beers drinks cigarettes cigs packs pills bucks dollars",
    "cents dogs cats steps reps laps pages more st nd rd th percent",
    "hora horas dias semanas meses anos minuto minutos segundos noches hijos hijas ninos ninas personas amigos veces",
    "juntas reuniones citas millas kilos libras dolares pesos pastillas cervezas cigarros cuadras pasos",
)
COUNTED_ALONE: Final = words(  # after a score, "7 5 day was long", these open the note instead
    "day year month mo mi week night kid child baby son daughter brother sister person friend meeting group class",
    "session appointment appt interview job shift bill beer drink pack pill buck dollar dog cat step lap page",
    "dia semana mes ano noche hijo hija nino nina persona amigo vez junta reunion cita",
)
TEXT_SPEAK: Final[dict[str, frozenset[str]]] = {  # words that seldom open a note: "3 2 my mom is sick" has two scores
    "2": words("much many late early be see u me nite"),
    "4": words("u me real ever sure"),
}
HOPED: Final = words("see be")  # "hope 2 see you"
AFTER_ME: Final = words(  # "4 me it was hard"; before any other word "me" is Spanish: "4 me duele la espalda"
    "it its is was today tonight this that these and but i im we the a an my when if because cuz bc to too"
)
AFTER_HOPE: Final = words(
    "today tonight now but and im i because bc cuz so tho though still just feeling rn hoy pero y"
)
NOT_ONE: Final = words("of more other another last thing de mas")

# Mentors.

MENTOR: Final[dict[str, Kind]] = {
    **dict.fromkeys(phrases("ok|okay|voy"), Kind.acknowledge),
    **dict.fromkeys(phrases("called|llame"), Kind.called),
    **dict.fromkeys(phrases("safe|bien"), Kind.safe),
    **dict.fromkeys(
        phrases("msg|message|left message|left msg|left a message|mensaje|deje mensaje"), Kind.left_message
    ),
    **dict.fromkeys(phrases("noanswer|no answer|nocontesta|no contesta|no contesto"), Kind.no_answer),
    **dict.fromkeys(phrases("referred|referi"), Kind.referred),
    **dict.fromkeys(phrases("pass|paso"), Kind.pass_on),
    **dict.fromkeys(phrases("snooze|luego"), Kind.snooze),
    **dict.fromkeys(phrases("link|new link|enlace|enlace nuevo|nuevo enlace"), Kind.link),
}
EVERYDAY: Final = words("ok okay voy bien pass paso luego")  # also said of a day: "7 ok day"
AWAY: Final = words("away fuera")
BACK: Final = frozenset(phrases("back|im back|i am back|volvi|ya volvi"))
UNANSWERED: Final = phrases(
    "no answer|noanswer|didnt answer|did not answer|didnt pick up|did not pick up|doesnt answer|not answering",
    "no contesta|no contesto|nocontesta|no respondio|no responde",
)
SOMEBODY_ELSE: Final = phrases("wrong number|wrong person|not her number|not his number|numero equivocado")
LEFT_MESSAGE: Final = phrases(
    "left message|left a message|left msg|left a msg|left voicemail|left a voicemail|left vm|left a vm",
    "deje mensaje|deje un mensaje|le deje un mensaje",
)
