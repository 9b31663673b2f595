"""What every error code of the carrier asks of us."""

from enum import StrEnum
from typing import Final


class Remedy(StrEnum):
    """What an error asks of us."""

    STOP_SMS = "stop_sms"  # all SMS to the number, consent withdrawn by way of the carrier, the mentor is told
    SUSPEND_NUMBER = "suspend_number"  # SMS to the number, `unreachable` alert
    GIVE_UP = "give_up"  # no retry, the operator is told
    STOP_SENDER = "stop_sender"  # our set-up: open the circuit, tell the operator, messages wait
    BACK_OFF = "back_off"  # not accepted, safe to repeat soon
    WAIT_FOR_ROOM = "wait_for_room"  # queue full or daily cap: back off to the end of the window
    NEXT_CHANNEL = "next_channel"  # not this text again; an alert goes on by push or to the next person
    RETRY_LATER = "retry_later"  # the handset: a nudge once more after `HANDSET_WAIT`, an alert elsewhere at once
    CHECK = "check"  # it may have gone out: wait for the callback, then look it up
    LET_GO = "let_go"  # its time is over; nothing else to do


# https://www.twilio.com/docs/api/errors
_BY_CODE: Final[dict[int, Remedy]] = {
    21610: Remedy.STOP_SMS,
    **dict.fromkeys((21211, 21614, 21612, 30005, 30006), Remedy.SUSPEND_NUMBER),
    **dict.fromkeys((21408, 30450), Remedy.GIVE_UP),
    **dict.fromkeys((20003, 21212, 21603, 21606, 21703, 21704, 30002, 30032, 30034), Remedy.STOP_SENDER),
    **dict.fromkeys((20429, 14107), Remedy.BACK_OFF),
    **dict.fromkeys((21611, 30001, 30022, 30023, 30027, 63038), Remedy.WAIT_FOR_ROOM),
    **dict.fromkeys((30004, 30007), Remedy.NEXT_CHANNEL),
    **dict.fromkeys((30003, 30008, 30017, 30410), Remedy.RETRY_LATER),
    30036: Remedy.LET_GO,  # it waited at the carrier until its validity ended: late is worse than not at all
    21617: Remedy.GIVE_UP,  # too long: every text is tested, so this is a defect of ours
}


def is_known(code: int) -> bool:
    """Say whether the table has a row for an error code."""
    return code in _BY_CODE


def remedy(code: int | None, status: int | None) -> Remedy:
    """Return what an error code asks of us; for an unknown one, what the HTTP status does (None in a callback)."""
    if code is not None and code in _BY_CODE:
        return _BY_CODE[code]
    if status is None:
        return Remedy.GIVE_UP
    if status == 429:
        return Remedy.BACK_OFF
    if status >= 500:
        return Remedy.CHECK
    if status in (401, 403, 404) or status < 400:
        return Remedy.STOP_SENDER
    return Remedy.GIVE_UP
