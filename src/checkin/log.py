"""Structured logs: dotted facts as JSON lines on standard error, with ids and counts only."""

import logging
import sys

import structlog


def configure(level: str = "info") -> None:
    """Send structlog's events and the libraries' warnings to standard error, one JSON object a line."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s", force=True)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a beat that finds the last one still at work is fine
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
