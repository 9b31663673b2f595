"""Settings are checked at once, and refused in one clear line."""

from pathlib import Path

import pytest

from checkin.config import BadSettings, load

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
        ({"CHECKIN_PORT": "eighty"}, "CHECKIN_PORT"),
        ({"CHECKIN_PORT": "70000"}, "CHECKIN_PORT"),
        ({"CHECKIN_ENV": "staging"}, "CHECKIN_ENV"),
    ],
)
def test_production_refuses_what_is_missing_or_unsafe(change: dict[str, str], told: str) -> None:
    with pytest.raises(BadSettings, match=told):
        load(GOOD | change)


def test_secrets_may_come_from_files(tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text("f" * 40 + "\n")
    given = {name: value for name, value in GOOD.items() if name != "CHECKIN_TOKEN_SECRET"}

    assert load(given | {"CHECKIN_TOKEN_SECRET_FILE": str(secret)}).token_secret == "f" * 40


def test_a_secret_file_that_is_not_there_is_named() -> None:
    with pytest.raises(BadSettings, match="CHECKIN_LOOKUP_KEY_FILE"):
        load({"CHECKIN_LOOKUP_KEY_FILE": "/nowhere"})


def test_development_needs_nothing_and_keeps_its_secrets(tmp_path: Path) -> None:
    first = load({"CHECKIN_VAR": str(tmp_path)})
    second = load({"CHECKIN_VAR": str(tmp_path)})

    assert first.is_sandbox
    assert first.token_secret == second.token_secret
    assert (tmp_path / "development-secrets.json").stat().st_mode & 0o077 == 0
