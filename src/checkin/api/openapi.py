"""The OpenAPI document's own words, and where it is served."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from litestar import Response, Router
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Contact, License, OpenAPI, Server, Tag

from checkin.api import schema
from checkin.api.auth import OPEN
from checkin.api.components import Json


@dataclass
class Document(OpenAPI):
    """Litestar's document, put right on every way out."""

    handlers: Sequence[HTTPRouteHandler] = ()

    @property
    def _exclude_fields(self) -> set[str]:
        return {"handlers"}

    def to_schema(self) -> Json:
        return schema.put_right(super().to_schema(), self.handlers)


@dataclass
class DocumentConfig(OpenAPIConfig):
    """The configuration Litestar takes, made to return our Document of *handlers*."""

    handlers: Sequence[HTTPRouteHandler] = ()

    def to_openapi_schema(self) -> OpenAPI:
        plain = super().to_openapi_schema()
        return Document(**{field.name: getattr(plain, field.name) for field in fields(plain)}, handlers=self.handlers)


def config(handlers: Sequence[HTTPRouteHandler]) -> OpenAPIConfig:
    """Return the configuration of a document about *handlers*, served at /schema/openapi.json to anybody."""
    return DocumentConfig(
        title="checkin",
        version="0.1.0",
        summary="Daily mood and hope check-ins, and a peer mentor who hears when someone is falling.",
        description="Times are RFC 3339 with an offset; the local day is `day`, the zone `time_zone` (IANA). "
        "Optional fields are left out, never null. Errors are RFC 9457 problems. Clients must expect new fields "
        "and new values in answers.",
        contact=Contact(name="The checkin authors"),
        license=License(name="MIT", url="https://opensource.org/license/mit"),
        servers=[Server(url="/", description="This server, be it local, staging or production")],
        tags=[
            Tag(name="sign-in", description="A code by text, tokens for it, and where you are signed in."),
            Tag(name="devices", description="Where a push may go."),
            Tag(name="me", description="One's own entry."),
            Tag(name="check-ins", description="A mentee's own answers."),
            Tag(name="sync", description="What has changed since you asked last."),
            Tag(name="nudges", description="When a mentee is asked, and why they were not."),
            Tag(name="alerts", description="What a human should look at."),
            Tag(name="help", description="Asking for a human, and seeing to what is asked."),
            Tag(name="mentees", description="Those one stands by now."),
            Tag(name="people", description="A program's people and who stands by whom, for its coordinators."),
            Tag(name="programs", description="What a program has chosen, for its coordinators."),
            Tag(name="carrier", description="What Twilio posts to us."),
            Tag(name="operation", description="Is it up, and can it work."),
        ],
        openapi_router=Router("/schema", route_handlers=[], include_in_schema=False, opt=OPEN, after_request=_problem),
        render_plugins=[JsonRenderPlugin()],
        handlers=handlers,
    )


async def _problem(response: Response[Any]) -> Response[Any]:  # Any: the document, or Litestar's own page
    """Answer what is not there as a problem; Litestar would send a page of HTML."""
    if response.status_code == 404:
        raise NotFoundException
    return response
