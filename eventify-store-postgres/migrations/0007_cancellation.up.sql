-- Until when bookings may be cancelled by their person, and what comes back. The defaults are what processes that do not
-- know of it write: until the start, and everything.

ALTER TABLE events ADD COLUMN cancellation jsonb NOT NULL
    DEFAULT '{"until": "PT0S", "refund": [{"until": "PT0S", "percent": 100}]}';
COMMENT ON COLUMN events.cancellation IS 'The policy for those who book now and cancel later.';

ALTER TABLE bookings ADD COLUMN cancellation jsonb NOT NULL
    DEFAULT '{"until": "PT0S", "refund": [{"until": "PT0S", "percent": 100}]}';
ALTER TABLE bookings ADD COLUMN refund_minor bigint CHECK (refund_minor BETWEEN 0 AND total_minor);
ALTER TABLE bookings ADD COLUMN refund_currency text CHECK (refund_currency = total_currency);
-- What was cancelled with tickets before came back wholly.
UPDATE bookings SET refund_minor = total_minor, refund_currency = total_currency
    WHERE status = 'cancelled' AND tickets <> '{}';
ALTER TABLE bookings ADD CHECK ((refund_minor IS NULL) = (refund_currency IS NULL));
ALTER TABLE bookings ADD CHECK (refund_minor IS NULL OR status = 'cancelled');
COMMENT ON COLUMN bookings.cancellation IS 'The policy of the event when it was booked.';
COMMENT ON COLUMN bookings.refund_minor IS 'What is to be given back; null unless it was cancelled with tickets.';
