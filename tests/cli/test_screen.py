"""The command that shows how texts are screened."""

import json

from click.testing import CliRunner

from checkin.cli.screen import screen


def run(sent: bytes) -> list[dict[str, str | None]]:
    result = CliRunner().invoke(screen, input=sent)
    assert result.exit_code == 0
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_each_line_becomes_one_object_with_tier_and_family() -> None:
    found = run(b"i want to die\nran 10 kms\n\nno quiero morir\n")

    assert [one["tier"] for one in found] == ["A", "none", "none", "C"]
    assert [one["family"] for one in found] == ["wish to die", None, None, "wish to die"]


def test_bytes_that_are_no_text_are_read_all_the_same() -> None:
    assert run(b"\xff\xfe 7 5\r\n") == [{"tier": "none", "family": None}]


def test_the_help_says_what_it_is_not() -> None:
    shown = " ".join(CliRunner().invoke(screen, ["--help"]).stdout.split())

    assert "not triage" in shown
    assert "not clinically validated" in shown
