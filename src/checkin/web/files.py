"""The style sheets, scripts and pictures of every page, at one address."""

from typing import Final

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from checkin.web import assets


@get("/static/{name:str}", opt={"exclude_from_auth": True}, include_in_schema=False)
async def send_static(name: FromPath[str]) -> Response[bytes]:
    content = assets.static(name)
    if content is None:
        raise NotFoundException
    return Response(content, media_type=assets.STATIC[name], headers={**assets.HEADERS, "Cache-Control": "no-cache"})


HANDLERS: Final = (send_static,)
