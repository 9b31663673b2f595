"""Who may call what, and who is shown something of the mentee's: one row an operation of the OpenAPI document."""

from collections.abc import Iterable
from typing import Any, Final

from msgspec import Struct

from checkin.core.routing import ready_made
from tests.people import MONDAY

WHO: Final = (
    "nobody",
    "ended_person",
    "other_mentee",
    "other_mentor",
    "former_mentor",
    "cover_ended",
    "cover_to_come",
    "clinician",
    "stranger",
    "mentee",
    "cover",
    "mentor",
    "coordinator",
)
"""In the order they call: those with the least to do with the mentee first. The stranger coordinates elsewhere.

The clinician is a clinical contact the mentee has not agreed to.
"""
SIGNED_IN: Final = WHO[1:]
MENTEES: Final = ("mentee", "other_mentee")
STAFF: Final = tuple(one for one in SIGNED_IN if one not in (*MENTEES, "ended_person"))
HELPERS: Final = ("mentor", "cover", "coordinator")
Json = dict[str, Any]  # Any: JSON


class Row(Struct, frozen=True, kw_only=True):
    """What everybody is answered, who is shown something of the mentee's, and what is sent: JSON, or a *text*."""

    statuses: dict[str, int]
    shows: frozenset[str] = frozenset()
    body: Json | None = None
    text: str | None = None


def only(
    *who: str,
    ok: int = 200,
    shows: Iterable[str] = (),
    body: Json | None = None,
    text: str | None = None,
    **others: int,
) -> Row:
    """Return a row in which there is nothing here for anybody but *who*, nor for those named in *others*."""
    statuses = {"nobody": 401} | dict.fromkeys(SIGNED_IN, 404) | dict.fromkeys(who, ok) | {"ended_person": 401} | others
    return Row(statuses=statuses, shows=frozenset(shows), body=body, text=text)


def everybody(*, shows: Iterable[str] = (), body: Json | None = None, **others: int) -> Row:
    """Return a row in which everybody who is signed in reads or changes their own."""
    return only(*SIGNED_IN, shows=shows, body=body, text=None, **others)


def open_to_all(status: int) -> Row:
    return Row(statuses=dict.fromkeys(WHO, status))


ANSWER: Final[Json] = {
    "mood": 7,
    "hope": 6,
    "answered_at": f"{MONDAY}T14:30:00-05:00",
    "time_zone": "America/New_York",
}
SOMEBODY: Final[Json] = {
    "name": "Hal",
    "phone": "+1 212 555 0190",
    "roles": ["mentor"],
    "language": "en",
    "time_zone": "America/New_York",
}
FILE: Final = "program,name,phone,roles,time_zone,language\nHarbor,Hal,+1 212 555 0191,mentor,America/New_York,en\n"

