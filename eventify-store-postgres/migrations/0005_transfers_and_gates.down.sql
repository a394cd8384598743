-- Takes transfers and scans that were made without network with it.
DROP TABLE gate_scans, transfers;
ALTER TABLE tickets DROP COLUMN transfer;
