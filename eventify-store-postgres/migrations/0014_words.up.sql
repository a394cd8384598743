-- What people are told is kept as the name of a text and what is filled in; words are made of it when they look.
-- Processes of the schema before go on writing sentences; title and body go with a later step.

ALTER TABLE notifications
    ADD COLUMN words jsonb, ALTER COLUMN title SET DEFAULT '', ALTER COLUMN body SET DEFAULT '';
-- What was said already stays as it was said.
UPDATE notifications
    SET words = jsonb_build_object('Announcement', jsonb_build_object('title', title, 'body', body)) WHERE shown;
COMMENT ON COLUMN notifications.words IS 'The name of a text and what is filled in; null for what is not shown.';
