-- Refunds that a provider accepts and makes later, or cannot make after all.

ALTER TABLE payment_refunds DROP CONSTRAINT payment_refunds_status_check;
ALTER TABLE payment_refunds ADD CONSTRAINT payment_refunds_status_check
    CHECK (status IN ('due', 'sent', 'done', 'failed', 'superseded', 'returned'));
ALTER TABLE payment_refunds DROP CONSTRAINT payment_refunds_check1;
ALTER TABLE payment_refunds ADD CONSTRAINT payment_refunds_error_check
    CHECK ((error IS NOT NULL) = (status IN ('failed', 'returned')));

ALTER TABLE ledger_entries DROP CONSTRAINT ledger_entries_kind_check;
ALTER TABLE ledger_entries ADD CONSTRAINT ledger_entries_kind_check
    CHECK (kind IN ('charge', 'refund', 'refund_returned', 'fee', 'chargeback', 'chargeback_returned'));
