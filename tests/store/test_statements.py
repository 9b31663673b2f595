"""Every SQL constant is prepared against the migrated schema, and the schema keeps its own rules."""

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from checkin import store
from checkin.cli.database import migrations, write_schema
from checkin.store.pool import SCHEMA_VERSION, Connection
from tests.people import Cast
from tests.phones import text


def statements() -> Iterator[tuple[str, str]]:
    for module in pkgutil.iter_modules(store.__path__):
        for name, value in vars(importlib.import_module(f"checkin.store.{module.name}")).items():
            if name.isupper() and isinstance(value, str) and value.startswith("\n"):
                yield f"{module.name}.{name}", value


async def test_every_statement_fits_the_schema_and_names_its_columns(conn: Connection) -> None:
    misfits = []
    found = list(statements())
    for name, sql in found:
        try:
            await conn.prepare(sql)
        except asyncpg.PostgresError as problem:
            misfits.append(f"{name}: {problem}")
        if "select *\n" in sql:
            misfits.append(f"{name}: names no columns")

    assert misfits == []
    assert len(found) > 40


async def test_every_table_of_a_mentee_has_the_mentee_in_its_primary_key(conn: Connection) -> None:
    """So that the database can be sharded on `mentee_id`."""
    broken = await conn.fetch(
        """
        select c.table_name
          from information_schema.columns c
         where c.table_schema = 'public'
           and c.column_name = 'mentee_id'
           and not exists (
               select 1
                 from information_schema.table_constraints t
                 join information_schema.key_column_usage k using (constraint_schema, constraint_name)
                where t.constraint_type = 'PRIMARY KEY'
                  and t.table_name = c.table_name
                  and k.column_name = 'mentee_id')
        """
    )

    assert [row["table_name"] for row in broken] == []


async def test_the_schema_version_is_the_newest_migration() -> None:
    newest = max(path.name.partition("_")[0] for path in migrations().glob("*.sql"))

    assert newest == SCHEMA_VERSION


def test_the_written_schema_is_what_the_migrations_make(tmp_path: Path) -> None:
    write_schema(tmp_path / "schema.sql")

    written = (migrations().parent / "schema.sql").read_text()
    assert written == (tmp_path / "schema.sql").read_text(), "run `make schema`"


@pytest.mark.parametrize("change", ["update audit set action = 'x'", "delete from audit", "truncate audit"])
async def test_audit_rows_are_only_ever_added(conn: Connection, people: Cast, change: str) -> None:
    before = await conn.fetchval("select count(*) from audit")

    with pytest.raises(Exception, match="only ever added"):
        await conn.execute(change)

    assert await conn.fetchval("select count(*) from audit") == before > 0


async def test_nothing_readable_of_phones_names_notes_and_texts_is_in_the_database(
    conn: Connection, people: Cast
) -> None:
    canaries = ["+12125550101", "Ana", "canary-note", "canary-text"]
    seen = ""
    await text(conn, people.mentee, "7 5 canary-note")
    await text(conn, people.mentee, "canary-text")
    await text(conn, people.mentee, "need a bus pass canary-text")
    await text(conn, people.mentor, "CALLED 41 canary-note")
    tables = await conn.fetch("select table_name from information_schema.tables where table_schema = 'public'")

    for table in tables:
        rows = await conn.fetch(f'select t::text as row from "{table["table_name"]}" t')
        for row in rows:
            plain = row["row"] + "".join(
                bytes.fromhex(part.split('"')[0].split(",")[0].split(")")[0]).decode("latin-1")
                for part in row["row"].replace("\\\\x", "\\x").split("\\x")[1:]
            )
            assert not [word for word in canaries if word in plain], table["table_name"]
            seen += plain

    assert "Harbor" in seen  # what is not sealed is found this way
