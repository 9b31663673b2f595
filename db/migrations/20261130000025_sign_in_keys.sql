-- migrate:up
-- Under which Idempotency-Key a code was asked for: a keyed hash of the phone, the device and the key together.
alter table sign_in_codes add column key_hash bytea check (octet_length(key_hash) = 32);

-- migrate:down
-- Migrations only go forward; to go back, restore the backup made before.
