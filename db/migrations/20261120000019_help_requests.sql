-- migrate:up
-- Practical help as something to be done by a day; and never two primary mentors at once.

-- Who has a request, and whether its time is over, is its alert's to say: an alert that is closed closes its requests.
create table help_requests (
    mentee_id uuid not null references people (id),
    id uuid not null,
    alert_id uuid not null,
    topic text not null check (topic in ('benefits', 'transport', 'housing', 'food', 'work', 'health', 'other')),
    words bytea,                                                -- sealed
    source text not null check (source in ('sms', 'app')),
    asked_at timestamptz not null,
    due_on date not null,                                       -- the mentee's local day
    closed_at timestamptz check (closed_at >= asked_at),
    closed_by uuid references people (id),
    outcome text check (outcome in ('helped', 'referred', 'not_needed', 'not_possible')),
    outcome_note bytea,                                         -- sealed
    primary key (mentee_id, id),
    foreign key (mentee_id, alert_id) references alerts (mentee_id, id),
    check ((closed_at is null) = (closed_by is null) and (closed_at is null) = (outcome is null)),
    check (outcome_note is null or closed_at is not null)
);

create unique index help_requests_by_id on help_requests (id);
create index help_requests_by_alert on help_requests (mentee_id, alert_id);

create unique index assignments_by_id on assignments (id);
create index alerts_held on alerts (acknowledged_by) where acknowledged_by is not null and resolved_at is null;
create index people_listed on people (program_id, id);

-- An exclusion constraint on (mentee, period) would need an extension that not every server has.
create function refuse_two_primaries() returns trigger language plpgsql as $$
begin
    perform 1 from people where id = new.mentee_id for no key update;
    if exists (select 1
                 from assignments a
                where a.mentee_id = new.mentee_id
                  and a.kind = 'primary'
                  and a.id <> new.id
                  and tstzrange(a.starts_at, a.ends_at) && tstzrange(new.starts_at, new.ends_at)) then
        raise exception 'a mentee has one primary mentor at a time' using errcode = 'exclusion_violation';
    end if;
    return new;
end
$$;

create trigger assignments_one_primary_at_a_time before insert or update on assignments
    for each row when (new.kind = 'primary') execute function refuse_two_primaries();

-- migrate:down
-- Migrations only go forward; to go back, restore the backup made before.
