-- How long before their start events remind their ticket holders.

ALTER TABLE events ADD COLUMN reminders text[] NOT NULL DEFAULT '{P1D,PT1H}';
COMMENT ON COLUMN events.reminders IS 'ISO 8601 durations before the start, the longest first.';
