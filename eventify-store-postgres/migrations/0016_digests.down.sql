-- What waits for a digest is lost as mail, and stays in the history: let the digests be sent first.
DELETE FROM jobs WHERE name IN ('empty_digest', 'deliver_digest');
DROP TABLE digest_boxes;
ALTER TABLE preferences DROP COLUMN digest_at, DROP COLUMN digest_time_zone;
