-- migrate:up
-- The alerts' ledger in full: every place and what became of each step, who may be asked when, the rules of a program.

alter table programs add column activated_at timestamptz;       -- null: a draft; nobody is invited or nudged yet
update programs set activated_at = created_at;

-- Who is asked about alerts, and in which order, in the words of `core.routing`; none: mentor-first.
create table program_routing (
    program_id uuid primary key references programs (id),
    source text not null check (char_length(source) between 1 and 20000),
    set_at timestamptz not null
);

create table on_call (
    program_id uuid not null references programs (id),
    person_id uuid not null references people (id),
    since timestamptz not null,
    primary key (program_id, person_id)
);

alter table assignments drop constraint assignments_kind_check;
alter table assignments add constraint assignments_kind_check
    check (kind in ('primary', 'cover', 'facilitator', 'clinical_contact'));

-- What somebody who answers alerts has chosen. hours: [[weekday, opens, closes], ...]; null: the program's wall.
create table availability (
    person_id uuid primary key references people (id),
    hours jsonb check (jsonb_typeof(hours) = 'array' and jsonb_array_length(hours) between 1 and 28),
    digest_at time,
    alert_limit smallint check (alert_limit between 1 and 100),
    changed_at timestamptz not null
);

alter table absences add column cover_id uuid references people (id) check (cover_id <> mentor_id);
create index absences_by_cover on absences (cover_id) where cover_id is not null;

alter table alerts drop constraint alerts_kind_check;
alter table alerts add constraint alerts_kind_check check (
    kind in ('trend', 'silence', 'crisis', 'call_me', 'practical_help', 'opted_out', 'came_back', 'unreachable')
);
alter table alerts add column follows_id uuid;                   -- the alert of the same kind that this one goes on from
create index alerts_open_by_owner on alerts (owner_id) where resolved_at is null;

alter table alert_steps drop constraint alert_steps_role_check;
alter table alert_steps add constraint alert_steps_role_check
    check (role in ('mentor', 'cover', 'facilitator', 'clinical_contact', 'coordinator', 'on_call'));
alter table alert_steps drop constraint alert_steps_result_check;
alter table alert_steps add constraint alert_steps_result_check check (
    result in ('asked', 'empty', 'away', 'no_phone', 'opted_out', 'unreachable',
               'over_limit', 'off_hours', 'no_consent', 'already')
);
alter table alert_steps add column outside boolean not null default false;   -- asked outside their hours
alter table alert_steps add column through text not null default 'sms' check (through in ('sms'));
alter table alert_steps add column became text                   -- null: still waiting for an answer
    check (became in ('taken', 'taken_by_other', 'put_off', 'passed', 'closed', 'unanswered', 'undelivered'));
alter table alert_steps add column became_at timestamptz;
alter table alert_steps add column became_through text check (became_through in ('sms', 'app', 'web'));
alter table alert_steps add constraint alert_steps_answered_check check (
    (became is null) = (became_at is null) and (became is null or result = 'asked')
);
create index alert_steps_by_message on alert_steps (message_id) where message_id is not null;

-- migrate:down
-- Migrations only go forward; to go back, restore the backup made before.
