-- migrate:up
-- When the day of the last nudge ends, and with it the time to answer: then somebody looks whether there is silence.

alter table nudge_plans add column silence_check_at timestamptz;              -- null: nothing to look at

create index nudge_plans_silence on nudge_plans (silence_check_at) where silence_check_at is not null;

-- migrate:down
-- Migrations only go forward; to go back, restore the backup made before.
