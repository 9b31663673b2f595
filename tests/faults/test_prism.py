"""Fault 7: every request we make of Twilio is one that Twilio's own OpenAPI document allows, says Prism."""

import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from checkin.core.delivery import Accepted, Refused, Uncertain
from checkin.gateway.twilio import Twilio
from tests.faults.counts import tell
from tests.gateway.test_twilio import LONG_AGO, MESSAGE
from tests.running import free_port
from tests.skipping import skip

INSTALLED = Path(__file__).parents[1] / "prism" / "node_modules"
ACCOUNT, SERVICE = "AC" + "1" * 32, "MG" + "2" * 32
HOW = "`make prism-tools` fetches it, or CHECKIN_TWILIO_OPENAPI says where it is"
READY_WITHIN = 120  # seconds; npx may have to fetch Prism first


def document() -> Path:
    found = Path(os.environ.get("CHECKIN_TWILIO_OPENAPI") or INSTALLED / "twilio_api_v2010.json")
    if not found.is_file():
        skip(f"Twilio's OpenAPI document is not here; {HOW}", missing="Twilio's OpenAPI document")
    return found


def prism() -> list[str]:
    """Return the command that starts Prism: ours, the system's, or npx, which fetches it."""
    if installed := shutil.which("prism", path=INSTALLED / ".bin") or shutil.which("prism"):
        return [installed]
    npx = shutil.which("npx")
    if npx is None:
        skip("neither Prism nor npx is here; `make prism-tools` fetches it", missing="Prism")
    return [npx, "--yes", "@stoplight/prism-cli@5"]


@pytest.fixture
def api(tmp_path: Path) -> Iterator[str]:
    """The address of a Prism that refuses what the document does not allow, and else answers with its examples.

    Not with `--errors`: some of the examples break rules of the document themselves.
    """
    spec, command, port = document(), prism(), free_port()
    log = tmp_path / "prism.log"
    with log.open("wb") as words:
        running = subprocess.Popen(
            [*command, "mock", "--host", "127.0.0.1", "--port", str(port), str(spec)],
            stdout=words,
            stderr=words,
            start_new_session=True,
        )
    try:
        until_it_listens(f"http://127.0.0.1:{port}", log)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()


def until_it_listens(address: str, log: Path) -> None:
    for _ in range(READY_WITHIN * 5):
        try:
            urllib.request.urlopen(address, timeout=2)
        except urllib.error.HTTPError:  # there is nothing at the root, and that is Prism's own answer
            return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(log.read_text()[-2000:])


def carrier_at(api: str, account: str = ACCOUNT, sender: str = "+15550100000") -> Twilio:
    return Twilio(account, "t" * 32, sender, api_url=api)


async def test_prism_finds_nothing_wrong_with_our_requests(api: str) -> None:
    number, service = carrier_at(api), carrier_at(api, sender=SERVICE)
    short = replace(MESSAGE, body="OK", valid_for=timedelta(seconds=1))
    sent = [
        await carrier.send(message)
        for carrier in (number, service)
        for message in (MESSAGE, short, replace(MESSAGE, valid_for=timedelta(hours=10)))
    ]

    looked_up = await number.find(MESSAGE, LONG_AGO)

    await number.close()
    await service.close()
    allowed = [isinstance(answer, Accepted) for answer in sent] + [not isinstance(looked_up, Uncertain)]
    tell(7, requests_prism_allowed=sum(allowed), of=len(allowed))
    assert all(allowed), [*sent, looked_up]


@pytest.mark.parametrize(
    "wrong", [{"account": "AC" + "z" * 32}, {"sender": "MG" + "z" * 32}], ids=["in the address", "in the body"]
)
async def test_prism_does_refuse_what_the_document_does_not_allow(api: str, wrong: dict[str, str]) -> None:
    carrier = carrier_at(api, **wrong)

    answer = await carrier.send(MESSAGE)

    await carrier.close()
    assert isinstance(answer, Refused)
    assert answer.status == 422
