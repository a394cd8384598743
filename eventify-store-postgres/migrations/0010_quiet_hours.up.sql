-- When people want to be left alone.

ALTER TABLE preferences
    ADD COLUMN quiet_from text CHECK (quiet_from ~ '^[0-2][0-9]:[0-5][0-9]$'),
    ADD COLUMN quiet_to text CHECK (quiet_to ~ '^[0-2][0-9]:[0-5][0-9]$'),
    ADD COLUMN quiet_time_zone text,
    ADD CHECK (num_nulls(quiet_from, quiet_to, quiet_time_zone) IN (0, 3));
COMMENT ON COLUMN preferences.quiet_from IS 'From this time of day until quiet_to nothing that can wait leaves the house.';
