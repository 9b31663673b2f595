"""The command that shows how texts are screened for danger: one text a line in, one JSON object a line out."""

from typing import BinaryIO

import click
import msgspec

from checkin.core import danger
from checkin.core.danger import Screening


class Line(msgspec.Struct, frozen=True):
    """What is printed for one text; the keys are always all there."""

    tier: str
    family: str | None


@click.command()
@click.argument("file", type=click.File("rb"), default="-")
def screen(file: BinaryIO) -> None:
    """Screen one text a line from FILE, or from standard input, for danger; print one JSON object for each.

    This is a safety net, not triage, and it is not clinically validated: it misses some texts and mistakes others.
    A is a wish, plan or act to die or to hurt oneself in plain words, B the same indirectly,
    C worth knowing (somebody else, the past, the same words denied), none nothing of the kind.
    The family names the phrases that decided. English and Spanish; nothing is stored and nothing is sent.

    \b
    Example:
      $ echo "not suicidal, just tired" | checkin sms screen
      {"tier":"C","family":"suicidal"}

    \b
      $ echo "ran 10 kms" | checkin sms screen
      {"tier":"none","family":null}
    """
    for line in file:
        text = line.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8", errors="replace")
        click.echo(as_json(danger.screen(text)))


def as_json(found: Screening) -> bytes:
    """One line of UTF-8 JSON, without the line ending."""
    return msgspec.json.encode(Line(tier=found.tier.value, family=found.family))