ACCESS: Final[dict[str, Row]] = {
    "getMe": everybody(shows=["mentee"]),
    "patchMe": everybody(shows=["mentee"], body={"language": "es"}),
    "getTrend": only(*MENTEES),
    "listAccess": everybody(),
    "listConsents": only(*MENTEES),
    "putConsent": only(*MENTEES, body={"given": False}),
    "putCheckIn": only(*MENTEES, body=ANSWER),
    "sendCheckIns": only(*MENTEES, body={"items": [ANSWER | {"day": f"{MONDAY}"}]}),
    "listChanges": everybody(shows=["mentee", *HELPERS]),
    "getCheckIn": only("mentee", shows=["mentee"]),
    "listCheckIns": everybody(shows=["mentee"]),
    "listNudges": everybody(),
    "previewNudges": everybody(),
    "listMenteeNudges": only("coordinator"),
    "previewMenteeNudges": only("coordinator"),
    "askForCall": only(*MENTEES),
    "askForHelp": only(*MENTEES, body={"topic": "food"}),
    "listHelpRequests": everybody(shows=["mentee"]),
    "listMenteeHelpRequests": everybody(shows=HELPERS),
    "takeHelpRequest": only(*HELPERS, shows=HELPERS, body={}),
    "endHelpRequest": only("cover", shows=["cover"], body={"outcome": "helped"}, mentor=409, coordinator=409),
    "getGroup": only(),
    "listMentees": everybody(shows=["mentor", "cover"]),
    "getMentee": only(*HELPERS, shows=HELPERS),
    "getNudgePlan": only(*MENTEES),
    "patchNudgePlan": only(*MENTEES, body={"times": ["17:00"]}),
    "getMenteeNudgePlan": only("coordinator"),
    "patchMenteeNudgePlan": only("coordinator", body={"times": ["16:00"]}),
    "listAlerts": everybody(shows=HELPERS),
    "acknowledgeAlert": only(*HELPERS, shows=HELPERS),
    "getAlert": only(*HELPERS, shows=HELPERS),
    "snoozeAlert": only(*HELPERS, shows=HELPERS),
    "handOverAlert": only(*HELPERS, shows=HELPERS),
    "recordAlertOutcome": only(*HELPERS, shows=HELPERS, body={"outcome": "no_answer"}),
    "reopenAlert": only(),
    "getAvailability": only(*STAFF),
    "changeAvailability": only(*STAFF, body={"limit": 5}),
    "listMentorLoad": only("coordinator", "stranger"),
    "getAlertRules": only("coordinator"),
    "patchAlertRules": only("coordinator", body={"false_alerts_per_year": 3}),
    "tryAlertRules": only("coordinator", body={"false_alerts_per_year": 3}),
    "listPeople": only("coordinator", "stranger", shows=["coordinator"]),
    "getPerson": only("coordinator", shows=["coordinator"]),
    "invitePerson": only("coordinator", "stranger", ok=201, body=SOMEBODY),
    "importPeople": only("coordinator", "stranger", text=FILE, stranger=400),
    "patchPerson": only("coordinator", shows=["coordinator"], body={"language": "es"}),
    "endPerson": only("coordinator", shows=["coordinator"]),
    "listAssignments": only("coordinator", shows=["coordinator"]),
    "addAssignment": only(
        "coordinator", ok=201, shows=["coordinator"], body={"mentor_id": "{other_mentor}", "kind": "cover"}
    ),
    "endAssignment": only("coordinator", shows=["coordinator"]),
    "transferAssignment": only("coordinator", ok=201, shows=["coordinator"], body={"mentor_id": "{other_mentor}"}),
    "listPrograms": only("coordinator", "stranger"),
    "getProgram": only("coordinator"),
    "patchProgram": only("coordinator", body={"first_names": True}),
    "activateProgram": only("coordinator"),
    "getRouting": only("coordinator"),
    "putRouting": only("coordinator", body={"source": ready_made("clinic-attached")}),
    "listOnCall": only("coordinator"),
    "putOnCall": only("coordinator", coordinator=400),
    "deleteOnCall": only("coordinator", ok=204),
    "listHolidays": only("coordinator"),
    "putHoliday": only("coordinator", body={"name": "Founders' day"}),
    "deleteHoliday": only("coordinator", ok=204),
    "requestCode": Row(statuses=dict.fromkeys(WHO, 429) | {"nobody": 202}, body={"phone": "+1 212 555 0101"}),
    "createTokens": Row(statuses=dict.fromkeys(WHO, 400), body={"request_id": "{other_mentor}", "code": "123456"}),
    "refreshTokens": Row(statuses=dict.fromkeys(WHO, 401), body={"refresh_token": "a" * 60}),
    "signOut": only(),
    "listSessions": everybody(),
    "endSession": only(),
    "putDevice": everybody(body={"platform": "ios", "app_version": "1.0"}),
    "getDevice": only(),
    "deleteDevice": only(*SIGNED_IN, ok=204, ended_person=401),
    "receiveSms": open_to_all(403),
    "receiveStatus": open_to_all(403),
    "isAlive": open_to_all(200),
    "isReady": open_to_all(200),
}
