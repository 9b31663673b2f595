-- migrate:up
-- What the carrier said that we know nothing of: a report of no message of ours, a status word, an error code.

create table carrier_unknowns (
    kind text not null check (kind in ('message', 'word', 'code')),
    code integer not null default 0,                            -- the error code; 0 for the other kinds
    times bigint not null check (times > 0),
    last_at timestamptz not null,
    primary key (kind, code),
    check ((kind = 'code') = (code <> 0))
);

-- Whose the messages in the carrier's list are.
create index outbox_by_sid on outbox (provider_sid) where provider_sid is not null;

-- migrate:down
-- Migrations only go forward; to go back, restore the backup made before.
