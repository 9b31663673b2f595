"""The zones of the mentees in fault tests: with and without clock changes, half hours, and both ends of a day."""

ZONES = (
    "America/New_York",
    "America/Los_Angeles",
    "America/Phoenix",
    "America/St_Johns",
    "America/Santiago",
    "Pacific/Honolulu",
    "Europe/London",
    "UTC",
)
