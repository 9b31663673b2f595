"""Who is calling: bearer tokens (JWT, HS256), made here and checked by Litestar's middleware."""

import base64
import hashlib
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import jwt
from jwt.algorithms import HMACAlgorithm
from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException
from litestar.middleware import AuthenticationResult
from litestar.security.jwt import JWTAuth, JWTAuthenticationMiddleware, Token
from msgspec import Struct

from checkin import store

ISSUER: Final = "checkin"
AUDIENCE: Final = "checkin"
ALGORITHM: Final = "HS256"
LIFETIME: Final = timedelta(minutes=15)
LONGEST_TOKEN: Final = 4096  # characters; ours have about 300
OPEN: Final = {"exclude_from_auth": True}
ASKS_ITSELF: Final = {"asks_itself": True}
"""For operations whose own statement refuses whoever has left or ended the session: they are spared a look before."""


class Actor(Struct, frozen=True):
    """Whose token it is, and in which session it was made, if in one.

    What they may do is decided by the SQL that carries their id.
    """

    id: UUID
    session: UUID | None = None


class AccessToken(Token):
    """A token whose header names the key it was signed with, by an id and nothing else."""

    @classmethod
    def decode_payload(cls, encoded_token: str, secret: str, *args: Any, **options: Any) -> Any:  # Any: Litestar's own
        """Return the claims. *secret* holds every key that is good. Raises jwt.InvalidTokenError."""
        key = _keys(secret).get(_key_named(encoded_token.partition(".")[0]))
        if key is None:
            raise jwt.InvalidSignatureError
        return jwt.decode(encoded_token, key, *args, **options)


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


async def _actor(token: Token, connection: ASGIConnection[Any, Any, Any, Any]) -> Actor | None:  # Any: Litestar's own
    """Return whose token it is; nobody once they have left, or have ended the session it was made in."""
    session = token.extras.get("sid")
    try:
        actor = Actor(UUID(token.sub), None if session is None else UUID(session))
    except (ValueError, TypeError, AttributeError):
        return None
    if "asks_itself" in connection.route_handler.opt:
        return actor
    async with connection.app.state.pool.acquire() as conn:
        return actor if await store.sessions.may_call(conn, actor.id, actor.session) else None


def bearer(secrets: str) -> JWTAuth[Actor, Token]:
    """Return the check every operation passes through that is not marked OPEN; *secrets* as in the settings."""
    return JWTAuth[Actor, Token](
        token_secret=secrets,
        token_cls=AccessToken,
        retrieve_user_handler=_actor,
        algorithm=ALGORITHM,
        accepted_audiences=[AUDIENCE],
        accepted_issuers=[ISSUER],
        require_claims=["sub", "exp", "iat", "aud", "iss"],
        exclude_http_methods=[],
        authentication_middleware_class=OneBearer,
        openapi_security_scheme_name="bearer",
        description="An access token, good for 15 minutes.",
    )


def mint(
    person: UUID, secrets: str, now: datetime, lifetime: timedelta = LIFETIME, *, session: UUID | None = None
) -> str:
    """Return an access token for *person*, signed with the first of *secrets*.

    *now* is the real time, whatever a sandbox's clock says.
    """
    kid, key = next(iter(_keys(secrets).items()))
    claims = {"sub": str(person), "exp": now + lifetime, "iat": now, "iss": ISSUER, "aud": AUDIENCE}
    if session is not None:
        claims["sid"] = str(session)
    return jwt.encode(claims, key.key, ALGORITHM, headers={"kid": kid})


@lru_cache(maxsize=64)
def _key_named(header: str) -> str:
    """Return the key id in a token's first segment, "" for none: all our tokens begin alike, so it is read once.

    Raises jwt.InvalidTokenError.
    """
    named: str = jwt.get_unverified_header(f"{header}..").get("kid", "")
    return named


@lru_cache(maxsize=8)
def _keys(secrets: str) -> dict[str, jwt.PyJWK]:
    """Return the keys of the setting, by what tokens call them; the first one signs.

    Each is bound to our algorithm, whatever a token's header says.
    """
    return {key_id(one): _key(one) for one in map(str.strip, secrets.split(",")) if one}


def _key(secret: str) -> jwt.PyJWK:
    octets = base64.urlsafe_b64encode(secret.encode()).rstrip(b"=").decode()
    key = jwt.PyJWK({"kty": "oct", "k": octets}, ALGORITHM)
    key.Algorithm = _Prepared(key.Algorithm.prepare_key(key.key))
    return key


class _Prepared(HMACAlgorithm):
    """HS256 with a key that was looked at when it was read: whether it is one is not asked again for each token."""

    def __init__(self, key: bytes) -> None:
        super().__init__(HMACAlgorithm.SHA256)
        self._key = key

    def prepare_key(self, key: str | bytes) -> bytes:
        """Return the one key there is."""
        return self._key


def key_id(secret: str) -> str:
    """Return what a token's header calls the key it was signed with: nothing that helps to guess it."""
    return hashlib.sha256(b"kid\0" + secret.encode()).hexdigest()[:16]
