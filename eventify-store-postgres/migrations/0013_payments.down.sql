-- Takes every payment with it, and what waits to be given back.
DELETE FROM jobs WHERE name IN ('refund_payment', 'watch_payment');
ALTER TABLE bookings DROP COLUMN paid_elsewhere;
DROP TABLE payment_refunds, payments, booking_payments, ledger_entries;
