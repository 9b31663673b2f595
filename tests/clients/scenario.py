"""What scenario.ts plays, with the generated Python client."""

import json
import os
import re
import time
import urllib.request
from datetime import UTC, date, datetime
from typing import Any

from checkin_client import AuthenticatedClient, Client
from checkin_client.api.alerts import acknowledge_alert, list_alerts
from checkin_client.api.check_ins import get_trend, list_check_ins, put_check_in, send_check_ins
from checkin_client.api.sign_in import create_tokens, request_code
from checkin_client.api.sync import list_changes
from checkin_client.models import CheckInBatch, DatedCheckIn, NewCheckIn, NewCode, NewTokens, Problem
from checkin_client.types import UNSET

play = json.loads(os.environ["PLAY"])


def code_on_the_phone() -> str:
    """Wait for the code on the pretend phone, as a person would look at a real one."""
    for _ in range(100):
        with urllib.request.urlopen(f"{play['base']}/sandbox/state?mentee={play['mentee']}") as answered:
            phones = json.load(answered)["phones"]
        texts = [text["body"] for phone in phones if phone["phone"] == play["phone"] for text in phone["texts"]]
        codes = [found[1] for text in texts if (found := re.match(r"(\d{6}) (is your code|es tu codigo)", text))]
        if codes:
            return codes[-1]
        time.sleep(0.1)
    raise AssertionError("no code came")


def read_on(cursor: object) -> tuple[list[Any], object]:  # Any: what only the generated client knows
    """Read on from *cursor* until there is no more; return what came, and where to go on."""
    found = []
    while True:
        page = list_changes.sync(client=mentee, limit=2, cursor=cursor)
        found += page.items
        cursor = page.next_cursor
        if not page.has_more:
            return found, cursor


def answer(number: int, **more: object) -> dict[str, object]:
    """Return what is said on one day; each day is worse than the one before."""
    now = datetime.now(UTC)  # noqa: TID251 - a client has the real time only
    return {"mood": 5 - number, "hope": 6 - number, "answered_at": now, "time_zone": play["zone"], **more}


asked = request_code.sync(client=Client(base_url=play["base"]), body=NewCode(phone=play["phone"]))
given = NewTokens(request_id=asked.request_id, code=code_on_the_phone())
tokens = create_tokens.sync(client=Client(base_url=play["base"]), body=given)
assert str(tokens.person_id) == play["mentee"], tokens
mentee = AuthenticatedClient(base_url=play["base"], token=tokens.access_token)
mentor = AuthenticatedClient(base_url=play["base"], token=play["mentor"])

kept = CheckInBatch(
    [DatedCheckIn(day=date.fromisoformat(day), **answer(number)) for number, day in enumerate(play["days"])]
)
assert {one.outcome for one in send_check_ins.sync(client=mentee, body=kept).items} == {"stored"}
assert {one.outcome for one in send_check_ins.sync(client=mentee, body=kept).items} == {"unchanged"}

everything, place = read_on(UNSET)
assert sorted(one.id for one in everything if one.kind == "check_in") == play["days"], everything

last = NewCheckIn(**answer(2, note=play["note"]))
stored = put_check_in.sync(date.fromisoformat(play["days"][-1]), client=mentee, body=last)
changed, after = read_on(place)
assert [one.check_in for one in changed if one.kind == "check_in"] == [stored], changed
assert read_on(after)[0] == []

trend = get_trend.sync(client=mentee)
assert (trend.learning, trend.answers) == (True, len(play["days"])), trend

listed = list_check_ins.sync(client=mentee, limit=2)
older = list_check_ins.sync(client=mentee, limit=2, cursor=listed.next_cursor)
assert [str(one.day) for one in listed.items + older.items] == play["days"][::-1], (listed, older)
assert older.next_cursor is UNSET, older

[alert] = list_alerts.sync(client=mentor).items
taken = acknowledge_alert.sync(alert.id, client=mentor)
assert taken.yours, taken

refused = list_check_ins.sync(client=mentee, limit=101)
assert isinstance(refused, Problem), refused
assert refused.status == 400, refused
