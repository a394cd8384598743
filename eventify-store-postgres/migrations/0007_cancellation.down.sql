-- Takes what is to be given back with it.
ALTER TABLE bookings DROP COLUMN refund_currency, DROP COLUMN refund_minor, DROP COLUMN cancellation;
ALTER TABLE events DROP COLUMN cancellation;
