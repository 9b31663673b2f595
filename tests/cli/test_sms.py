"""`checkin sms read`, one text a line in and one JSON object a line out."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from checkin.cli.sms import sms

KEYS = ["kind", "mood", "hope", "note", "days", "topic", "number"]


def run(*arguments: str, sent: bytes = b"") -> list[dict[str, object]]:
    result = CliRunner().invoke(sms, ["read", *arguments], input=sent, catch_exceptions=False)
    assert result.exit_code == 0
    return [json.loads(line) for line in result.stdout_bytes.decode().splitlines()]


def test_every_line_becomes_one_object_with_every_key() -> None:
    lines = run(sent=b"7 5 rough day\nneed a ride\n\npause 2 weeks")

    assert [line["kind"] for line in lines] == ["scores", "practical_help", "ignore", "pause"]
    assert all(list(line) == KEYS for line in lines)
    assert lines[0] == dict.fromkeys(KEYS) | {"kind": "scores", "mood": 7, "hope": 5, "note": "rough day"}


def test_a_mentors_texts_are_read_as_a_mentors() -> None:
    lines = run("--as", "mentor", sent=b"CALLED 41 she is ok\nPASS 41\n")

    assert [(line["kind"], line["number"], line["note"]) for line in lines] == [
        ("called", 41, "she is ok"),
        ("pass", 41, None),
    ]


def test_yes_is_read_as_from_somebody_invited() -> None:
    assert run(sent=b"YES\n")[0]["kind"] == "opt_in"


@pytest.mark.parametrize("sent", [b"\xff\xfe7 5\n", b"\xed\xa0\xbd\n", b"\x00\n", b"7 5 \xf0\x9f\n"])
def test_bytes_that_are_no_text_crash_nothing(sent: bytes) -> None:
    assert len(run(sent=sent)) == 1


def test_only_the_line_ending_is_stripped() -> None:
    lines = run(sent="mood 7\u2028hope 5\r\n7\r5\n7\x0b5\n".encode())

    assert [(line["kind"], line["mood"], line["hope"]) for line in lines] == [("scores", 7, 5)] * 3


def test_a_file_can_be_named(tmp_path: Path) -> None:
    texts = tmp_path / "texts.txt"
    texts.write_text("skip\nstop\n", encoding="utf-8")

    lines = run(str(texts))

    assert [line["kind"] for line in lines] == ["skip", "opt_out"]


def test_an_answer_comes_before_the_next_text_is_sent() -> None:
    program = [sys.executable, "-m", "checkin.cli", "sms", "read"]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as talk:
        assert talk.stdin is not None
        assert talk.stdout is not None

        talk.stdin.write(b"7 5\n")
        talk.stdin.flush()
        first = talk.stdout.readline()
        talk.stdin.close()

    assert json.loads(first)["kind"] == "scores"


def test_the_help_teaches_by_example() -> None:
    result = CliRunner().invoke(sms, ["read", "--help"])

    assert 'echo "7 5 rough day" | checkin sms read' in result.output
