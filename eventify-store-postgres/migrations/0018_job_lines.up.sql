-- Lines of the outside: whoever is slow, or has much to do, holds up nobody else.

ALTER TABLE jobs ADD COLUMN line text;
COMMENT ON COLUMN jobs.line IS 'Where a job of the class outside waits: payments, email, email_later, sms, push, publisher:<name>.';
UPDATE jobs SET line = CASE
    WHEN name IN ('refund_payment', 'watch_payment') THEN 'payments'
    WHEN name = 'publish' THEN 'publisher:' || (work #>> '{Publish,publisher}')
    WHEN name = 'deliver_token' THEN 'email'
    WHEN name = 'deliver_digest' THEN 'email_later'
    WHEN work #>> '{Deliver,channel}' = 'sms' THEN 'sms'
    WHEN work #>> '{Deliver,channel}' = 'push' THEN 'push'
    WHEN work #>> '{Deliver,message,fact}' IN (
        'ticket.purchased', 'ticket.checkin', 'ticket.reissued', 'booking.held', 'booking.confirmed', 'waitlist.offered',
        'payment.succeeded', 'payment.failed', 'account.email_verification', 'account.password_reset',
        'account.changed', 'webhook.test',
        'webhook.disabled'
    ) THEN 'email'
    ELSE 'email_later'
END
WHERE class = 'outside';
-- A process of the step before writes none: its jobs are found in the line that everybody serves.
CREATE INDEX IF NOT EXISTS jobs_in_line ON jobs ((COALESCE(line, 'payments')), listed_at, id)
    WHERE class = 'outside' AND status <> 'dead';
