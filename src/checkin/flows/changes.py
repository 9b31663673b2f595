"""Somebody asks what has changed for them: what there is now is held against what they were told before."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Generic, TypeVar

import msgspec
from msgspec import Struct

from checkin import core, store
from checkin.core.changes import KEPT, Feed, Key, Known, Place
from checkin.core.errors import CursorExpired
from checkin.core.people import Person
from checkin.store.pool import Connection

T = TypeVar("T")


class Change(Struct, frozen=True):
    """One thing that is new, different or gone."""

    key: Key
    is_gone: bool


class Page(Struct, Generic[T], frozen=True, kw_only=True):
    """What has changed as it is shown, in the order in which it did, how far that goes, and whether there is more."""

    items: list[T]
    place: Place
    has_more: bool


Seen = Mapping[Key, Struct]
See = Callable[[Connection, Person, datetime], Awaitable[Seen]]
"""All that a person may see now, each thing as it would be shown."""
Show = Callable[[Connection, Person, list[Change], Seen, datetime], Awaitable[list[T]]]
"""Changes as they go out; what is somebody else's is written down as looked at."""


async def tell(
    conn: Connection, reader: Person, since: Place | None, limit: int, now: datetime, see: See, show: Show[T]
) -> Page[T]:
    """Return up to *limit* changes in what *reader* may see, since they last asked, and remember what they were told.

    Without *since* everything is new, and nothing is gone. Raises CursorExpired when what went after *since* is
    forgotten.
    """
    instance = await store.feeds.instance(conn)
    async with conn.transaction():
        feed = await store.feeds.lock(conn, reader.id, instance)
        seen = await see(conn, reader, now)
        changes, place, has_more = await _compare(conn, feed, seen, since, limit, now)
        return Page(items=await show(conn, reader, changes, seen, now), place=place, has_more=has_more)


async def _compare(
    conn: Connection, feed: Feed, seen: Seen, since: Place | None, limit: int, now: datetime
) -> tuple[list[Change], Place, bool]:
    if since is not None and not core.changes.can_go_on(feed, since):
        raise CursorExpired("begin anew without a cursor; what does not come then is gone")
    known = await store.feeds.known(conn, feed.person_id)
    tags = {key: _tag(conn, thing) for key, thing in seen.items()}
    again = feed.forgotten if since is None else 0  # where a page ends must not lie before what is forgotten
    compared = core.changes.compare(known, tags, again)
    said = [(key, tags[key], False) for key in compared.changed]
    said += [(key, known[key].tag, True) for key in compared.gone]
    news = {key: Known(version, tag, gone) for version, (key, tag, gone) in enumerate(said, feed.version + 1)}
    if news:
        await store.feeds.tell(conn, feed.person_id, news, now)
    for key in news:
        known.pop(key, None)
    after = 0 if since is None else since.version
    ahead = [
        (key, one)
        for key, one in {**known, **news}.items()
        if one.version > after and not (since is None and one.is_gone)
    ]
    shown, has_more = ahead[:limit], len(ahead) > limit
    version = shown[-1][1].version if has_more else feed.version + len(news)
    return [Change(key, one.is_gone) for key, one in shown], Place(feed.id, version), has_more


def _tag(conn: Connection, thing: Struct) -> bytes:
    return conn.vault.hash("feed", msgspec.json.encode(thing).decode())[:16]


async def forget(conn: Connection, now: datetime) -> dict[str, int]:
    """Forget what has been gone for so long that nobody is told any more; returns how many things."""
    gone = await store.feeds.forget(conn, now - KEPT)
    return {"forgotten": gone} if gone else {}
