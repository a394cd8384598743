-- The addresses of offers that are over are gone for good.
DROP INDEX staff_grants_of_user, waitlist_entries_of_user;
ALTER TABLE transfers DROP COLUMN to_hash;
UPDATE transfers SET to_email = '' WHERE to_email IS NULL;
ALTER TABLE transfers ALTER COLUMN to_email SET NOT NULL;
