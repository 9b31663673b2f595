"""The counts a fault test ends with, for people who run it with `pytest -s` or read the output of one that failed."""

import sys


def tell(fault: int, **counts: object) -> None:
    """Print one line: the fault's number in docs/operations.md, and what was counted."""
    said = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in counts.items())
    sys.stdout.write(f"\nfault {fault}: {said}\n")
