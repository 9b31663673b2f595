"""Reads whether a phone wrote a message by itself."""

from checkin.core import words
from checkin.core.normalise import Message


def wrote(message: Message) -> bool:
    """Tapbacks, auto-replies and phones whose owner drives."""
    shown = message.shown
    if shown.startswith(words.TAPBACKS) or any(named in shown[:80] for named in words.TAPBACKS_NAMED):
        return True
    if _is_reaction(message, shown):
        return True
    plain = shown.replace("'", "")
    if plain.startswith(words.AUTO_REPLIES):
        return True
    if message.tokens[0].sort != "number" and any(part in plain for part in words.AUTO_REPLIES_INSIDE):
        return True
    return words.ANOTHER.isdisjoint(message.said) and _is_away(message, plain)


def _is_away(message: Message, plain: str) -> bool:
    absent = any(part in plain for part in words.ABSENT) and any(part in plain for part in words.ANSWERS_LATER)
    if absent and message.tokens[0].sort != "number":
        return True
    return plain.startswith(words.DRIVING) and not any(token.sort == "number" for token in message.tokens)


def _is_reaction(message: Message, shown: str) -> bool:
    """'Reacted 👍 to "…"', or the emoji alone in front of the quotation."""
    if message.tokens[0].sort != "picture" and not shown.startswith(words.REACTIONS):
        return False
    return any(joined in shown for joined in (' to "', ' a "', " to '", " a '"))
