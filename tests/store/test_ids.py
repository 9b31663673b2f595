"""Row ids are UUIDs of version 7, made one by one or many at once."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from checkin import store

NOW = datetime(2026, 11, 23, 20, 0, 0, 123_000, tzinfo=UTC)
MANY = 1000


def test_one_id_says_its_version_variant_and_millisecond() -> None:
    made = store.ids.new_id(NOW)

    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert _stamp(made) == NOW


@pytest.mark.parametrize("count", [0, 1, MANY])
def test_many_ids_are_as_those_made_one_by_one(count: int) -> None:
    made = store.ids.new_ids(NOW, count)

    assert len(set(made)) == count
    assert {(one.version, one.variant, _stamp(one)) for one in made} <= {(7, "specified in RFC 4122", NOW)}


def test_an_id_of_many_is_a_uuid_wherever_one_is_read() -> None:
    [made] = store.ids.new_ids(NOW, 1)

    assert isinstance(made, UUID)
    assert made == UUID(str(made))
    assert hash(made) == hash(UUID(str(made)))
    assert msgspec.json.decode(msgspec.json.encode(made), type=UUID) == made


def _stamp(made: UUID) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=made.int >> 80)
