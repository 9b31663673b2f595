"""The outside world behind a Protocol: the SMS carrier today, push later."""

from checkin.gateway import sandbox, signatures, sms, twilio

__all__ = ["sandbox", "signatures", "sms", "twilio"]
