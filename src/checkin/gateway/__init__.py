"""The outside world behind a Protocol: the SMS carrier, and the services that take pushes to devices."""

from checkin.gateway import fcm, posts, push, sandbox, sealing, signatures, sms, twilio, web_push

__all__ = ["fcm", "posts", "push", "sandbox", "sealing", "signatures", "sms", "twilio", "web_push"]
