"""Sealed values open only where they were sealed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkin.store.vault import BadKeys, CannotOpen, Vault

OLD, NEW, LOOKUP = "k1:" + "11" * 32, "k2:" + "22" * 32, "lookup" * 8


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_what_was_sealed_opens_again(text: str) -> None:
    vault = Vault(OLD, LOOKUP)

    assert vault.open("people.name", "7", vault.seal("people.name", "7", text)) == text


@pytest.mark.parametrize(("place", "row"), [("people.name", "8"), ("people.phone", "7")])
def test_a_value_moved_elsewhere_does_not_open(place: str, row: str) -> None:
    vault = Vault(OLD, LOOKUP)
    sealed = vault.seal("people.name", "7", "Ana")

    with pytest.raises(CannotOpen):
        vault.open(place, row, sealed)


def test_after_rotation_old_values_open_and_new_ones_use_the_new_key() -> None:
    sealed = Vault(OLD, LOOKUP).seal("people.name", "7", "Ana")
    rotated = Vault(f"{NEW},{OLD}", LOOKUP)

    assert rotated.open("people.name", "7", sealed) == "Ana"
    assert rotated.seal("people.name", "7", "Ana").startswith(b"k2:")


def test_without_the_key_nothing_opens() -> None:
    sealed = Vault(OLD, LOOKUP).seal("people.name", "7", "Ana")

    with pytest.raises(CannotOpen):
        Vault(NEW, LOOKUP).open("people.name", "7", sealed)


def test_the_same_text_is_never_sealed_the_same_way_twice() -> None:
    vault = Vault(OLD, LOOKUP)

    assert vault.seal("people.name", "7", "Ana") != vault.seal("people.name", "7", "Ana")


@pytest.mark.parametrize("keys", ["", "k1", "k1:12", "k1:" + "zz" * 32, "k-1:" + "11" * 32])
def test_bad_keys_are_refused(keys: str) -> None:
    with pytest.raises(BadKeys):
        Vault(keys, LOOKUP)


def test_a_short_lookup_key_is_refused() -> None:
    with pytest.raises(BadKeys):
        Vault(OLD, "short")
