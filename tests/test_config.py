"""Settings are checked at once, and refused in one clear line."""

from pathlib import Path

import pytest

from checkin import runtime
from checkin.clock import Clock
from checkin.config import BadSettings, load
from checkin.runtime import Runtime
from checkin.store.pool import Pool
from tests.pretend_push import PretendPush

GOOD = {
    "CHECKIN_ENV": "production",
    "CHECKIN_DATABASE_URL": "postgresql://checkin@db/checkin",
    "CHECKIN_PUBLIC_URL": "https://checkin.example.org",
    "CHECKIN_TOKEN_SECRET": "s" * 40,
    "CHECKIN_ENCRYPTION_KEYS": "k1:" + "11" * 32,
    "CHECKIN_LOOKUP_KEY": "l" * 40,
    "CHECKIN_TWILIO_ACCOUNT_SID": "AC1",
    "CHECKIN_TWILIO_AUTH_TOKEN": "new, old",
    "CHECKIN_TWILIO_FROM": "+15005550006",
}
WEB_PUSH = {
    "CHECKIN_WEBPUSH_PRIVATE_KEY": "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw",
    "CHECKIN_WEBPUSH_CONTACT": "mailto:ops@example.org",
}


def test_a_whole_production_environment_is_taken() -> None:
    settings = load(GOOD)

    assert not settings.is_sandbox
    assert settings.carrier.tokens == ["new", "old"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"CHECKIN_DATABASE_URL": ""}, "CHECKIN_DATABASE_URL"),
        ({"CHECKIN_TWILIO_ACCOUNT_SID": ""}, "CHECKIN_TWILIO_ACCOUNT_SID"),
        ({"CHECKIN_TWILIO_FROM": ""}, "CHECKIN_TWILIO_FROM"),
        ({"CHECKIN_TOKEN_SECRET": "short"}, "CHECKIN_TOKEN_SECRET"),
        ({"CHECKIN_TOKEN_SECRET": ""}, "CHECKIN_TOKEN_SECRET"),
        ({"CHECKIN_ENCRYPTION_KEYS": ""}, "CHECKIN_ENCRYPTION_KEYS"),
        ({"CHECKIN_LOOKUP_KEY": ""}, "CHECKIN_LOOKUP_KEY"),
        ({"CHECKIN_PUBLIC_URL": "http://checkin.example.org"}, "CHECKIN_PUBLIC_URL"),
        ({"CHECKIN_PUBLIC_URL": "checkin"}, "CHECKIN_PUBLIC_URL"),
        ({"CHECKIN_TOKEN_SECRET": f"{'n' * 40}, short"}, "CHECKIN_TOKEN_SECRET"),
        ({"CHECKIN_TOKEN_SECRET": "n" * 40 + ","}, "CHECKIN_TOKEN_SECRET"),
        ({"CHECKIN_ENCRYPTION_KEYS": "garbage"}, "CHECKIN_ENCRYPTION_KEYS must read"),
        ({"CHECKIN_LOOKUP_KEY": "garbage"}, "CHECKIN_LOOKUP_KEY is shorter"),
        ({"CHECKIN_PUBLIC_URL": "https://[bad"}, "CHECKIN_PUBLIC_URL must be an address"),
        ({"CHECKIN_PUBLIC_URL": "https://:443"}, "CHECKIN_PUBLIC_URL must be an address"),
        ({"CHECKIN_TWILIO_API_URL": "http://[bad"}, "CHECKIN_TWILIO_API_URL must be an address"),
        ({"CHECKIN_FCM_API_URL": "fcm"}, "CHECKIN_FCM_API_URL must be an address"),
        ({"CHECKIN_HOST": "nohost"}, "CHECKIN_HOST must be an IP address"),
        ({"CHECKIN_TRUSTED_PROXIES": "10.0.0.0/8, proxy.internal"}, "CHECKIN_TRUSTED_PROXIES"),
        ({"CHECKIN_TRUSTED_PROXIES": "10.0.0.1/8"}, "CHECKIN_TRUSTED_PROXIES"),
        ({"CHECKIN_CODE_COUNTRIES": "US, Narnia"}, "CHECKIN_CODE_COUNTRIES"),
        ({"CHECKIN_CODES_PER_HOUR": "0"}, "CHECKIN_CODES_PER_HOUR"),
        ({"CHECKIN_PORT": "eighty"}, "CHECKIN_PORT"),
        ({"CHECKIN_PORT": "70000"}, "CHECKIN_PORT"),
        ({"CHECKIN_ENV": "staging"}, "CHECKIN_ENV"),
        ({"CHECKIN_FCM_SERVICE_ACCOUNT": "key.json"}, "CHECKIN_FCM_SERVICE_ACCOUNT must be the JSON key file"),
        ({"CHECKIN_FCM_SERVICE_ACCOUNT": '{"project_id": "harbor"}'}, "CHECKIN_FCM_SERVICE_ACCOUNT must be"),
        ({"CHECKIN_FCM_SERVICE_ACCOUNT_FILE": "/nowhere"}, "CHECKIN_FCM_SERVICE_ACCOUNT_FILE cannot be read"),
        ({"CHECKIN_WEBPUSH_PRIVATE_KEY": "A" * 43}, "CHECKIN_WEBPUSH_CONTACT together"),
        ({"CHECKIN_WEBPUSH_CONTACT": "mailto:ops@example.org"}, "CHECKIN_WEBPUSH_CONTACT together"),
        (WEB_PUSH | {"CHECKIN_WEBPUSH_PRIVATE_KEY": "A" * 42}, "CHECKIN_WEBPUSH_PRIVATE_KEY is not a key"),
        (WEB_PUSH | {"CHECKIN_WEBPUSH_PRIVATE_KEY": "A" * 43}, "CHECKIN_WEBPUSH_PRIVATE_KEY is not a key"),
        (WEB_PUSH | {"CHECKIN_WEBPUSH_CONTACT": "ops@example.org"}, "CHECKIN_WEBPUSH_CONTACT must be like"),
    ],
)
def test_production_refuses_what_is_missing_or_unsafe(change: dict[str, str], told: str) -> None:
    with pytest.raises(BadSettings, match=told):
        load(GOOD | change)


