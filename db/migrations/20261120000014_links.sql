-- migrate:up
-- Links in alert texts: each opens one alert for one person, once, and is then the session that came of it.

create table alert_links (
    mentee_id uuid not null,
    id uuid not null,
    alert_id uuid not null,
    person_id uuid not null references people (id),             -- whose phone it was sent to
    token_hash bytea not null check (octet_length(token_hash) = 32),    -- keyed; the token itself is kept nowhere
    made_at timestamptz not null,
    expires_at timestamptz not null check (expires_at > made_at),
    asked_for boolean not null,                                 -- whether they asked for it on the page
    used_at timestamptz,
    session_hash bytea check (octet_length(session_hash) = 32), -- keyed; what the cookie holds is kept nowhere
    session_until timestamptz,
    primary key (mentee_id, id),
    foreign key (mentee_id, alert_id) references alerts (mentee_id, id),
    check ((used_at is null) = (session_hash is null)),
    check ((used_at is null) = (session_until is null))
);

create unique index alert_links_by_token on alert_links (token_hash);
create unique index alert_links_by_session on alert_links (session_hash) where session_hash is not null;
create index alert_links_asked_for on alert_links (person_id, made_at) where asked_for;

-- migrate:down
-- Migrations only go forward; to go back, restore the backup made before.
