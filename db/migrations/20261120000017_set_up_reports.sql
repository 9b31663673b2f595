-- migrate:up
-- Some errors of our set-up are told only after the carrier has accepted a message.

alter table senders
  add column reported smallint not null default 0 check (reported >= 0);  -- such reports in a row

-- migrate:down
-- Migrations only go forward; to go back, restore the backup made before.
