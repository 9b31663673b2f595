-- migrate:up
-- Silence about one message means something only while the carrier reports of others.

alter table senders add column heard_at timestamptz;            -- when the carrier last reported, to the second

-- migrate:down
-- Migrations only go forward; to go back, restore the backup made before.
