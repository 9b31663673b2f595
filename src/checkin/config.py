"""Settings: read from the environment once, checked at once, refused in one clear line."""

import hmac
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct

PREFIX = "CHECKIN_"
SANDBOX_ACCOUNT = "AC" + "0" * 32
SANDBOX_SENDER = "+15005550006"
LONG_CODE_RATE = 1.0  # messages a second that carriers take from an ordinary number
PRETEND_RATE = 1000.0
SECRETS = ("database_url", "token_secret", "encryption_keys", "lookup_key", "twilio_auth_token")


class BadSettings(Exception):
    """The settings cannot be used; the message says which one and what to do."""


class CarrierSettings(Struct, frozen=True, kw_only=True):
    """What the carrier knows us by; callbacks may be signed with any of *tokens*, the first one signs."""

    account_sid: str
    tokens: list[str]
    sender: str


class Settings(Struct, frozen=True, kw_only=True):
    """One field a setting; `CHECKIN_` and the upper-cased name is its environment variable.

    Secrets may also come from a file named by the same variable with `_FILE` behind it.
    """

    env: Literal["development", "production"] = "development"
    database_url: str = ""
    public_url: str = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8000
    workers: Annotated[int, Meta(ge=1, le=64)] = 1
    pool_size: Annotated[int, Meta(ge=1, le=200)] = 8
    statement_cache: Annotated[int, Meta(ge=0, le=1000)] = 200
    tick_ms: Annotated[int, Meta(ge=20, le=60_000)] = 1000
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    var: str = "var"
    token_secret: str = ""
    encryption_keys: str = ""
    lookup_key: str = ""
    twilio_account_sid: str = ""
    twilio_auth_token: str = ""
    twilio_from: str = ""
    twilio_api_url: str = "https://api.twilio.com"
    sender_rate: Annotated[float, Meta(ge=0, le=1000)] = 0

    @property
    def is_sandbox(self) -> bool:
        """Whether texts go to pretend phones, because no carrier is set."""
        return not self.twilio_account_sid

    @property
    def rate(self) -> float:
        """Messages a second that may leave: as set, else what a long code may send, or plenty to pretend phones."""
        if self.sender_rate:
            return self.sender_rate
        host = urlsplit(self.twilio_api_url).hostname or ""
        is_real = not self.is_sandbox and (host == "twilio.com" or host.endswith(".twilio.com"))
        return LONG_CODE_RATE if is_real else PRETEND_RATE

    @property
    def carrier(self) -> CarrierSettings:
        """The account at the carrier; the sandbox has one of its own, signed with a token nobody is told."""
        if self.is_sandbox:
            token = hmac.digest(self.token_secret.encode(), b"sandbox", "sha256").hex()
            return CarrierSettings(account_sid=SANDBOX_ACCOUNT, tokens=[token], sender=SANDBOX_SENDER)
        tokens = [token.strip() for token in self.twilio_auth_token.split(",") if token.strip()]
        return CarrierSettings(account_sid=self.twilio_account_sid, tokens=tokens, sender=self.twilio_from)


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; without secrets in development, make some and keep them under `var`.

    Raises BadSettings with one line that names the variable.
    """
    environ = os.environ if environ is None else environ
    settings = _read(environ)
    if settings.env == "production":
        _refuse_unsafe(settings)
    else:
        settings = _with_development_secrets(settings)
    if (settings.twilio_account_sid == "") != (settings.twilio_auth_token == "") or (
        settings.twilio_account_sid and not settings.twilio_from
    ):
        raise BadSettings("set CHECKIN_TWILIO_ACCOUNT_SID, CHECKIN_TWILIO_AUTH_TOKEN and CHECKIN_TWILIO_FROM together")
    if urlsplit(settings.public_url).scheme not in ("http", "https") or not urlsplit(settings.public_url).netloc:
        raise BadSettings("CHECKIN_PUBLIC_URL must be an address such as https://checkin.example.org")
    return settings


def _read(environ: Mapping[str, str]) -> Settings:
    given: dict[str, str] = {}
    for field in Settings.__struct_fields__:
        name = PREFIX + field.upper()
        if name in environ:
            given[field] = environ[name]
        elif field in SECRETS and name + "_FILE" in environ:
            try:
                given[field] = Path(environ[name + "_FILE"]).read_text().strip()
            except OSError as problem:
                raise BadSettings(f"{name}_FILE cannot be read: {problem.strerror}") from None
    try:
        return msgspec.convert(given, Settings, strict=False)
    except msgspec.ValidationError as problem:
        message = str(problem)
        field = message.rpartition("$.")[2].rstrip("`") if "$." in message else ""
        raise BadSettings(f"{PREFIX}{field.upper()}: {message.partition(' - at')[0]}") from None


def _refuse_unsafe(settings: Settings) -> None:
    needed = {
        "CHECKIN_DATABASE_URL": settings.database_url,
        "CHECKIN_TWILIO_ACCOUNT_SID": settings.twilio_account_sid,
        "CHECKIN_TOKEN_SECRET": settings.token_secret,
        "CHECKIN_ENCRYPTION_KEYS": settings.encryption_keys,
        "CHECKIN_LOOKUP_KEY": settings.lookup_key,
    }
    missing = [name for name, value in needed.items() if not value]
    if missing:
        raise BadSettings(f"CHECKIN_ENV=production needs {', '.join(missing)}: no embedded database, no pretend phones")
    if len(settings.token_secret) < 32:
        raise BadSettings("CHECKIN_TOKEN_SECRET is shorter than 32 characters; `checkin secrets` prints a new one")
    if urlsplit(settings.public_url).scheme != "https":
        raise BadSettings("CHECKIN_PUBLIC_URL must begin with https:// in production")


def _with_development_secrets(settings: Settings) -> Settings:
    if settings.token_secret and settings.encryption_keys and settings.lookup_key:
        return settings
    kept = Path(settings.var) / "development-secrets.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    if not kept.exists():
        fresh = kept.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_bytes(msgspec.json.encode(new_secrets()))
        try:
            os.link(fresh, kept)  # whoever is first wins; two starters end with the same secrets
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    made = msgspec.json.decode(kept.read_bytes(), type=dict[str, str])
    return msgspec.structs.replace(
        settings,
        token_secret=settings.token_secret or made["token_secret"],
        encryption_keys=settings.encryption_keys or made["encryption_keys"],
        lookup_key=settings.lookup_key or made["lookup_key"],
    )


def new_secrets() -> dict[str, str]:
    """Return fresh random secrets, in the form their settings take."""
    return {
        "token_secret": secrets.token_urlsafe(48),
        "encryption_keys": f"k1:{secrets.token_hex(32)}",
        "lookup_key": secrets.token_hex(32),
    }
