"""`checkin openapi`, `secrets` and `vapid`: documents made from the code, and fresh keys."""

import sys
from pathlib import Path

import click

from checkin import gateway
from checkin.api import document
from checkin.config import new_secrets

COMMITTED = Path("openapi/openapi.json")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path), default=COMMITTED)
@click.option("--check", is_flag=True, help="Write nothing; exit 1 unless FILE is what would be written.")
def openapi(file: Path, check: bool) -> None:
    """Write the OpenAPI document to FILE  [default: openapi/openapi.json; - for standard output]."""
    if check and str(file) == "-":
        raise click.UsageError("--check needs a FILE to compare with")
    text = document.export()
    if str(file) == "-":
        click.echo(text, nl=False)
        return
    try:
        if not check:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            click.echo(f"wrote {file}", err=True)
        elif not file.exists() or file.read_bytes() != text.encode():
            click.echo(f"{file} is not what the code says; run `checkin openapi`", err=True)
            sys.exit(1)
    except OSError as problem:
        raise click.ClickException(f"{file}: {problem.strerror}") from None


@click.command()
def secrets() -> None:
    """Print fresh secrets for a production environment, in the form the settings take."""
    for name, value in new_secrets().items():
        click.echo(f"CHECKIN_{name.upper()}={value}")


@click.command()
def vapid() -> None:
    """Print a fresh key pair for Web Push (VAPID): our setting, and what the app in the browser subscribes with.

    With a new key every browser has to subscribe anew, so keep it.
    """
    fresh = gateway.web_push.new_key()
    click.echo(f"CHECKIN_WEBPUSH_PRIVATE_KEY={fresh}")
    public = gateway.web_push.public_key(gateway.web_push.private_key(fresh))
    click.echo(f"applicationServerKey={public}")
