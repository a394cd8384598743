-- One job looks after what is held back for a webhook at which nothing arrives: it needs no column.
COMMENT ON COLUMN jobs.due_at IS 'Not before this. Of what is held back for a webhook a day later, unless it is let out before.';
