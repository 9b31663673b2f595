-- migrate:up
-- Programs, the people in them, and who stands by whom.

create table programs (
    id uuid primary key,
    name text not null unique check (char_length(name) between 1 and 80),
    country text not null default 'US' check (country ~ '^[A-Z]{2}$'),
    time_zone text not null,
    texts_from time not null default '08:00',                   -- the legal wall: no routine text outside it
    texts_until time not null default '21:00',
    false_alerts_per_year smallint not null default 2 check (false_alerts_per_year in (1, 2, 3, 4, 6)),
    pass_on_after interval not null default '4 hours' check (pass_on_after between '1 minute' and '7 days'),
    created_at timestamptz not null,
    check (texts_from < texts_until)
);

-- name and phone are sealed (AES-256-GCM); a phone is found by its keyed hash.
create table people (
    id uuid primary key,
    program_id uuid not null references programs (id),
    roles text[] not null check (roles <@ array['mentee', 'mentor', 'coordinator'] and cardinality(roles) > 0),
    status text not null check (status in ('invited', 'active', 'ended')),
    name bytea not null,
    phone bytea,
    phone_hash bytea check (octet_length(phone_hash) = 32),
    language text not null check (language in ('en', 'es')),
    time_zone text not null,
    opted_out_at timestamptz,                                   -- STOP: no text leaves until START
    unreachable_at timestamptz,                                 -- the carrier says the number cannot be reached
    created_at timestamptz not null,
    check ((phone is null) = (phone_hash is null))
);

create index people_by_phone on people (phone_hash) where phone_hash is not null;
create index people_by_program on people (program_id);

create table assignments (
    mentee_id uuid not null references people (id),
    id uuid not null,
    mentor_id uuid not null references people (id),
    kind text not null check (kind in ('primary', 'cover')),
    starts_at timestamptz not null,
    ends_at timestamptz check (ends_at > starts_at),
    primary key (mentee_id, id),
    check (mentee_id <> mentor_id)
);

create unique index assignments_one_primary on assignments (mentee_id) where kind = 'primary' and ends_at is null;
create index assignments_by_mentor on assignments (mentor_id);

-- migrate:down
-- Migrations only go forward; to go back, restore the backup made before.
