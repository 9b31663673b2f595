"""Write the rows that planning left once more by COPY, into tables that are the same in all but their schema."""

import time
from pathlib import Path
from typing import Final

import asyncpg

TABLES: Final = ("outbox", "nudges", "nudge_plans")  # what planning writes, in the order of their foreign keys
SCHEMA: Final = "copied"

FOREIGN_KEYS: Final = """
    select conname, pg_get_constraintdef(oid) as definition
      from pg_constraint
     where contype = 'f'
       and conrelid = $1::text::regclass
"""


async def create_tables(conn: asyncpg.Connection) -> None:
    """Make empty tables with the columns, constraints and indexes of TABLES."""
    await conn.execute(f"create schema {SCHEMA}")
    for table in TABLES:
        await conn.execute(f"create table {SCHEMA}.{table} (like public.{table} including all)")
        for key in await conn.fetch(FOREIGN_KEYS, f"public.{table}"):
            await conn.execute(f"alter table {SCHEMA}.{table} add constraint {key['conname']} {key['definition']}")


async def take_out(conn: asyncpg.Connection, folder: Path) -> dict[str, Path]:
    """Write the rows of TABLES to a file each, in the format that is the least work to read."""
    files = {table: folder / f"{table}.copy" for table in TABLES}
    for table, file in files.items():
        await conn.copy_from_table(table, output=file, format="binary")
    return files


async def copy_in(conn: asyncpg.Connection, files: dict[str, Path]) -> dict[str, float]:
    """Read the *files* into the new tables, and return the seconds each took, its commit included."""
    seconds = {}
    for table, file in files.items():
        began = time.perf_counter()
        await conn.copy_to_table(table, schema_name=SCHEMA, source=file, format="binary")
        seconds[table] = time.perf_counter() - began
    return seconds
