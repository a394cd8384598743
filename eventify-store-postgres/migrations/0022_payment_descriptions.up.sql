-- What a payment says to its payer is kept with it: asked for again it has to be the same charge, word for word.

ALTER TABLE payments ADD COLUMN description text NOT NULL DEFAULT '';
COMMENT ON COLUMN payments.description IS 'What the payer reads at the provider: the event''s title when the payment was begun.';
-- Of those that were begun already only what no provider was told of is asked for again.
UPDATE payments SET description = left(events.title, 200) FROM events
WHERE events.id = payments.event_id AND payments.status = 'created';
