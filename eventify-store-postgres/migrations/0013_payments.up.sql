-- What people pay, what is given back, and the ledger of both.

CREATE TABLE payments (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    booking_id uuid NOT NULL,
    event_id uuid NOT NULL,
    user_id uuid NOT NULL,
    provider text NOT NULL,
    by_hand boolean NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
    amount_currency text NOT NULL CHECK (length(amount_currency) = 3),
    status text NOT NULL CHECK (status IN ('created', 'pending', 'succeeded', 'failed', 'expired')),
    status_since timestamptz CHECK ((status_since IS NULL) = (status IN ('created', 'pending'))),
    received_minor bigint CHECK (received_minor >= 0),
    received_currency text CHECK (length(received_currency) = 3),
    reference text,
    redirect_url text,
    return_url text,
    fee_minor bigint CHECK (fee_minor >= 0),
    fee_currency text CHECK (length(fee_currency) = 3),
    attention text,
    failure text,
    last_error text,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK ((received_minor IS NULL) = (received_currency IS NULL)),
    CHECK ((received_minor IS NULL) = (status <> 'succeeded')),
    CHECK ((fee_minor IS NULL) = (fee_currency IS NULL))
);
COMMENT ON TABLE payments IS 'Attempts to pay for bookings, and what came of each.';
COMMENT ON COLUMN payments.redirect_url IS 'Where the payer has to go while it is open. Whoever knows it can pay, or see who does.';
COMMENT ON COLUMN payments.received_minor IS 'What came, as the provider says: not always what was asked for.';
CREATE INDEX IF NOT EXISTS payments_of_event ON payments (event_id, created_at, id);
CREATE INDEX IF NOT EXISTS payments_of_user ON payments (user_id, created_at, id);
CREATE INDEX IF NOT EXISTS payments_attention ON payments (updated_at, id) WHERE attention IS NOT NULL;
CREATE INDEX IF NOT EXISTS payments_attention_of_event ON payments (event_id, updated_at, id)
    WHERE attention IS NOT NULL;

CREATE TABLE payment_refunds (
    payment_id uuid NOT NULL,
    nth bigint NOT NULL,
    event_id uuid NOT NULL,
    id uuid NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
    amount_currency text NOT NULL CHECK (length(amount_currency) = 3),
    cause text NOT NULL,
    reason text,
    status text NOT NULL CHECK (status IN ('due', 'done', 'failed')),
    status_since timestamptz CHECK ((status_since IS NULL) = (status = 'due')),
    error text CHECK ((error IS NOT NULL) = (status = 'failed')),
    reference text,
    retries bigint NOT NULL CHECK (retries >= 0),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (payment_id, nth)
);
COMMENT ON TABLE payment_refunds IS 'What is given back of each payment, in the order in which it was decided.';

CREATE TABLE booking_payments (
    booking_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    event_id uuid NOT NULL,
    payments uuid[] NOT NULL
);
COMMENT ON TABLE booking_payments IS 'The payments of each booking: what makes a second start the same one.';

CREATE TABLE ledger_entries (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    event_id uuid NOT NULL,
    booking_id uuid NOT NULL,
    payment_id uuid NOT NULL,
    refund_id uuid,
    provider text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('charge', 'refund', 'fee')),
    amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
    amount_currency text NOT NULL CHECK (length(amount_currency) = 3),
    at timestamptz NOT NULL
);
COMMENT ON TABLE ledger_entries IS 'Every movement of money. Appended, never changed.';
CREATE INDEX IF NOT EXISTS ledger_entries_of_event ON ledger_entries (event_id, at, id);

ALTER TABLE bookings ADD COLUMN paid_elsewhere boolean NOT NULL DEFAULT false;
-- Of what was sold before nobody wrote down how it was paid.
UPDATE bookings SET paid_elsewhere = true WHERE status IN ('confirmed', 'cancelled') AND total_minor > 0;
COMMENT ON COLUMN bookings.paid_elsewhere IS 'Sold while nothing was paid through the deployment.';
