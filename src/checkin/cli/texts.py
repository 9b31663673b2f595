"""`checkin texts`: every text we write, as long as it can get, and a program's own words in the place of ours."""

import asyncio
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import msgspec

from checkin import flows, store
from checkin.cli.database import database, settings_or_exit
from checkin.config import Settings
from checkin.core import segments, text_rules
from checkin.core import texts as core_texts
from checkin.core.texts import LANGUAGES, Text
from checkin.runtime import running

Own = dict[str, dict[Text, str]]
"""A program's own words, by language."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One text in one language. *septets* is null where it leaves the GSM alphabet; *limit* counts segments."""

    text: str
    language: str
    septets: int | None
    segments: int
    limit: int
    words: str
    problems: list[str]


@click.command()
@click.option(
    "--language",
    type=click.Choice([*LANGUAGES, "all"]),
    default="all",
    show_default=True,
    help="Which catalogue to show.",
)
@click.option("--program", metavar="NAME", help="Put this name in, not the longest there may be.")
@click.option(
    "--own",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A TOML file of a program's own words; they are checked and shown in the place of ours.",
)
@click.option("--save", is_flag=True, help="Keep the words of --own for --program, if none of them is wrong.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def texts(language: str, program: str | None, own: Path | None, save: bool, as_json: bool) -> None:
    """Show every text we write, with its septets and segments, its longest values filled in.

    A segment holds 160 septets, or 153 each of several. Ends with 1 if a text takes more segments than it may, or
    if a program's own words cannot be sent. Nothing is sent, and without --save nothing is stored.

    --save takes all of the file or, if one text in it is wrong, nothing. What was saved before and is not in the
    file stays.

    \b
    Example:
      $ checkin texts --language es --program "Casa Abierta"

    \b
      $ cat own.toml
      [en]
      welcome_back = "Good to have you back. STOP ends texts."
      $ checkin texts --own own.toml --program "Casa Abierta" --save
    """
    if save and (own is None or program is None):
        raise click.UsageError("--save needs --own, the words, and --program, whose words they are.")
    words = {} if own is None else _own(own)
    every = [line for one in LANGUAGES for line in lines_of(one, program, words.get(one, {}))]
    wrong = [line for line in every if line.problems]
    lines = [line for line in every if language in ("all", line.language) or line in wrong]
    for row in _json(lines) if as_json else _table(lines):
        click.echo(row)
    if wrong:
        if save:
            click.echo("nothing was saved", err=True)
        raise SystemExit(1)
    if save and program is not None:
        with database(settings_or_exit()) as settings:
            saved = asyncio.run(_save(settings, program, words))
        click.echo(f"saved {saved} texts of {program}", err=True)


async def _save(settings: Settings, name: str, words: Own) -> int:
    """Keep *words* for the program called *name*; returns how many texts they are."""
    async with running(settings) as parts, parts.pool.acquire() as conn:
        program = await store.people.program_by_name(conn, name)
        if program is None:
            raise click.ClickException(f"there is no program called {name}; nothing was saved")
        return await flows.programs.save_texts(conn, program, words, parts.clock.now())


def _own(path: Path) -> Own:
    try:
        found = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Own)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as problem:
        raise click.BadParameter(str(problem), param_hint="--own") from None
    except (ValueError, RecursionError):
        raise click.BadParameter("a number is too long, or lists are nested too deep", param_hint="--own") from None
    if unknown := sorted(set(found) - set(LANGUAGES)):
        raise click.BadParameter(f"no such language: {', '.join(unknown)}", param_hint="--own")
    return found


def lines_of(language: str, program: str | None, own: Mapping[Text, str]) -> Iterator[Line]:
    """Yield a line for every text in *language*, in a program's *own* words where there are some."""
    name = "W" * core_texts.LONGEST_PROGRAM if program is None else core_texts.program_name(program, language)
    for text in Text:
        forms = {text.value: own[text]} if text in own else text_rules.forms(text, language)
        for entry, body in forms.items():
            words = text_rules.longest(body, language, name)
            taken, limit = segments.segments(words), core_texts.limit(text)
            problems = text_rules.check_override(text, language, body) if text in own else []
            if not problems and not segments.fits(words, limit):
                problems = [f"It takes {taken} segments, and may take {limit}."]
            yield Line(
                text=entry,
                language=language,
                septets=segments.septets(words) if segments.is_gsm(words) else None,
                segments=taken,
                limit=limit,
                words=words,
                problems=problems,
            )


def _json(lines: list[Line]) -> Iterator[str]:
    for line in lines:
        yield msgspec.json.encode(line).decode()


def _table(lines: list[Line]) -> Iterator[str]:
    width = max(len(line.text) for line in lines)
    yield f"{'text':<{width}}  language  septets  segments  limit  words"
    for line in lines:
        septets = "-" if line.septets is None else line.septets
        words = line.words.replace("\n", " ")
        yield f"{line.text:<{width}}  {line.language:<8}  {septets:>7}  {line.segments:>8}  {line.limit:>5}  {words}"
        for problem in line.problems:
            yield f"{'':<{width}}  ! {problem}"
