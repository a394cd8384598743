-- What is kept of people can be found by person; an offer that is over keeps nobody's address from here on.

ALTER TABLE transfers ALTER COLUMN to_email DROP NOT NULL;
-- Of offers that were made before nobody is recognised.
ALTER TABLE transfers ADD COLUMN to_hash bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex');
COMMENT ON COLUMN transfers.to_hash IS 'The address under keyring.account_key.';

CREATE INDEX IF NOT EXISTS waitlist_entries_of_user ON waitlist_entries (user_id, joined_at, ticket_type_id, number);
CREATE INDEX IF NOT EXISTS staff_grants_of_user ON staff_grants (user_id, event_id);
