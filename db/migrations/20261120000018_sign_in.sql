-- migrate:up
-- Signing in: codes by text, what has been asked for how often, sessions, and the devices a push may go to.

-- A request for a code, whoever's number it names. The worker looks up whose it is and makes the code, so that the
-- request itself is the same for numbers nobody has.
create table sign_in_codes (
    id uuid primary key,
    phone bytea,                                                -- sealed; dropped once the worker has looked
    phone_hash bytea not null check (octet_length(phone_hash) = 32),
    device_hash bytea check (octet_length(device_hash) = 32),   -- keyed; the only device that may use it
    person_id uuid references people (id),                      -- null: nobody was sent a code
    code_hash bytea check (octet_length(code_hash) = 32),       -- keyed
    asked_at timestamptz not null,
    expires_at timestamptz not null check (expires_at > asked_at),
    send_at timestamptz,                                        -- not null: the worker has not looked yet
    tries smallint not null default 0 check (tries between 0 and 5),
    used_at timestamptz,
    check ((person_id is null) = (code_hash is null)),
    check ((send_at is null) = (phone is null))
);

create index sign_in_codes_unsent on sign_in_codes (send_at) where send_at is not null;
create index sign_in_codes_by_phone on sign_in_codes (phone_hash, asked_at);
create index sign_in_codes_by_age on sign_in_codes (asked_at);

-- What was granted under a limit, one row a time; what is older than the limit's window no longer counts.
create table limited_uses (
    key bytea not null check (octet_length(key) = 32),          -- keyed hash of the limit and what it counts by
    at timestamptz not null,
    id uuid not null,
    primary key (key, at, id)
);

create index limited_uses_by_age on limited_uses (at);

-- One row a signed-in device: the family of its refresh tokens, of which only the newest *generation* is good.
create table sessions (
    person_id uuid not null references people (id),
    id uuid not null,
    device_id uuid,
    secret_hash bytea not null check (octet_length(secret_hash) = 32),      -- keyed
    generation integer not null default 0 check (generation >= 0),
    began_at timestamptz not null,
    renewed_at timestamptz not null,
    expires_at timestamptz not null check (expires_at > renewed_at),
    ended_at timestamptz,
    ended_because text check (ended_because in ('signed_out', 'replaced', 'reused')),
    primary key (person_id, id),
    check ((ended_at is null) = (ended_because is null))
);

create index sessions_by_age on sessions (expires_at);

create table devices (
    person_id uuid not null references people (id),
    id uuid not null,
    platform text not null check (platform in ('ios', 'android', 'web')),
    app_version text not null check (char_length(app_version) between 1 and 32),
    push_token bytea,                                           -- sealed
    push_token_hash bytea check (octet_length(push_token_hash) = 32),
    added_at timestamptz not null,
    seen_at timestamptz not null,
    primary key (person_id, id),
    check ((push_token is null) = (push_token_hash is null))
);

create unique index devices_one_owner on devices (push_token_hash) where push_token_hash is not null;

-- migrate:down
-- Migrations only go forward; to go back, restore the backup made before.
