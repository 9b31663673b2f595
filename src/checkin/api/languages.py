"""In which language sentences are told: the one the caller asks for, or else the person's own."""

from typing import Any

from litestar import Request

from checkin import core


def of(request: Request[Any, Any, Any], own: str) -> str:  # Any: any request
    """Return the language that Accept-Language asks for, *own* without one of ours; the answer will name it."""
    told = core.catalogues.preferred(request.headers.get("accept-language", ""), own)
    request.scope["state"]["language"] = told
    return told
