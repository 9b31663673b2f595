-- migrate:up
-- What clients that work offline need: a feed of what has changed for each of them, and answers that are given again.

-- What a person has been told of, to tell what is new or gone when they ask again. Nothing that writes looks in here.
create table feeds (
    person_id uuid primary key references people (id),
    id uuid not null,                                           -- another one when the feed begins anew
    instance text,                                              -- the database it was written in
    version bigint not null default 0 check (version >= 0),
    forgotten bigint not null default 0 check (forgotten between 0 and version)  -- the last of what is forgotten
);

create table feed_items (
    person_id uuid not null references feeds (person_id),
    kind text not null,
    id text not null,
    version bigint not null check (version > 0),                -- of the feed, when it last changed or went
    tag bytea not null check (octet_length(tag) = 16),          -- a keyed hash of what it said
    gone_at timestamptz,
    primary key (person_id, kind, id)
);

create index feed_items_gone on feed_items (gone_at) where gone_at is not null;

-- What was answered to a call with an Idempotency-Key, for a day.
create table kept_answers (
    person_id uuid not null references people (id),
    id uuid not null,                                           -- made of the operation and the key
    said_hash bytea not null check (octet_length(said_hash) = 32),
    status smallint not null check (status between 200 and 499),
    body bytea not null,                                        -- sealed
    kept_at timestamptz not null,
    primary key (person_id, id)
);

create index kept_answers_by_age on kept_answers (kept_at);

-- migrate:down
-- Migrations only go forward; to go back, restore the backup made before.
