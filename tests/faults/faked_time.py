"""A wall clock that real processes believe and a test sets: libfaketime, told by a file; their steady clock goes on."""

from datetime import datetime
from itertools import chain
from pathlib import Path

from checkin.clock import Clock
from tests.skipping import skip

LIBRARIES = ("/usr/lib", "/usr/local/lib", "/opt")
NAME = "libfaketimeMT.so.1"


class FakedTime:
    """The time that processes with `environ` see. It is theirs alone: the test and PostgreSQL keep the real one."""

    def __init__(self, folder: Path) -> None:
        self._library = _library()
        self._file = folder / "faketime"

    @property
    def environ(self) -> dict[str, str]:
        """Return what a process needs in its environment; asyncio's own clock is left alone, as on a real machine."""
        return {
            "LD_PRELOAD": str(self._library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def set(self, now: datetime, times: int = 1) -> None:
        """Let it be *now* (UTC). A pace of *times* the real one counts from the start of a process: set it before."""
        ahead = (now - Clock().now()).total_seconds()
        told = self._file.with_suffix(".new")
        told.write_text(f"{ahead:+.3f}" + (f" x{times}" if times != 1 else ""))
        told.replace(self._file)


def _library() -> Path:
    found = chain.from_iterable(Path(folder).glob(f"**/faketime/{NAME}") for folder in LIBRARIES)
    library = next(found, None)
    if library is None:
        skip("no libfaketime; `apt-get install faketime`")
    return library
