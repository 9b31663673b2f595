"""The SQL, and nothing else: one module a subject, each statement above the function that runs it."""

from checkin.store import alerts, audit, check_ins, ids, inbox, nudges, outbox, people, pool, sandbox, vault

__all__ = ["alerts", "audit", "check_ins", "ids", "inbox", "nudges", "outbox", "people", "pool", "sandbox", "vault"]
