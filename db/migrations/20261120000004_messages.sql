-- migrate:up
-- Messages: the one way out, and the memory of what came in.

create type lane as enum ('crisis', 'alert', 'reply', 'code', 'nudge');     -- in the order they leave

create table outbox (
    mentee_id uuid not null,                                    -- whom it is about; else the person it goes to
    id uuid not null,
    person_id uuid,                                             -- whom it goes to
    lane lane not null,
    dedupe_key text not null,
    day date,                                                   -- the local day a nudge asks about
    phone bytea not null,                                       -- sealed
    phone_hash bytea not null,
    body bytea,                                                 -- sealed; dropped some time after delivery
    status text not null default 'queued' check (
        status in ('queued', 'claimed', 'sent', 'delivered', 'undelivered', 'failed', 'uncertain', 'expired', 'cancelled')
    ),
    not_before timestamptz not null,
    expires_at timestamptz not null check (expires_at > not_before),
    attempts smallint not null default 0,
    attempt_id uuid,
    claimed_until timestamptz,                                  -- the lease of who is sending it; or when to look again
    provider_sid text,
    error_code integer,
    created_at timestamptz not null,
    sent_at timestamptz,
    settled_at timestamptz,
    primary key (mentee_id, id),
    unique (mentee_id, dedupe_key),
    check (status not in ('claimed', 'uncertain') or claimed_until is not null)
);

create index outbox_due on outbox (lane, not_before) where status = 'queued';
create index outbox_leased on outbox (claimed_until) where status in ('claimed', 'uncertain');
create index outbox_waiting_by_phone on outbox (phone_hash) where status in ('queued', 'claimed', 'uncertain');
create unique index outbox_by_id on outbox (id);

create table inbox (
    provider_sid text primary key check (char_length(provider_sid) between 1 and 64),
    person_id uuid references people (id),                      -- null: a number we do not know, or share
    body bytea not null,                                        -- sealed
    body_hash bytea not null,                                   -- keyed; shows a second text under the same id
    reading text not null,                                      -- what it was taken for
    received_at timestamptz not null
);

create index inbox_by_person on inbox (person_id, received_at);

-- migrate:down
-- Migrations only go forward; to go back, restore the backup made before.
