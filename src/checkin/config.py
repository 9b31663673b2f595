"""Settings: read from the environment once, checked at once, refused in one clear line."""

import hmac
import os
import secrets
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import parse_qs, urlsplit

import msgspec
import phonenumbers
from cryptography.exceptions import UnsupportedAlgorithm
from msgspec import Meta, Struct

from checkin import gateway
from checkin.store.vault import BadKeys, Vault

PREFIX = "CHECKIN_"
Network = IPv4Network | IPv6Network
SANDBOX_ACCOUNT = "AC" + "0" * 32
SANDBOX_SENDER = "+15005550006"
LONG_CODE_RATE = 1.0  # messages a second that carriers take from an ordinary number
PRETEND_RATE = 1000.0
SECRETS = (
    "database_url",
    "token_secret",
    "encryption_keys",
    "lookup_key",
    "twilio_auth_token",
    "fcm_service_account",
    "webpush_private_key",
)


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
    fcm_service_account: str = ""
    fcm_api_url: str = gateway.fcm.API_URL
    webpush_private_key: str = ""
    webpush_contact: str = ""
    webpush_services: str = gateway.web_push.SERVICES
    trusted_proxies: str = ""
    code_countries: str = ""
    codes_per_hour: Annotated[int, Meta(ge=1, le=10_000)] = 500

    @property
    def is_sandbox(self) -> bool:
        """Whether texts go to pretend phones, because no carrier is set."""
        return not self.twilio_account_sid

    @property
    def rate(self) -> float:
        """Messages a second that may leave: as set, else what a long code may send, or plenty to pretend phones."""
        if self.sender_rate:
            return self.sender_rate
        return LONG_CODE_RATE if self._texts_people else PRETEND_RATE

    @property
    def may_move_clock(self) -> bool:
        """Whether the clock may be moved on: only in development, where no text can reach a real phone."""
        return self.env == "development" and not self._texts_people

    @property
    def _texts_people(self) -> bool:
        host = urlsplit(self.twilio_api_url).hostname or ""
        return not self.is_sandbox and (host == "twilio.com" or host.endswith(".twilio.com"))

    @property
    def proxies(self) -> tuple[Network, ...]:
        """The networks whose word on where a request comes from is believed. Raises ValueError."""
        return tuple(ip_network(one.strip()) for one in self.trusted_proxies.split(",") if one.strip())

    @property
    def push_services(self) -> tuple[str, ...]:
        """Where browsers' subscriptions may lead: domains, or an origin such as http://127.0.0.1:9000 in a test."""
        return tuple(one.strip().lower() for one in self.webpush_services.split(",") if one.strip())

    @property
    def countries(self) -> frozenset[str]:
        """Where codes are sent to (ISO 3166-1); everywhere if empty."""
        return frozenset(one.strip().upper() for one in self.code_countries.split(",") if one.strip())

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
    _refuse_unreadable(settings)
    if settings.env == "production":
        _refuse_unsafe(settings)
    else:
        settings = _with_development_secrets(settings)
    if (settings.twilio_account_sid == "") != (settings.twilio_auth_token == "") or (
        settings.twilio_account_sid and not settings.twilio_from
    ):
        raise BadSettings("set CHECKIN_TWILIO_ACCOUNT_SID, CHECKIN_TWILIO_AUTH_TOKEN and CHECKIN_TWILIO_FROM together")
    _refuse_bad_secrets(settings)
    _refuse_half_push(settings)
    return settings


def _refuse_unreadable(settings: Settings) -> None:
    for name in ("public_url", "twilio_api_url", "fcm_api_url"):
        if not _is_address(getattr(settings, name)):
            raise BadSettings(f"{PREFIX}{name.upper()} must be an address such as https://checkin.example.org")
    if settings.database_url and not _is_database(settings.database_url):
        raise BadSettings(
            "CHECKIN_DATABASE_URL must read postgresql://user:password@host:port/name; in the password, "
            "write / as %2F, # as %23, ? as %3F and @ as %40"
        )
    try:
        ip_address(settings.host)
    except ValueError:
        raise BadSettings("CHECKIN_HOST must be an IP address such as 127.0.0.1 or 0.0.0.0") from None
    try:
        _ = settings.proxies
    except ValueError:
        raise BadSettings("CHECKIN_TRUSTED_PROXIES must be addresses or networks such as 10.0.0.0/8") from None
    if not settings.countries <= phonenumbers.SUPPORTED_REGIONS:
        raise BadSettings("CHECKIN_CODE_COUNTRIES must be two-letter country codes such as US, CA")


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _is_database(url: str) -> bool:
    """Say whether the driver can read *url*; it would show what it cannot read, be it of the password."""
    try:
        parts = urlsplit(url)
        hosts = parts.netloc.rpartition("@")[2].split(",")
        ports = [host.rpartition("]")[2].partition(":")[2] for host in hosts]
        ports += [port for said in parse_qs(parts.query).get("port", []) for port in said.split(",")]
        return parts.scheme in ("postgres", "postgresql") and all(int(port) < 65536 for port in ports if port)
    except ValueError:
        return False


