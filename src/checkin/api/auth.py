"""Who is calling: bearer tokens (JWT, HS256), made here and checked by Litestar's middleware."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException
from litestar.middleware import AuthenticationResult
from litestar.security.jwt import JWTAuth, JWTAuthenticationMiddleware, Token
from msgspec import Struct

ISSUER: Final = "checkin"
AUDIENCE: Final = "checkin"
LIFETIME: Final = timedelta(minutes=15)
LONGEST_TOKEN: Final = 4096  # characters; ours have about 250
OPEN: Final = {"exclude_from_auth": True}


class Actor(Struct, frozen=True):
    """Whose token it is. What they may do is decided by the SQL that carries their id."""

    id: UUID


class OneBearer(JWTAuthenticationMiddleware):
    """Takes exactly one `Authorization: Bearer`; Litestar's own takes any scheme, and the first of several."""

    async def authenticate_request(
        self, connection: ASGIConnection[Any, Any, Any, Any]
    ) -> AuthenticationResult:  # Any: Litestar's own
        """Return whose token it is. Raises NotAuthorizedException."""
        given = connection.headers.getall("authorization", [])
        scheme, _, token = given[0].partition(" ") if len(given) == 1 else ("", "", "")
        if scheme.lower() != "bearer" or len(token) > LONGEST_TOKEN:
            raise NotAuthorizedException
        return await self.authenticate_token(token, connection)


async def _actor(token: Token, _: ASGIConnection[Any, Any, Any, Any]) -> Actor | None:  # Any: Litestar's own
    try:
        return Actor(UUID(token.sub))
    except ValueError:
        return None


def bearer(secret: str) -> JWTAuth[Actor, Token]:
    """Return the check every operation passes through that is not marked OPEN."""
    return JWTAuth[Actor, Token](
        token_secret=secret,
        retrieve_user_handler=_actor,
        algorithm="HS256",
        accepted_audiences=[AUDIENCE],
        accepted_issuers=[ISSUER],
        require_claims=["sub", "exp", "iat", "aud", "iss"],
        exclude_http_methods=[],
        authentication_middleware_class=OneBearer,
        openapi_security_scheme_name="bearer",
        description="An access token, good for 15 minutes.",
    )


def mint(person: UUID, secret: str, now: datetime, lifetime: timedelta = LIFETIME) -> str:
    """Return an access token for *person*; *now* is the real time, whatever a sandbox's clock says."""
    token = Token(sub=str(person), exp=now + lifetime, iat=now, iss=ISSUER, aud=AUDIENCE)
    return token.encode(secret=secret, algorithm="HS256")
