-- migrate:up
-- What the whole conversation needs: consents, how urgent an alert is, mentors' leave, what the screen saw.

create table consents (
    person_id uuid not null references people (id),
    purpose text not null check (purpose in ('check_ins_by_sms', 'notes_to_mentor', 'clinical_contact', 'evaluation')),
    given_at timestamptz not null,
    version text not null,                                      -- of the words that were agreed to
    source text not null check (source in ('sms', 'app', 'web', 'paper', 'carrier')),
    withdrawn_at timestamptz check (withdrawn_at >= given_at),
    withdrawn_source text check (withdrawn_source in ('sms', 'app', 'web', 'paper', 'carrier')),
    primary key (person_id, purpose, given_at),
    check ((withdrawn_at is null) = (withdrawn_source is null))
);

create unique index consents_one_standing on consents (person_id, purpose) where withdrawn_at is null;

-- In this order: now: mentor and coordinator together; soon: through quiet hours; hours: in the reader's hours;
-- digest: can wait for a day.
create type urgency as enum ('now', 'soon', 'hours', 'digest');

alter table alerts add column urgency urgency not null default 'hours';

alter table alert_steps drop constraint alert_steps_result_check;
alter table alert_steps add constraint alert_steps_result_check
    check (result in ('asked', 'empty', 'away', 'no_phone', 'opted_out', 'unreachable'));

create table absences (
    mentor_id uuid not null references people (id),
    id uuid not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null check (ends_at > starts_at),
    primary key (mentor_id, id)
);

alter table inbox add column tier text not null default 'none' check (tier in ('A', 'B', 'C', 'none'));

alter table programs add column crisis_line text check (char_length(crisis_line) between 3 and 60);
alter table programs add column first_names boolean not null default false;     -- whether texts use first names

-- What a program says in its own words; checked by `core.text_rules` before it is written.
create table program_texts (
    program_id uuid not null references programs (id),
    text text not null,
    language text not null check (language in ('en', 'es')),
    body text not null check (char_length(body) between 1 and 480),
    primary key (program_id, text, language)
);

-- migrate:down
-- Migrations only go forward; to go back, restore the backup made before.
