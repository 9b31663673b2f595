"""Litestar, which answers HEAD as it would GET, but without the body (RFC 9110, section 9.3.2)."""

from litestar import Litestar
from litestar.enums import HttpMethod, ScopeType
from litestar.types import LifeSpanReceive, LifeSpanScope, LifeSpanSend, Message, Receive, Scope, Send


class Application(Litestar):
    """Every path that takes GET takes HEAD, whatever handler it leads to."""

    async def __call__(
        self, scope: Scope | LifeSpanScope, receive: Receive | LifeSpanReceive, send: Send | LifeSpanSend
    ) -> None:
        if scope["type"] == "lifespan" or scope["type"] == ScopeType.WEBSOCKET or scope["method"] != "HEAD":
            await super().__call__(scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)  # type: ignore[arg-type]  # not the life span's, as looked at above

        as_get = scope.copy()
        as_get["method"] = HttpMethod.GET
        await super().__call__(as_get, receive, send_head)
