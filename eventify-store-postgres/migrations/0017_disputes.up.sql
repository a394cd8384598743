-- Charges that a provider made twice, disputes, and every reason for which somebody has to look at a payment.

DROP INDEX IF EXISTS payments_attention;
DROP INDEX IF EXISTS payments_attention_of_event;
ALTER TABLE payments
    ADD COLUMN double_of uuid,
    ADD COLUMN transaction text,
    ALTER COLUMN attention TYPE text[] USING CASE WHEN attention IS NULL THEN '{}' ELSE ARRAY[attention] END,
    ALTER COLUMN attention SET DEFAULT '{}',
    ALTER COLUMN attention SET NOT NULL;
COMMENT ON COLUMN payments.double_of IS 'Of a charge that the provider made once more under the number of another payment: that payment.';
COMMENT ON COLUMN payments.transaction IS 'What the provider calls the money by when somebody disputes it.';
COMMENT ON COLUMN payments.attention IS 'Why somebody has to look at it; empty when nobody has to.';
CREATE INDEX IF NOT EXISTS payments_attention ON payments (updated_at, id) WHERE attention <> '{}';
CREATE INDEX IF NOT EXISTS payments_attention_of_event ON payments (event_id, updated_at, id)
    WHERE attention <> '{}';
CREATE INDEX IF NOT EXISTS payments_open ON payments (created_at, id) WHERE status IN ('created', 'pending');
CREATE INDEX IF NOT EXISTS payments_of_transaction ON payments (provider, transaction, created_at, id)
    WHERE transaction IS NOT NULL;

ALTER TABLE payment_refunds ADD COLUMN by_hand boolean NOT NULL DEFAULT false;
ALTER TABLE payment_refunds DROP CONSTRAINT payment_refunds_status_check;
ALTER TABLE payment_refunds ADD CONSTRAINT payment_refunds_status_check
    CHECK (status IN ('due', 'done', 'failed', 'superseded'));
COMMENT ON COLUMN payment_refunds.by_hand IS 'Whether people paid it out: the provider knows nothing of it.';

CREATE TABLE payment_disputes (
    payment_id uuid NOT NULL,
    nth bigint NOT NULL,
    event_id uuid NOT NULL,
    id uuid NOT NULL,
    reference text NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
    amount_currency text NOT NULL CHECK (length(amount_currency) = 3),
    reason text,
    status text NOT NULL CHECK (status IN ('open', 'won', 'lost')),
    moves bigint NOT NULL CHECK (moves BETWEEN 0 AND 2),
    taken_minor bigint NOT NULL CHECK (taken_minor >= 0),
    taken_currency text NOT NULL CHECK (length(taken_currency) = 3),
    returned_minor bigint NOT NULL CHECK (returned_minor >= 0),
    returned_currency text NOT NULL CHECK (length(returned_currency) = 3),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (payment_id, nth)
);
COMMENT ON TABLE payment_disputes IS 'What payers'' banks were asked to take back of each payment, what they took, and what of it came back.';

ALTER TABLE ledger_entries ADD COLUMN dispute_id uuid;
ALTER TABLE ledger_entries DROP CONSTRAINT ledger_entries_kind_check;
ALTER TABLE ledger_entries ADD CONSTRAINT ledger_entries_kind_check
    CHECK (kind IN ('charge', 'refund', 'fee', 'chargeback', 'chargeback_returned'));
