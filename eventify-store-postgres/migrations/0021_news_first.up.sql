-- News go before words to everybody: lines of their own. Those that a process wrote which knew no lines get theirs, too.

COMMENT ON COLUMN jobs.line IS 'Where a job of the class outside waits: payments, email, email_news, email_later, sms, sms_later, push, push_later, publisher:<name>.';
UPDATE jobs SET line = CASE
    WHEN name IN ('refund_payment', 'watch_payment') THEN 'payments'
    WHEN name = 'publish' THEN 'publisher:' || (work #>> '{Publish,publisher}')
    WHEN name = 'deliver_token' THEN 'email'
    WHEN name = 'deliver_digest' THEN 'email_later'
    WHEN work #>> '{Deliver,message,fact}' IN (
        'announcement', 'digest', 'review.submitted', 'review.approved', 'review.rejected', 'review.replied'
    ) THEN (work #>> '{Deliver,channel}') || '_later'
    WHEN work #>> '{Deliver,channel}' <> 'email' THEN work #>> '{Deliver,channel}'
    WHEN work #>> '{Deliver,message,fact}' IN (
        'ticket.purchased', 'ticket.checkin', 'ticket.reissued', 'booking.held', 'booking.confirmed', 'waitlist.offered',
        'payment.succeeded', 'payment.failed', 'account.email_verification', 'account.password_reset',
        'account.changed', 'webhook.test', 'webhook.disabled'
    ) THEN 'email'
    ELSE 'email_news'
END
WHERE class = 'outside';