@pytest.mark.parametrize(
    "url",
    [
        "mysql://checkin@db/checkin",
        "postgresql://checkin:hush@db:port/checkin",
        "postgresql://checkin:hush/hush@db/checkin",
        "postgresql://checkin:hush@[db/checkin",
        "postgresql://checkin:hush@db:70000/checkin",
        "postgresql://checkin:hush@one:5432,two:hush/checkin",
        "postgresql:///checkin?host=/run&port=hush",
    ],
)
def test_a_database_address_that_cannot_be_read_is_named_and_not_shown(url: str) -> None:
    with pytest.raises(BadSettings, match="CHECKIN_DATABASE_URL must read") as refused:
        load(GOOD | {"CHECKIN_DATABASE_URL": url})

    assert "hush" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgres://checkin:p%40ss@db:5432/checkin?sslmode=require",
        "postgresql://checkin@[::1]:5432,two/checkin",
        "postgresql:///checkin?host=/run/postgresql&port=5433",
    ],
)
def test_every_address_the_driver_reads_is_taken(url: str) -> None:
    assert load(GOOD | {"CHECKIN_DATABASE_URL": url}).database_url == url


async def test_what_is_set_up_for_push_is_what_pushes_go_through(pool: Pool) -> None:
    async with PretendPush() as service:
        account = service.account
    given = WEB_PUSH | {"CHECKIN_FCM_SERVICE_ACCOUNT": account}
    settings = [load(GOOD | one) for one in ({}, WEB_PUSH, given)]

    found = [list(runtime.pushers(Runtime(one, pool, Clock()))) for one in settings]

    assert found == [[], ["web_push"], ["fcm", "web_push"]]


def test_proxies_and_countries_are_lists() -> None:
    given = {"CHECKIN_TRUSTED_PROXIES": "127.0.0.1, fd00::/8", "CHECKIN_CODE_COUNTRIES": "us, CA"}

    settings = load(GOOD | given)

    assert [str(one) for one in settings.proxies] == ["127.0.0.1/32", "fd00::/8"]
    assert settings.countries == {"US", "CA"}


def test_secrets_may_come_from_files(tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text("f" * 40 + "\n")
    given = {name: value for name, value in GOOD.items() if name != "CHECKIN_TOKEN_SECRET"}

    assert load(given | {"CHECKIN_TOKEN_SECRET_FILE": str(secret)}).token_secret == "f" * 40


def test_a_secret_file_that_is_not_there_is_named() -> None:
    with pytest.raises(BadSettings, match="CHECKIN_LOOKUP_KEY_FILE"):
        load({"CHECKIN_LOOKUP_KEY_FILE": "/nowhere"})


def test_a_secret_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_bytes(b"\xff")

    with pytest.raises(BadSettings, match="CHECKIN_TOKEN_SECRET_FILE cannot be read: it is not UTF-8"):
        load({"CHECKIN_TOKEN_SECRET_FILE": str(secret)})


@pytest.mark.parametrize("folder", ["/dev/null/x", "/proc/x"])
def test_a_folder_that_cannot_be_made_is_named(folder: str) -> None:
    with pytest.raises(BadSettings, match=f"CHECKIN_VAR: {folder}/"):
        load({"CHECKIN_VAR": folder})


@pytest.mark.parametrize("kept", ["{", "{}", "[]", "\xff"])
def test_secrets_that_were_kept_and_are_damaged_are_named_and_left(tmp_path: Path, kept: str) -> None:
    file = tmp_path / "development-secrets.json"
    file.write_text(kept, encoding="latin-1")

    with pytest.raises(BadSettings, match="is damaged; put back"):
        load({"CHECKIN_VAR": str(tmp_path)})

    assert file.read_text(encoding="latin-1") == kept


def test_a_token_secret_of_commas_is_none(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="CHECKIN_TOKEN_SECRET is empty"):
        load({"CHECKIN_VAR": str(tmp_path), "CHECKIN_TOKEN_SECRET": " , "})


def test_development_needs_nothing_and_keeps_its_secrets(tmp_path: Path) -> None:
    first = load({"CHECKIN_VAR": str(tmp_path)})
    second = load({"CHECKIN_VAR": str(tmp_path)})

    assert first.is_sandbox
    assert first.token_secret == second.token_secret
    assert (tmp_path / "development-secrets.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("change", "moves"),
    [
        ({"CHECKIN_ENV": "development"}, False),
        ({"CHECKIN_ENV": "development", "CHECKIN_TWILIO_API_URL": "http://127.0.0.1:9"}, True),
        ({"CHECKIN_ENV": "production", "CHECKIN_TWILIO_API_URL": "http://127.0.0.1:9"}, False),
    ],
)
def test_the_clock_moves_only_in_development_and_without_the_real_carrier(change: dict[str, str], moves: bool) -> None:
    assert load(GOOD | change).may_move_clock is moves


def test_the_clock_of_the_pretend_phones_moves(tmp_path: Path) -> None:
    assert load({"CHECKIN_VAR": str(tmp_path)}).may_move_clock
