-- migrate:up
-- The sandbox: pretend phones, and a clock that can be moved. Empty wherever a real carrier is set.

create table sandbox_clock (
    single boolean primary key default true check (single),
    ahead interval not null default '0' check (ahead >= '0')
);

insert into sandbox_clock default values;

create table sandbox_texts (
    sid text primary key,
    phone_hash bytea not null,                                  -- the pretend phone
    direction text not null check (direction in ('to_phone', 'from_phone')),
    body bytea not null,                                        -- sealed
    at timestamptz not null
);

create index sandbox_texts_by_phone on sandbox_texts (phone_hash, at);

-- migrate:down
-- Migrations only go forward; to go back, restore the backup made before.
