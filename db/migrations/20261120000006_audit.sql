-- migrate:up
-- Who looked at or changed whose data, and when. Rows are only ever added.

create table audit (
    person_id uuid not null,                                    -- whose
    id uuid not null,
    actor_id uuid,                                              -- who; null: the program itself
    actor text not null check (actor in ('mentee', 'mentor', 'coordinator', 'operator', 'system')),
    action text not null,
    about text,                                                 -- a day, an alert's id: never a score, a number or a word
    at timestamptz not null,
    primary key (person_id, id)
);

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% rows are only ever added', tg_table_name using errcode = 'insufficient_privilege';
end
$$;

create trigger audit_only_grows before update or delete or truncate on audit
    for each statement execute function refuse_change();

-- migrate:down
-- Migrations only go forward; to go back, restore the backup made before.
