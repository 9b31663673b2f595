-- migrate:up
-- How fast each sender may send, whether its circuit is open, and whether somebody has paused it.

create table senders (
    name text primary key,                                      -- the carrier's: our number, or a messaging service
    tokens double precision not null default 0 check (tokens >= 0),     -- messages it may send at once
    filled_at timestamptz not null,                             -- when the tokens were counted
    failures smallint not null default 0 check (failures >= 0), -- set-up errors in a row
    openings smallint not null default 0 check (openings >= 0), -- times in a row that the circuit opened
    open_until timestamptz,                                     -- not null: the circuit is open, then one probe goes
    probe uuid,                                                 -- the attempt that probes
    paused_at timestamptz,
    paused_because text check (paused_because in ('operator', 'moved')),
    instance text,                                              -- the database this row was written in
    check ((paused_at is null) = (paused_because is null))
);

alter table outbox add column claimed_at timestamptz;           -- when the latest attempt was begun

-- migrate:down
-- Migrations only go forward; to go back, restore the backup made before.
