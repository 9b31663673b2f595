"""`checkin openapi`: the document is written, or compared with a file."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from checkin.cli import main


def openapi(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["openapi", *arguments])


def test_what_was_written_is_what_the_code_says_until_it_is_changed(tmp_path: Path) -> None:
    file = tmp_path / "api" / "openapi.json"

    written, same = openapi(str(file)), openapi(str(file), "--check")
    file.write_bytes(b"\xff")
    other = openapi(str(file), "--check")

    assert [written.exit_code, same.exit_code, other.exit_code] == [0, 0, 1]


@pytest.mark.parametrize(
    ("arguments", "ends_with", "said"),
    [
        (("/proc/none/openapi.json",), 1, "Error: /proc/none/openapi.json: No such file or directory"),
        (("-", "--check"), 2, "Error: --check needs a FILE to compare with"),
    ],
)
def test_a_file_that_cannot_be_is_one_line(arguments: tuple[str, ...], ends_with: int, said: str) -> None:
    done = openapi(*arguments)

    assert done.exit_code == ends_with
    assert done.stderr.splitlines()[-1] == said
