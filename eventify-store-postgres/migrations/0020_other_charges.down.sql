ALTER TABLE payments DROP COLUMN other_charge;
