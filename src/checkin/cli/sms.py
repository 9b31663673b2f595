"""The command that shows how texts are read: one text a line in, one JSON object a line out."""

from typing import BinaryIO

import click
import msgspec

from checkin.core import replies
from checkin.core.replies import Context, Reading

# Nobody is known here, so YES and SI are shown as what they say to somebody invited.
INVITED = Context(opted_in=False)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What is printed for one text; the keys are always all there."""

    kind: str
    mood: int | None
    hope: int | None
    note: str | None
    days: int | None
    topic: str | None
    number: int | None


@click.group()
def sms() -> None:
    """See how text messages are read."""


@sms.command()
@click.option(
    "--as",
    "sender",
    type=click.Choice(["mentee", "mentor"]),
    default="mentee",
    show_default=True,
    help="Whose texts these are.",
)
@click.argument("file", type=click.File("rb"), default="-")
def read(sender: str, file: BinaryIO) -> None:
    """Read one text a line from FILE, or from standard input, and print one JSON object for each.

    Every object has kind, mood, hope, note, days, topic and number, null where the text says nothing of it.
    From a mentee, YES and SI are read as from somebody who was invited. Nothing is stored and nothing is sent.

    \b
    Example:
      $ echo "7 5 rough day" | checkin sms read
      {"kind":"scores","mood":7,"hope":5,"note":"rough day","days":null,"topic":null,"number":null}

    \b
      $ echo "CALLED 41 she is ok" | checkin sms read --as mentor
      {"kind":"called","mood":null,"hope":null,"note":"she is ok","days":null,"topic":null,"number":41}
    """
    understand = replies.read_mentor if sender == "mentor" else _read_invited
    for line in file:
        text = line.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8", errors="replace")
        click.echo(as_json(understand(text)))


def _read_invited(text: str) -> Reading:
    return replies.read_mentee(text, context=INVITED)


def as_json(reading: Reading) -> bytes:
    """One line of UTF-8 JSON, without the line ending."""
    return msgspec.json.encode(
        Line(
            kind=reading.kind.value,
            mood=reading.mood,
            hope=reading.hope,
            note=reading.note,
            days=reading.days,
            topic=reading.topic,
            number=reading.number,
        )
    )
