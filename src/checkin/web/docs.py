"""The page for those who build apps: every operation, to read and to try, from files of our own alone."""

from functools import cache
from importlib.resources import files
from typing import Final

from litestar import MediaType, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from checkin.web import assets

OPEN: Final = {"exclude_from_auth": True}
STATIC: Final = {
    "docs.css": ("docs.css", "text/css"),
    "docs.js": ("docs.js", "text/javascript"),
    "icon.svg": ("icon.svg", "image/svg+xml"),
    "swagger-ui.css": ("swagger-ui/swagger-ui.css", "text/css"),
    "swagger-ui-bundle.js": ("swagger-ui/swagger-ui-bundle.js", "text/javascript"),
}
"""Everything the page and the pages of problems are made of: where it lies and what it is."""


@get("/docs", opt=OPEN, include_in_schema=False)
async def show_docs() -> Response[str]:
    return Response(assets.render("docs.html", "en"), media_type=MediaType.HTML, headers=assets.HEADERS)


@get("/docs/static/{name:str}", opt=OPEN, include_in_schema=False)
async def send_file(name: FromPath[str]) -> Response[bytes]:
    if name not in STATIC:
        raise NotFoundException
    place, media_type = STATIC[name]
    headers = {**assets.HEADERS, "Cache-Control": "public, max-age=3600"}
    return Response(_read(place), media_type=media_type, headers=headers)


@cache
def _read(place: str) -> bytes:
    return files("checkin.web").joinpath("static", place).read_bytes()


HANDLERS: Final = (show_docs, send_file)
