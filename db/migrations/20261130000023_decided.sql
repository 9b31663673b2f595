-- migrate:up
-- What was decided later than it is: found at a glance, whatever there is before.
create index nudges_decided on nudges using brin (decided_at) with (autosummarize = on);

-- migrate:down
-- Migrations only go forward; to go back, restore the backup made before.
