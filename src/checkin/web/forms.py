"""Forms as our pages send them: from our own pages only, small, and of plain fields."""

from typing import Any, Final
from urllib.parse import parse_qsl

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.exceptions import PermissionDeniedException
from litestar.handlers import BaseRouteHandler

from checkin.core.errors import BadInput, NotForm

FORM: Final = "application/x-www-form-urlencoded"
MOST_FIELDS: Final = 10
OUR_OWN: Final = (None, "none", "same-origin")  # None: a program, or a browser too old to say


def from_our_page(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:  # Any: Litestar's own
    """Refuse posts that another site's page sends through somebody's browser."""
    if connection.headers.get("sec-fetch-site") not in OUR_OWN:
        raise PermissionDeniedException("forms are taken from our own pages only")


async def fields(request: Request[None, None, State]) -> dict[str, str]:
    """Return a form's fields. Raises NotForm, BadInput."""
    if request.content_type[0] != FORM:
        raise NotForm(f"send the body as {FORM}")
    try:
        return dict(parse_qsl((await request.body()).decode("ascii"), max_num_fields=MOST_FIELDS))
    except ValueError:
        raise BadInput("the body is not a form of ours") from None
