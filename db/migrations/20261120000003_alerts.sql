-- migrate:up
-- Alerts: something a human should look at, and every step taken until one does.

create sequence alert_numbers as integer minvalue 11 maxvalue 99999 cycle;

create table alerts (
    mentee_id uuid not null references people (id),
    id uuid not null,
    number integer not null default nextval('alert_numbers'),   -- the short number mentors text back
    kind text not null check (
        kind in ('trend', 'silence', 'crisis', 'call_me', 'practical_help', 'opted_out', 'unreachable')
    ),
    evidence jsonb not null check (jsonb_typeof(evidence) = 'array'),   -- every cause, the first one first
    raised_at timestamptz not null,
    step smallint not null default 0,                           -- how many steps have been taken
    rung smallint not null default 0,                           -- whose turn is next: mentor, cover, coordinators
    owner_id uuid references people (id),                       -- who was asked last, or who has it
    next_step_at timestamptz,                                   -- when it moves on by itself; null: a human has it
    acknowledged_at timestamptz,
    acknowledged_by uuid references people (id),
    acknowledged_through text check (acknowledged_through in ('sms', 'app', 'web')),
    resolved_at timestamptz,
    outcome text check (outcome in ('talked', 'left_message', 'no_answer', 'safe', 'referred')),
    outcome_note bytea,                                         -- sealed
    primary key (mentee_id, id),
    check (resolved_at is null or next_step_at is null),
    check ((acknowledged_at is null) = (acknowledged_by is null)),
    check (resolved_at is not null or acknowledged_at is not null or next_step_at is not null)
);

create unique index alerts_one_open on alerts (mentee_id, kind) where resolved_at is null;
create unique index alerts_by_id on alerts (id);
create index alerts_due on alerts (next_step_at) where next_step_at is not null;
create index alerts_open_by_number on alerts (number) where resolved_at is null;

create table alert_steps (
    mentee_id uuid not null,
    alert_id uuid not null,
    step smallint not null,
    person_id uuid references people (id),                      -- null: the place was empty
    role text not null check (role in ('mentor', 'cover', 'coordinator')),
    result text not null check (result in ('asked', 'empty', 'no_phone', 'opted_out', 'unreachable')),
    message_id uuid,
    at timestamptz not null,
    primary key (mentee_id, alert_id, step),
    foreign key (mentee_id, alert_id) references alerts (mentee_id, id),
    check ((result = 'asked') = (message_id is not null))
);

create index alert_steps_by_person on alert_steps (person_id);

-- migrate:down
-- Migrations only go forward; to go back, restore the backup made before.
