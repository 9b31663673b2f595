"""What a text costs: the alphabet, septets, segments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkin.core import segments


def test_the_alphabet_is_the_one_of_the_standard() -> None:
    assert len(segments.BASIC) == 127  # 128 places, one of them the escape
    assert len(segments.EXTENDED) == 10
    assert not segments.BASIC & segments.EXTENDED


@pytest.mark.parametrize("text", ["ñ ¿ ¡ é ü à", "@£$¥", "Ω {x} [y] ~ ^ | \\ €", "line\nbreak", ""])
def test_what_the_alphabet_has(text: str) -> None:
    assert segments.is_gsm(text)


@pytest.mark.parametrize("text", ["á", "í", "ó", "ú", "ç", "’", "“", "–", "…", "`", "\t", "🙂", "Ł", "م"])
def test_what_the_alphabet_lacks(text: str) -> None:
    assert not segments.is_gsm(text)
    with pytest.raises(ValueError, match="not in the GSM alphabet"):
        segments.septets(text)


@pytest.mark.parametrize(("text", "length"), [("", 0), ("hola", 4), ("año", 3), ("{}", 4), ("5 €", 4)])
def test_an_extended_character_is_two_septets(text: str, length: int) -> None:
    assert segments.septets(text) == length


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("€" * 152, 2),
        ("€" * 153, 3),  # 76 in each of several: an escape is not torn from what it escapes
        ("á" * 70, 1),
        ("á" * 71, 2),
        ("á" * 134, 2),
        ("á" * 135, 3),
        ("🙂" * 35, 1),
        ("🙂" * 36, 2),
        ("🙂" * 66, 2),
        ("🙂" * 67, 3),  # 33 in each of several
        ("a" * 69 + "á", 1),
        ("a" * 70 + "á", 2),
    ],
)
def test_segments_are_counted_as_carriers_bill_them(text: str, count: int) -> None:
    assert segments.segments(text) == count


@pytest.mark.parametrize(
    ("text", "limit", "held"),
    [("a" * 160, 1, True), ("a" * 161, 1, False), ("a" * 161, 2, True), ("á", 1, False)],
)
def test_a_text_fits_when_it_is_gsm_and_short_enough(text: str, limit: int, held: bool) -> None:
    assert segments.fits(text, limit) is held


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Fundación Raíces", "Fundacion Raices"),
        ("Año Ñandú", "Año Ñandu"),
        ("Łódź", "Lodz"),
        ("Ben’s — “Place”", 'Ben\'s - "Place"'),
        ("café", "café"),
        ("  two \t words \n", "two words"),
        ("مركز", ""),
        ("Casa 🏠 Abierta", "Casa Abierta"),
    ],
)
def test_plain_keeps_what_the_alphabet_has_and_takes_off_the_other_accents(text: str, plain: str) -> None:
    assert segments.plain(text) == plain


@given(st.text())
def test_plain_is_always_gsm_and_stays_as_it_is(text: str) -> None:
    plain = segments.plain(text)

    assert segments.is_gsm(plain)
    assert segments.plain(plain) == plain


@given(st.text(max_size=400), st.text(max_size=40))
def test_more_words_never_take_fewer_segments_of_the_same_alphabet(text: str, more: str) -> None:
    if segments.is_gsm(text) == segments.is_gsm(text + more):
        assert segments.segments(text) <= segments.segments(text + more)
