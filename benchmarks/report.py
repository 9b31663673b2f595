"""Turn what was measured into one table and a plain verdict."""

import os
from statistics import median

from benchmarks import ours, pgbench, theirs
from benchmarks.databases import DURABLE
from benchmarks.measure import Options, Results, Round

CEILING_SHARE = 0.5  # of what the generator can send; above it, the generator is part of what is measured


def table(results: Results, options: Options) -> str:
    return "\n".join([*heading(results, options), "", *rows(results, options), "", *ratios(results), ""])


def heading(results: Results, options: Options) -> list[str]:
    found = results.settings
    return [
        f"durable check-ins: {options.rounds} rounds of {options.seconds} s, taken in turns",
        f"{options.clients} connections, {options.mentees:,} mentees, {os.cpu_count()} cores",
        f"PostgreSQL {found['server_version']} with {', '.join(f'{name} {found[name]}' for name in DURABLE)}",
        f"the load generator alone sends {results.ceiling:,.0f} a second",
    ]


def rows(results: Results, options: Options) -> list[str]:
    numbers = "".join(f"{f'round {number}':>9}" for number in range(1, options.rounds + 1))
    lines = [f"{'a second':<26}{numbers}{'median':>9}{'p50 ms':>9}{'p99 ms':>9}{'CPU s/1000':>12}{'round trips':>13}"]
    for name, taken in results.rounds.items():
        rates = "".join(f"{each.rate:>9,.0f}" for each in taken)
        trips = results.round_trips.get(name)
        lines.append(
            f"{name:<26}{rates}{middle(taken, 'rate'):>9,.0f}{middle(taken, 'p50'):>9.2f}{middle(taken, 'p99'):>9.2f}"
            + (f"{middle(taken, 'cpu'):>12.3f}{f'{trips.one} / {trips.mean:.2f}':>13}" if trips else "")
        )
    return lines


def middle(taken: list[Round], figure: str) -> float:
    values: list[float] = [getattr(each, figure) for each in taken]
    return median(values)


def ratios(results: Results) -> list[str]:
    lines = []
    for other in (theirs.NAME, pgbench.NAME):
        each = round_ratios(results, other)
        lines.append(
            f"{f'against {other}':<35}{median(each):.2f}   (by round: {', '.join(f'{one:.2f}' for one in each)})"
        )
    return lines


def round_ratios(results: Results, other: str) -> list[float]:
    """Return our rate over the *other*'s, round by round."""
    pairs = zip(results.rounds[ours.NAME], results.rounds[other], strict=True)
    return [mine.rate / their.rate for mine, their in pairs]


def shortfalls(results: Results, least_ratio: float, most_round_trips: float) -> list[str]:
    """Return a sentence for each promise that was not kept, and for each figure the generator held down."""
    found = []
    ratio = median(round_ratios(results, theirs.NAME))
    if ratio < least_ratio:
        found.append(f"NOT HELD: {ratio:.2f} times the peer, and it should be at least {least_ratio:g}")
    trips = results.round_trips[ours.NAME]
    if max(trips.one, trips.mean) > most_round_trips:
        found.append(
            f"NOT HELD: {max(trips.one, trips.mean):.2f} round trips a check-in, "
            f"and it should be at most {most_round_trips:g}"
        )
    fastest = max(each.rate for each in results.rounds[ours.NAME])
    if fastest > CEILING_SHARE * results.ceiling:
        found.append(f"NOT TRUSTED: {fastest:,.0f} a second is over half of what the load generator can send")
    return found
