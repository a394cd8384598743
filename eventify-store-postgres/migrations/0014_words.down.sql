-- What was told since then has no sentences.
ALTER TABLE notifications
    DROP COLUMN words, ALTER COLUMN title DROP DEFAULT, ALTER COLUMN body DROP DEFAULT;
