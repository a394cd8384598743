-- Events that are on sale remind nobody any more.
DELETE FROM jobs WHERE name = 'tell_of_start';
ALTER TABLE events DROP COLUMN reminders;
