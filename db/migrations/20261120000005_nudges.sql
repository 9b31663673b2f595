-- migrate:up
-- Nudges: when each mentee is asked next, and what became of every time they were due.

create table nudge_plans (
    mentee_id uuid primary key references people (id),
    times time[] not null default '{18:00}' check (cardinality(times) between 1 and 6),
    weekdays smallint[] not null default '{1,2,3,4,5,6,7}' check (weekdays <@ '{1,2,3,4,5,6,7}'::smallint[]),
    quiet_from time not null default '21:00',
    quiet_until time not null default '08:00',
    paused_until date,                                          -- asked again on that day
    next_nudge_at timestamptz                                   -- null: never
) with (fillfactor = 80);

create index nudge_plans_due on nudge_plans (next_nudge_at) where next_nudge_at is not null;

create table nudges (
    mentee_id uuid not null references people (id),
    day date not null,
    kind text not null check (kind in ('nudge', 'reminder')),
    due_at timestamptz not null,
    decided_at timestamptz not null,
    decision text not null,                                     -- 'sent', or the reason why not
    message_id uuid,
    primary key (mentee_id, day, kind),
    check ((decision = 'sent') = (message_id is not null))
);

-- migrate:down
-- Migrations only go forward; to go back, restore the backup made before.
