"""What the pages are made of: templates, style sheets, scripts, and the headers they leave with."""

from functools import cache, partial
from importlib.resources import files
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from checkin.core import phrases

STATIC: Final = {
    "common.css": "text/css",
    "alert.css": "text/css",
    "sandbox.css": "text/css",
    "sandbox.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
"""Everything that may be fetched, by name; any other name is not looked for."""

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@cache
def static(name: str) -> bytes | None:
    """Return a file of STATIC, or None for any other name."""
    return files("checkin.web").joinpath("static", name).read_bytes() if name in STATIC else None


def render(template: str, language: str, **values: object) -> str:
    """Return the HTML of *template*; everything in *values* is escaped.

    In it, `t(entry, …)` says a phrase in *language*, `day` and `short_day` a date.
    """
    said = {
        "language": language,
        "t": partial(phrases.say, language=language),
        "day": partial(phrases.day, language=language),
        "short_day": partial(phrases.short_day, language=language),
    }
    return _templates().get_template(template).render(**said, **values)


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("checkin.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
