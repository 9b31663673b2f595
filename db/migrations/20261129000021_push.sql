-- migrate:up
-- Push: who would rather be asked that way, what a device takes pushes by, and which way a message goes.

alter table people add column nudges_by text not null default 'sms' check (nudges_by in ('sms', 'push'));
create index people_by_push on people (id) where nudges_by = 'push';

alter table devices add column push_provider text check (push_provider in ('fcm', 'web_push'));
update devices set push_provider = 'fcm' where push_token is not null;
alter table devices add constraint devices_push_whole_check check ((push_provider is null) = (push_token is null));

-- A message has one way at a time; a nudge that could not be pushed goes on by text, and says why.
alter table outbox add column way text not null default 'sms' check (way in ('sms', 'push'));
alter table outbox add column fell_back text
    check (fell_back in ('no_device', 'stopped', 'gone', 'refused', 'busy'));
create index outbox_pushes on outbox (lane, not_before) where status = 'queued' and way = 'push';

alter table alert_steps drop constraint alert_steps_through_check;
alter table alert_steps add constraint alert_steps_through_check check (through in ('sms', 'push'));

-- migrate:down
-- Migrations only go forward; to go back, restore the backup made before.
