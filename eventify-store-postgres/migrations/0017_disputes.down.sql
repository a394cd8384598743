-- Takes disputes with it, and all but one reason to look at a payment.
DELETE FROM ledger_entries WHERE kind IN ('chargeback', 'chargeback_returned');
ALTER TABLE ledger_entries DROP COLUMN dispute_id;
ALTER TABLE ledger_entries DROP CONSTRAINT ledger_entries_kind_check;
ALTER TABLE ledger_entries ADD CONSTRAINT ledger_entries_kind_check CHECK (kind IN ('charge', 'refund', 'fee'));
DROP TABLE payment_disputes;
DELETE FROM payment_refunds WHERE status = 'superseded';
ALTER TABLE payment_refunds DROP CONSTRAINT payment_refunds_status_check;
ALTER TABLE payment_refunds ADD CONSTRAINT payment_refunds_status_check CHECK (status IN ('due', 'done', 'failed'));
ALTER TABLE payment_refunds DROP COLUMN by_hand;
DROP INDEX IF EXISTS payments_of_transaction;
DROP INDEX IF EXISTS payments_open;
DROP INDEX IF EXISTS payments_attention;
DROP INDEX IF EXISTS payments_attention_of_event;
ALTER TABLE payments
    DROP COLUMN double_of,
    DROP COLUMN transaction,
    ALTER COLUMN attention DROP NOT NULL,
    ALTER COLUMN attention DROP DEFAULT,
    ALTER COLUMN attention TYPE text USING attention[1];
CREATE INDEX IF NOT EXISTS payments_attention ON payments (updated_at, id) WHERE attention IS NOT NULL;
CREATE INDEX IF NOT EXISTS payments_attention_of_event ON payments (event_id, updated_at, id)
    WHERE attention IS NOT NULL;
