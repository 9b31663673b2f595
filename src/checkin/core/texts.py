"""Everything we write in a text message, in every language, one line each.

No text carries a score, a note, an illness, or who stands by whom. Each routine text is one GSM-7 segment (160).
"""

from enum import StrEnum


class Text(StrEnum):
    """The texts by name."""

    nudge = "nudge"
    thanks = "thanks"
    ask_hope = "ask_hope"
    ask_mood = "ask_mood"
    changed = "changed"
    skipped = "skipped"
    unclear = "unclear"
    help = "help"
    paused = "paused"
    resumed = "resumed"
    welcome = "welcome"
    welcome_back = "welcome_back"
    will_call = "will_call"
    will_help = "will_help"
    alert = "alert"
    alert_yours = "alert_yours"
    alert_taken = "alert_taken"
    alert_passed = "alert_passed"
    alert_closed = "alert_closed"
    alert_later = "alert_later"
    alert_which = "alert_which"
    alert_unknown = "alert_unknown"
    mentor_help = "mentor_help"
    mentor_unclear = "mentor_unclear"


ENGLISH = {
    Text.nudge: "How are you today? Text two numbers 0-10: mood, then hope. Like 7 5. SKIP is fine. STOP ends texts.",
    Text.thanks: "Thank you, got it. Talk tomorrow.",
    Text.ask_hope: "Thank you. And hope, 0-10?",
    Text.ask_mood: "Thank you. And mood, 0-10?",
    Text.changed: "Changed, thank you.",
    Text.skipped: "That is fine. Talk tomorrow.",
    Text.unclear: "Sorry, we could not read that. Text two numbers 0-10: mood, then hope. Like 7 5. HELP for help.",
    Text.help: (
        "Text two numbers 0-10: mood, then hope. Also SKIP, PAUSE 3, CALL, NEED ... STOP ends texts. "
        "In a crisis call or text 988, or 911 in immediate danger."
    ),
    Text.paused: "Paused for {days} days. Text RESUME to begin again sooner.",
    Text.resumed: "Welcome back. We will ask again at your usual time.",
    Text.welcome: "You are in. Once a day we ask for your mood and hope, 0-10. HELP for help, STOP ends texts.",
    Text.welcome_back: "Texts are on again. We will ask at your usual time. STOP ends texts.",
    Text.will_call: "We have asked for someone to call you. In a crisis call or text 988, or 911 in immediate danger.",
    Text.will_help: "Got it. We have passed it on, and someone will get back to you.",
    Text.alert: "A check-in needs you. Reply OK {number} when you have it, PASS {number} to hand over.",
    Text.alert_yours: "You have {number}, thank you. Once you were in touch: CALLED, MSG, NOANSWER or SAFE {number}.",
    Text.alert_taken: "Thank you. Someone else already has {number}, nothing to do for you.",
    Text.alert_passed: "OK, {number} goes to the next person.",
    Text.alert_closed: "Noted, {number} is closed. Thank you.",
    Text.alert_later: "Noted. We will ask you about {number} again in 4 hours.",
    Text.alert_which: "Which one? Please add the number, like OK {number}.",
    Text.alert_unknown: "There is no open alert with that number for you.",
    Text.mentor_help: "OK 41 takes alert 41, PASS 41 hands over. Then CALLED, MSG, NOANSWER, SAFE or REFERRED 41.",
    Text.mentor_unclear: "Sorry, we could not read that. OK 41 takes alert 41, PASS 41 hands it over. HELP for help.",
}

SPANISH = {
    Text.nudge: "¿Como vas hoy? Dos numeros de 0 a 10: animo y esperanza. Ej: 7 5. SALTAR esta bien. ALTO termina.",
    Text.thanks: "Gracias, recibido. Hasta mañana.",
    Text.ask_hope: "Gracias. ¿Y la esperanza, de 0 a 10?",
    Text.ask_mood: "Gracias. ¿Y el animo, de 0 a 10?",
    Text.changed: "Cambiado, gracias.",
    Text.skipped: "Esta bien. Hasta mañana.",
    Text.unclear: "No pudimos leer eso. Manda dos numeros de 0 a 10: animo y esperanza. Ej: 7 5. AYUDA para ayuda.",
    Text.help: (
        "Manda dos numeros de 0 a 10: animo y esperanza. SALTAR, PAUSA 3, LLAMAME, NECESITO ... ALTO termina. "
        "En crisis llama al 988, o al 911 si hay peligro."
    ),
    Text.paused: "En pausa por {days} dias. Manda REANUDAR para volver antes.",
    Text.resumed: "Que bueno tenerte de vuelta. Te preguntaremos a tu hora de siempre.",
    Text.welcome: "Listo. Una vez al dia preguntamos tu animo y esperanza, de 0 a 10. AYUDA para ayuda, ALTO termina.",
    Text.welcome_back: "Los mensajes siguen. Te preguntaremos a tu hora de siempre. ALTO termina.",
    Text.will_call: "Pedimos que alguien te llame. En crisis llama o escribe al 988, o al 911 si hay peligro.",
    Text.will_help: "Recibido. Ya lo pasamos, y alguien te va a responder.",
    Text.alert: "Un registro te necesita. Responde VOY {number} si lo tomas, PASO {number} para pasarlo.",
    Text.alert_yours: "Tienes el {number}, gracias. Al hablar: LLAME, MENSAJE, NOCONTESTA o BIEN {number}.",
    Text.alert_taken: "Gracias. Otra persona ya tiene el {number}, no tienes que hacer nada.",
    Text.alert_passed: "Bien, el {number} pasa a la siguiente persona.",
    Text.alert_closed: "Anotado, el {number} esta cerrado. Gracias.",
    Text.alert_later: "Anotado. Te preguntamos otra vez por el {number} en 4 horas.",
    Text.alert_which: "¿Cual? Agrega el numero, como VOY {number}.",
    Text.alert_unknown: "No hay una alerta abierta con ese numero para ti.",
    Text.mentor_help: "VOY 41 toma la alerta 41, PASO 41 la pasa. Luego LLAME, MENSAJE, NOCONTESTA, BIEN o REFERI 41.",
    Text.mentor_unclear: "No pudimos leer eso. VOY 41 toma la alerta 41, PASO 41 la pasa. AYUDA para ayuda.",
}

CATALOGUES = {"en": ENGLISH, "es": SPANISH}


def render(text: Text, language: str, *, number: int = 0, days: int = 0) -> str:
    """Return *text* in *language* ("en" where we have no other), with an alert's *number* or *days* filled in."""
    return CATALOGUES.get(language, ENGLISH)[text].format(number=number, days=days)
