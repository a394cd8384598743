-- What came back is forgotten with its way there; what may still fail counts as made.
DELETE FROM ledger_entries
WHERE kind = 'refund_returned' OR refund_id IN (SELECT id FROM payment_refunds WHERE status = 'returned');
DELETE FROM payment_refunds WHERE status = 'returned';
UPDATE payment_refunds SET status = 'done' WHERE status = 'sent';
ALTER TABLE ledger_entries DROP CONSTRAINT ledger_entries_kind_check;
ALTER TABLE ledger_entries ADD CONSTRAINT ledger_entries_kind_check
    CHECK (kind IN ('charge', 'refund', 'fee', 'chargeback', 'chargeback_returned'));
ALTER TABLE payment_refunds DROP CONSTRAINT payment_refunds_error_check;
ALTER TABLE payment_refunds ADD CONSTRAINT payment_refunds_check1 CHECK ((error IS NOT NULL) = (status = 'failed'));
ALTER TABLE payment_refunds DROP CONSTRAINT payment_refunds_status_check;
ALTER TABLE payment_refunds ADD CONSTRAINT payment_refunds_status_check
    CHECK (status IN ('due', 'done', 'failed', 'superseded'));
