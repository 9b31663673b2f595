"""ETags of single resources: what a client has read, and whether that still stands (RFC 9110, section 13)."""

from hashlib import blake2b
from typing import Annotated, TypeVar

import msgspec
from litestar import Response
from litestar.params import HeaderParameter
from msgspec import Struct

from checkin.core.errors import NotRead, Stale

View = TypeVar("View", bound=Struct)
LONGEST = 512  # characters; ours have 34
IfMatch = Annotated[
    str | None,
    HeaderParameter(name="If-Match", min_length=1, max_length=LONGEST, description="The ETag you read; needed"),
]
IfNoneMatch = Annotated[
    str | None,
    HeaderParameter(name="If-None-Match", min_length=1, max_length=LONGEST, description="The ETag you have"),
]


def tag(view: Struct) -> str:
    """Return the strong ETag of a resource: a hash of all it says."""
    return f'"{blake2b(msgspec.json.encode(view), digest_size=16).hexdigest()}"'


def refuse_stale(if_match: str | None, view: Struct) -> None:
    """Raise NotRead when a change says nothing of the state it was made from, Stale when that is not *view*."""
    if if_match is None:
        raise NotRead("read it first, and send its ETag in If-Match")
    if not _names(if_match, tag(view)):
        raise Stale("it was changed since you read it; read it again")


def answer(view: View, if_none_match: str | None = None) -> Response[View]:
    """Return *view* with its ETag, or 304 when that is what the client has."""
    headers = {"ETag": tag(view)}
    if if_none_match is not None and _names(if_none_match.replace("W/", ""), headers["ETag"]):
        return Response(None, status_code=304, headers=headers)  # type: ignore[arg-type]  # a 304 has no body
    return Response(view, status_code=200, headers=headers)


def _names(given: str, found: str) -> bool:
    return any(one.strip() in ("*", found) for one in given.split(","))
