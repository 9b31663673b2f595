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

-- migrate:down
-- Migrations only go forward; to go back, restore the backup made before.
