-- migrate:up
-- Which session a device was told of in, to be forgotten with it.
-- None where a token without one told of it, as one made by hand.
alter table devices add column session_id uuid;
alter table devices add constraint devices_session_fkey
    foreign key (person_id, session_id) references sessions (person_id, id) on delete cascade;
update devices d
   set session_id = (select s.id
                       from sessions s
                      where s.person_id = d.person_id and s.device_id = d.id and s.ended_at is null
                      order by s.renewed_at desc
                      limit 1);
-- Which of the others have signed out, nothing says. Who has not is texted until the app starts again, and tells of it.
delete from devices where session_id is null;

-- migrate:down
-- Migrations only go forward; to go back, restore the backup made before.
