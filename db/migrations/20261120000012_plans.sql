-- migrate:up
-- What moves a mentee's nudges over the years: pauses, the zones they lived in, and the programme's holidays.

create table pauses (
    mentee_id uuid not null references people (id),
    id uuid not null,
    starts_on date not null,                                    -- the first local day without a nudge
    until date not null,                                        -- asked again on that day
    source text not null check (source in ('sms', 'app', 'coordinator', 'operator')),
    made_at timestamptz not null,
    ended_at timestamptz,                                       -- taken back, or ended early
    primary key (mentee_id, id),
    check (starts_on < until)
);

-- A mentee who never moved has no row; the first move writes two: where they came from, and where they went.
create table zone_history (
    mentee_id uuid not null references people (id),
    since timestamptz not null,
    zone text not null,
    source text not null check (source in ('enrolment', 'app', 'coordinator', 'operator')),
    primary key (mentee_id, since)
);

create table holidays (
    program_id uuid not null references programs (id),
    day date not null,
    name text not null check (char_length(name) between 1 and 80),
    primary key (program_id, day)
);

-- When the pauses that are under way were begun was not written down; they go on from today.
insert into pauses (mentee_id, id, starts_on, until, source, made_at)
select n.mentee_id, gen_random_uuid(), (now() at time zone p.time_zone)::date, n.paused_until, 'sms', now()
  from nudge_plans n
  join people p on p.id = n.mentee_id
 where n.paused_until > (now() at time zone p.time_zone)::date;

alter table nudge_plans drop column paused_until;

-- migrate:down
-- Migrations only go forward; to go back, restore the backup made before.
