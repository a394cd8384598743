-- What is held back for webhooks comes when it is due, at the latest a day later.
DELETE FROM jobs WHERE name = 'watch_webhook';
COMMENT ON COLUMN jobs.due_at IS NULL;
