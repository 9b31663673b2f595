-- migrate:up
-- What people answered, what they answered before, and what the trend detector remembers of it.

-- id is derived from the answer itself, so the same answer is the same row however often it arrives.
create table check_ins (
    mentee_id uuid not null references people (id),
    day date not null,                                          -- the local day it speaks of
    id uuid not null,
    mood smallint check (mood between 0 and 10),
    hope smallint check (hope between 0 and 10),
    skipped boolean not null default false,
    note bytea,                                                 -- sealed
    note_shared boolean not null default false,
    answered_at timestamptz not null,
    received_at timestamptz not null,
    time_zone text not null,
    source text not null check (source in ('app', 'sms', 'web', 'import')),
    primary key (mentee_id, day),
    check (not skipped or (mood is null and hope is null)),
    check (skipped or mood is not null or hope is not null or note is not null)
);

-- Answers that were replaced by a newer one, or arrived older than the one that stands.
create table check_in_history (
    mentee_id uuid not null references people (id),
    day date not null,
    id uuid not null,
    mood smallint,
    hope smallint,
    skipped boolean not null,
    note bytea,
    note_shared boolean not null,
    answered_at timestamptz not null,
    received_at timestamptz not null,
    time_zone text not null,
    source text not null,
    replaced_at timestamptz not null,
    primary key (mentee_id, day, id)
);

-- version guards every write of a mentee's check-ins: a writer that read an older one writes nothing.
create table trend_states (
    mentee_id uuid primary key references people (id),
    version integer not null default 0,
    trail bytea not null check (octet_length(trail) < 1024),
    updated_at timestamptz not null
) with (fillfactor = 70);

-- migrate:down
-- Migrations only go forward; to go back, restore the backup made before.
