-- Mails that can wait, gathered and sent once a day.

ALTER TABLE preferences
    ADD COLUMN digest_at text CHECK (digest_at ~ '^[0-2][0-9]:[0-5][0-9]$'),
    ADD COLUMN digest_time_zone text,
    ADD CHECK (num_nulls(digest_at, digest_time_zone) IN (0, 2));
COMMENT ON COLUMN preferences.digest_at IS 'At this time of day mails that can wait come together; one by one when null.';

CREATE TABLE digest_boxes (
    user_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    drafts jsonb NOT NULL
);
COMMENT ON TABLE digest_boxes IS 'What waits for a digest of its person.';
