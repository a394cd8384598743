-- Charges under a payment's number that are looked after beside the one that brought its money.

ALTER TABLE payments ADD COLUMN other_charge text;
COMMENT ON COLUMN payments.other_charge IS 'The name of another charge that may bring money, too; empty while nobody knows its name.';