def _refuse_bad_secrets(settings: Settings) -> None:
    if not any(part.strip() for part in settings.token_secret.split(",")):
        raise BadSettings("CHECKIN_TOKEN_SECRET is empty; `checkin secrets` prints a new one")
    try:
        Vault(settings.encryption_keys, settings.lookup_key)
    except BadKeys as problem:
        raise BadSettings(str(problem)) from None


def _refuse_half_push(settings: Settings) -> None:
    if settings.fcm_service_account:
        try:
            gateway.fcm.account(settings.fcm_service_account)
        except (ValueError, UnsupportedAlgorithm):
            raise BadSettings(
                "CHECKIN_FCM_SERVICE_ACCOUNT must be the JSON key file of a service account; "
                "CHECKIN_FCM_SERVICE_ACCOUNT_FILE may name the file"
            ) from None
    if (settings.webpush_private_key == "") != (settings.webpush_contact == ""):
        raise BadSettings("set CHECKIN_WEBPUSH_PRIVATE_KEY and CHECKIN_WEBPUSH_CONTACT together")
    if settings.webpush_private_key:
        try:
            gateway.web_push.private_key(settings.webpush_private_key)
        except ValueError:
            raise BadSettings("CHECKIN_WEBPUSH_PRIVATE_KEY is not a key; `checkin vapid` makes one") from None
        if not settings.webpush_contact.startswith(("mailto:", "https://")):
            raise BadSettings("CHECKIN_WEBPUSH_CONTACT must be like mailto:ops@example.org or https://example.org")


def _read(environ: Mapping[str, str]) -> Settings:
    given: dict[str, str] = {}
    for field in Settings.__struct_fields__:
        name = PREFIX + field.upper()
        if name in environ:
            given[field] = environ[name]
        elif field in SECRETS and name + "_FILE" in environ:
            try:
                given[field] = Path(environ[name + "_FILE"]).read_text(encoding="utf-8").strip()
            except OSError as problem:
                raise BadSettings(f"{name}_FILE cannot be read: {problem.strerror}") from None
            except UnicodeDecodeError:
                raise BadSettings(f"{name}_FILE cannot be read: it is not UTF-8") from None
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
    if min(len(secret.strip()) for secret in settings.token_secret.split(",")) < 32:
        raise BadSettings("CHECKIN_TOKEN_SECRET is shorter than 32 characters; `checkin secrets` prints a new one")
    if urlsplit(settings.public_url).scheme != "https":
        raise BadSettings("CHECKIN_PUBLIC_URL must begin with https:// in production")


def _with_development_secrets(settings: Settings) -> Settings:
    if settings.token_secret and settings.encryption_keys and settings.lookup_key:
        return settings
    kept = Path(settings.var) / "development-secrets.json"
    try:
        made = _kept_secrets(kept)
    except OSError as problem:
        raise BadSettings(f"CHECKIN_VAR: {kept} cannot be kept: {problem.strerror}") from None
    except msgspec.DecodeError:
        raise BadSettings(
            f"CHECKIN_VAR: {kept} is damaged; put back what it was, or begin with another folder"
        ) from None
    return msgspec.structs.replace(
        settings,
        token_secret=settings.token_secret or made.token_secret,
        encryption_keys=settings.encryption_keys or made.encryption_keys,
        lookup_key=settings.lookup_key or made.lookup_key,
    )


class _Secrets(Struct, frozen=True):
    token_secret: str
    encryption_keys: str
    lookup_key: str


def _kept_secrets(kept: Path) -> _Secrets:
    """Return the secrets in the file *kept*, made now if it is not there. Raises OSError, msgspec.DecodeError."""
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
    return msgspec.json.decode(kept.read_bytes(), type=_Secrets)


def new_secrets() -> dict[str, str]:
    """Return fresh random secrets, in the form their settings take."""
    return {
        "token_secret": secrets.token_urlsafe(48),
        "encryption_keys": f"k1:{secrets.token_hex(32)}",
        "lookup_key": secrets.token_hex(32),
    }
