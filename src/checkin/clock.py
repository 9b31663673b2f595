"""The only place where the time is read; everything else is handed `now`."""

from datetime import UTC, datetime, timedelta


class Clock:
    """Tells the time in UTC. In development it can be *ahead*; it never runs behind."""

    def __init__(self, ahead: timedelta = timedelta()) -> None:
        self.ahead = ahead

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead
