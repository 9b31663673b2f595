"""Replaying a file of check-ins: the same alerts in whatever order it is written, and every bad row named."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from checkin import core
from checkin.cli.trend import BadRowsError, read, replay, trend
from checkin.core.trend import START, Report

DAY0 = date(2024, 1, 1)
HEADER = "mentee,day,mood,hope"
STEADY = [(6, 6), (7, 7), (6, 7), (7, 6)] * 6
FALLING = [*STEADY, *[(3, 2)] * 6]
PEOPLE = {"ana": FALLING, "ben": STEADY, "cem": [*STEADY[:13], (6, 1), (6, 2), (7, 1), (6, 1)]}
ROWS = [
    f"{mentee},{DAY0 + timedelta(i)},{mood},{hope}"
    for mentee, scores in PEOPLE.items()
    for i, (mood, hope) in enumerate(scores)
]


def run(text: str | bytes, *options: str) -> Result:
    return CliRunner().invoke(trend, ["replay", *options, "-"], input=text)


def found(result: Result) -> list[dict[str, object]]:
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def problems(*rows: str, header: str = HEADER) -> Iterator[str]:
    with pytest.raises(BadRowsError) as caught:
        read(StringIO("\n".join([header, *rows]), newline=""))
    return iter(str(caught.value).splitlines())


@settings(max_examples=30)
@given(st.data())
def test_any_order_batching_and_duplication_of_rows_gives_the_same_alerts(data: st.DataObject) -> None:
    expected = list(replay([HEADER, *ROWS]))
    again = data.draw(st.lists(st.sampled_from(ROWS), max_size=20))
    arriving = data.draw(st.permutations([*ROWS, *again]))

    alerts = list(replay([HEADER, *arriving]))

    assert {alert.mentee for alert in alerts} == {"ana", "cem"}
    assert alerts == expected


def test_every_alert_is_one_line_with_its_numbers_and_its_sentence() -> None:
    reports = [Report(DAY0 + timedelta(i), mood, hope) for i, (mood, hope) in enumerate(FALLING)]
    (fall,) = core.trend.fold(START, reports)[1]

    (alert,) = found(run("\n".join([HEADER, *ROWS[: len(FALLING)]])))

    assert alert == {
        "mentee": "ana",
        "day": fall.day.isoformat(),
        "channel": "both",
        "since": "2024-01-25",
        "reports": fall.reports,
        "mean_mood": 3.0,
        "mean_hope": 2.0,
        "usual_mood": fall.usual_mood,
        "usual_hope": fall.usual_hope,
        "sentence": core.trend.sentence("ana", fall),
    }


def test_more_false_alerts_a_year_find_falls_sooner() -> None:
    text = "\n".join([HEADER, *ROWS])

    days = {choice: str(found(run(text, "--false-alerts", choice))[0]["day"]) for choice in ("1", "2", "6")}

    assert days["6"] < days["2"] <= days["1"]


def test_two_false_alerts_a_year_are_the_default() -> None:
    text = "\n".join([HEADER, *ROWS])

    assert run(text).stdout == run(text, "--false-alerts", "2").stdout


def test_columns_may_come_in_any_order_with_others_among_them() -> None:
    plain = "\n".join([HEADER, *ROWS])
    cells = [row.split(",") for row in ROWS]
    shuffled = "\n".join(["Hope,note, day ,mentee,mood", *(f'{h},"a, b", {d} ,{m},{x}' for m, d, x, h in cells)])

    alerts = found(run(shuffled))

    assert alerts == found(run(plain))


def test_a_file_saved_by_a_spreadsheet_reads_like_any_other() -> None:
    plain = "\n".join([HEADER, *ROWS])
    saved = b"\xef\xbb\xbf" + "\r\n".join(['"mentee",day,mood,hope', "", *ROWS, "", ""]).encode()

    alerts = found(run(saved))

    assert len(alerts) == 2
    assert alerts == found(run(plain))


def test_a_file_is_read_from_its_path(tmp_path: Path) -> None:
    path = tmp_path / "check-ins.csv"
    path.write_text("\n".join([HEADER, *ROWS]))

    result = CliRunner().invoke(trend, ["replay", str(path)])

    assert [alert["mentee"] for alert in found(result)] == ["ana", "cem"]


def test_names_keep_their_letters() -> None:
    rows = [row.replace("ana", "Zoë") for row in ROWS[: len(FALLING)]]

    (alert,) = found(run("\n".join([HEADER, *rows])))

    assert str(alert["sentence"]).startswith("Zoë's mood and hope have been below")


def test_a_header_alone_finds_nobody() -> None:
    assert found(run(HEADER)) == []


def test_zero_written_with_a_minus_sign_is_zero() -> None:
    histories = read([HEADER, "ana,2024-01-01,-0,0"])

    assert histories == {"ana": [Report(DAY0, 0, 0)]}


@pytest.mark.parametrize("score", ["7.0", "11", "-1", "x", "07", "+7", "٧", "1e1"])
def test_a_score_that_is_not_a_whole_number_to_ten_is_named(score: str) -> None:
    named = problems("ana,2024-01-01,5,5", f"ana,2024-01-02,{score},5", f"ana,2024-01-03,5,{score}")

    assert list(named) == [
        f"line 3: mood is {score!r}, expected a whole number from 0 to 10",
        f"line 4: hope is {score!r}, expected a whole number from 0 to 10",
    ]


@pytest.mark.parametrize("day", ["2024-02-30", "20240101", "2024-1-1", "2024-W01-1", "01/02/2024", "2024-01-01T00"])
def test_a_day_that_is_not_a_date_is_named(day: str) -> None:
    named = problems(f"ana,{day},5,5")

    assert list(named) == [f"line 2: day is {day!r}, expected a date such as 2026-03-31"]


def test_everything_wrong_with_a_row_is_named_at_once() -> None:
    named = problems(" ,,,")

    assert list(named) == [
        "line 2: day is empty, expected a date such as 2026-03-31",
        "line 2: hope is empty, expected a whole number from 0 to 10",
        "line 2: mentee is empty, expected a name or number",
        "line 2: mood is empty, expected a whole number from 0 to 10",
    ]


def test_rows_of_another_width_are_named() -> None:
    named = problems("ana,2024-01-01,5", "ana,2024-01-02,5,5,5")

    assert list(named) == [
        "line 2: 3 columns, expected 4 as in the header",
        "line 3: 5 columns, expected 4 as in the header",
    ]


def test_two_different_answers_for_one_day_are_named() -> None:
    named = problems("ana,2024-01-01,5,5", "ben,2024-01-01,6,5", "ana,2024-01-01,5,5", "ana,2024-01-01,6,5")

    assert list(named) == [
        "line 5: 'ana' has another answer for 2024-01-01: mood 5 and hope 5 on line 2, expected one answer a day"
    ]


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    named = problems("", '"an\na",2024-01-01,5,5', "ana,2024-01-02,5,x", 'ana,"2024-01-03,5,5', "ana,2024-01-04,5,5")

    assert [problem.split(":")[0] for problem in named] == ["line 5", "line 6"]


@pytest.mark.parametrize(
    ("header", "wrong"),
    [
        ("mentee,day,mood", "no column hope"),
        ("mentee;day;mood;hope", "no column mentee, no column day, no column mood, no column hope"),
        ("mentee,day,mood,hope,mood", "column mood more than once"),
    ],
)
def test_a_header_that_does_not_fit_is_named(header: str, wrong: str) -> None:
    named = problems("ana,2024-01-01,5,5", header=header)

    assert list(named) == [f"line 1: {wrong}; expected a header with mentee,day,mood,hope, found {header!r}"]


def test_an_empty_file_is_told_what_it_lacks() -> None:
    result = run("")

    assert result.exit_code == 2
    assert "expected a header with mentee,day,mood,hope, found 'nothing'" in result.stderr


@pytest.mark.parametrize("line", [b"zo\xeb,2024-03-01,5,5", b"\xff\xfe"])
def test_text_that_is_not_utf_8_is_named(line: bytes) -> None:
    result = run("\n".join([HEADER, *ROWS, ""]).encode() + line)

    assert result.exit_code == 2
    assert f"line {len(ROWS) + 2}: not UTF-8 text, expected the file saved as CSV in UTF-8" in result.stderr


def test_one_bad_row_among_good_ones_prints_no_alert() -> None:
    result = run("\n".join([HEADER, *ROWS, "ana,2024-03-01,7.0,5"]))

    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        f"line {len(ROWS) + 2}: mood is '7.0', expected a whole number from 0 to 10",
        "Nothing was replayed: correct the lines above and try again.",
    ]


def test_a_missing_file_and_an_unknown_choice_are_refused() -> None:
    missing = CliRunner().invoke(trend, ["replay", "/nowhere/check-ins.csv"])
    unknown = run(HEADER, "--false-alerts", "5")

    assert (missing.exit_code, unknown.exit_code) == (2, 2)
    assert "No such file or directory" in missing.stderr
    assert "'5' is not one of '1', '2', '3', '4', '6'" in unknown.stderr


def test_nothing_but_alerts_is_printed_where_nobody_watches() -> None:
    result = run("\n".join([HEADER, *ROWS]))

    assert result.stderr == ""
    assert all(line.startswith("{") for line in result.stdout.splitlines())


def test_the_help_shows_a_file_and_a_command() -> None:
    result = CliRunner().invoke(trend, ["replay", "--help"])

    assert "mentee,day,mood,hope" in result.stdout
    assert "trend replay check-ins.csv" in result.stdout
    assert "--false-alerts [1|2|3|4|6]" in result.stdout
