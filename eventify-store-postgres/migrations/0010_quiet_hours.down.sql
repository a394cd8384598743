-- What waits for the end of quiet hours goes out then; new messages do not wait any more.
ALTER TABLE preferences DROP COLUMN quiet_from, DROP COLUMN quiet_to, DROP COLUMN quiet_time_zone;
